"""The usage log and its counters."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from credits import ledger, metering
from credits.models import Metric, UsageCounter, UsageRecord, Wallet
from tests.credits.books import assert_whole, fund, hold, in_minutes
from tests.credits.races import at_once, kinds


def spend_a_session(user):
    """Count one session."""
    return metering.record(user_id=user.pk, metric=Metric.SESSION, quantity=1)


@pytest.mark.django_db
def test_a_model_call_is_written_with_its_charge(alice):
    fund(alice.wallet.pk, 20)
    turn = ledger.Reference("turn", uuid4())
    held = hold(alice.wallet.pk, 8)
    with transaction.atomic():
        paid = ledger.settle(hold_id=held.hold_id, amount=3, key="s")
        usage = metering.record(
            user_id=alice.pk,
            metric=Metric.LLM_CALL,
            quantity=24_000,
            credits=3,
            entry_id=paid.entry_id,
            reference=turn,
            provider="house",
            model="house",
            tokens_in=20_000,
            tokens_out=4_000,
            cost_usd=Decimal("0.120000"),
            endpoint="stream",
            metadata={"attempt": 1},
        )
    usage = UsageRecord.objects.select_related("entry").get(pk=usage.pk)
    assert usage.entry is not None
    assert (usage.entry.amount, usage.credits) == (-3, 3)
    assert (usage.reference_kind, usage.reference_id) == turn
    assert (usage.tokens_in, usage.tokens_out, usage.cost_usd) == (20_000, 4_000, Decimal("0.12"))
    assert (usage.provider, usage.model, usage.endpoint) == ("house", "house", "stream")
    assert usage.metadata == {"attempt": 1}
    assert metering.used(user_id=alice.pk, metric=Metric.LLM_CALL) == 24_000
    assert_whole()


@pytest.mark.django_db
def test_counters_belong_to_user_metric_and_period(alice, bob):
    spend_a_session(alice)
    spend_a_session(alice)
    spend_a_session(bob)
    assert metering.used(user_id=alice.pk, metric=Metric.SESSION) == 2
    assert metering.used(user_id=alice.pk, metric=Metric.LLM_CALL) == 0
    period = metering.running_period(user_id=alice.pk)
    Wallet.objects.of(alice).update(period_start=period.end, period_end=in_minutes(90 * 24 * 60))
    UsageCounter.objects.filter(user=alice).update(period_start=in_minutes(-90 * 24 * 60))
    assert metering.used(user_id=alice.pk, metric=Metric.SESSION) == 0
    assert metering.used(user_id=bob.pk, metric=Metric.SESSION) == 1


@pytest.mark.django_db
def test_a_quota_check_reads_the_wallet_and_one_counter(alice, django_assert_num_queries):
    spend_a_session(alice)
    with django_assert_num_queries(2):
        assert metering.used(user_id=alice.pk, metric=Metric.SESSION) == 1


@pytest.mark.django_db
def test_a_failed_charge_leaves_no_usage(alice):
    def failing():
        with transaction.atomic():
            spend_a_session(alice)
            hold(alice.wallet.pk, 10**6)

    with pytest.raises(ledger.InsufficientCredits):
        failing()
    assert not UsageRecord.objects.exists()
    assert metering.used(user_id=alice.pk, metric=Metric.SESSION) == 0


@pytest.mark.django_db
def test_an_erased_user_leaves_nameless_usage(alice):
    spend_a_session(alice)
    alice.delete()
    assert UsageRecord.objects.get().user is None
    assert not UsageCounter.objects.exists()
    assert_whole()


def sample(*users, quantity=7):
    return [metering.Act(user_id=user.pk, metric=Metric.STORAGE, quantity=quantity) for user in users]


@pytest.mark.django_db
def test_a_batch_is_in_the_log_once(alice, bob):
    assert metering.record_batch(key="monday", acts=sample(alice, bob)) == 2
    assert metering.record_batch(key="monday", acts=sample(alice, bob, quantity=99)) == 0
    assert metering.record_batch(key="tuesday", acts=sample(alice)) == 1
    assert metering.used(user_id=alice.pk, metric=Metric.STORAGE) == 14
    assert metering.used(user_id=bob.pk, metric=Metric.STORAGE) == 7
    assert set(UsageRecord.objects.values_list("unit", flat=True)) == {"byte_days"}
    assert_whole()


@pytest.mark.django_db
def test_a_batch_takes_as_many_questions_for_many_users_as_for_one(alice, bob, charlie):
    with CaptureQueriesContext(connection) as one:
        metering.record_batch(key="one", acts=sample(alice))
    with CaptureQueriesContext(connection) as three:
        metering.record_batch(key="three", acts=sample(alice, bob, charlie))
    assert len(three) == len(one)


@pytest.mark.django_db
def test_whoever_is_gone_is_left_out_of_a_batch(alice, bob):
    acts = sample(alice, bob)
    alice.delete()
    assert metering.record_batch(key="monday", acts=acts) == 1
    assert_whole()


@pytest.mark.django_db(transaction=True)
def test_one_batch_at_once_is_recorded_once(alice, bob):
    results = at_once(*[lambda: metering.record_batch(key="monday", acts=sample(alice, bob))] * 8)
    assert sorted(results) == [0] * 7 + [2]
    assert_whole()


@pytest.mark.django_db(transaction=True)
def test_batches_and_acts_at_once_lose_no_count(alice, bob):
    jobs = [
        lambda n=n: metering.record_batch(key=str(n), acts=sample(*((alice, bob) if n % 2 else (bob, alice))))
        for n in range(8)
    ]
    assert kinds(at_once(*jobs, *[lambda: spend_a_session(alice)] * 4)) == []
    assert metering.used(user_id=alice.pk, metric=Metric.STORAGE) == 56
    assert_whole()


@pytest.mark.django_db
def test_an_act_whose_price_nobody_knows_is_marked(alice):
    metering.record(user_id=alice.pk, metric=Metric.LLM_CALL, quantity=9, is_cost_known=False)
    row = UsageRecord.objects.get()
    assert (row.cost_usd, row.is_cost_known, row.unit) == (0, False, "tokens")


@pytest.mark.django_db(transaction=True)
def test_parallel_acts_lose_no_count(alice):
    assert kinds(at_once(*[lambda: spend_a_session(alice)] * 16)) == []
    assert metering.used(user_id=alice.pk, metric=Metric.SESSION) == 16
    assert_whole()
