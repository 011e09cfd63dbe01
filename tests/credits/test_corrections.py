"""Credits moved by hand: asked for, decided by a second operator above the limit, applied once, told, audited."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry, Notification
from config.common.clock import now
from config.common.errors import Conflict, Invalid, Missing
from credits import corrections, ledger
from credits.corrections import AlreadyDecided, NotEnoughToTake, SecondPersonNeeded
from credits.models import Correction, Entry, Lot, Wallet
from tests.credits.books import assert_whole, figures, fund, hold, triggers_asleep
from tests.credits.correcting import REASON, Kind, ask
from tests.support.people import open_account, open_operator
from tests.support.sessions import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def otto(db):
    """The second operator."""
    return open_operator("otto")


@pytest.fixture
def wallet(alice):
    """Alice's wallet, emptied but for what a test puts in."""
    with triggers_asleep() as cursor:
        cursor.execute("DELETE FROM credits_entry WHERE wallet_id = %s", [alice.wallet.pk])
        cursor.execute("DELETE FROM credits_lot WHERE wallet_id = %s", [alice.wallet.pk])
        cursor.execute(
            """UPDATE credits_wallet SET available = 0, allowance = 0, period_start = NULL, period_end = NULL,
               seq = 0, head = decode(repeat('00', 32), 'hex') WHERE id = %s""",
            [alice.wallet.pk],
        )
    alice.wallet.refresh_from_db()
    return alice.wallet


def acts():
    """What the audit log has of corrections, oldest first."""
    return list(
        AuditEntry.objects.filter(subject_kind="correction").order_by("id").values_list("act", flat=True)
    )


def told(user):
    """Titles of what a user was told about corrections."""
    return list(
        Notification.objects.filter(user=user, kind="credits_adjusted").values_list("title", flat=True)
    )


class TestWithinTheLimit:
    """One operator alone."""

    def test_a_grant_is_a_bonus_lot_with_its_reason_in_the_journal(self, wallet, olga, alice):
        until = now() + timedelta(days=30)
        given = ask(wallet, olga, expires_at=until)
        entry = Entry.objects.get(pk=given.entry_id)
        assert (given.state, given.needs_approval, given.decided_by) == ("applied", False, None)
        assert (entry.kind, entry.amount, entry.description, entry.actor_id) == ("grant", 50, REASON, olga.pk)
        assert (entry.reference_kind, entry.reference_id) == ("correction", given.pk)
        lot = Lot.objects.get(pk=entry.lot_id)
        assert (lot.source, lot.expires_at) == ("bonus", until)
        assert figures(wallet.pk) == (50, 0)
        assert told(alice) == ["50 credits were given"]
        assert_whole()

    def test_it_is_in_the_audit_log_with_before_and_after(self, wallet, olga, alice):
        fund(wallet.pk, 7)
        given = ask(wallet, olga)
        entry = AuditEntry.objects.get(subject_kind="correction")
        assert (entry.act, entry.actor_id, entry.user_id) == ("credits.applied", olga.pk, alice.pk)
        assert (entry.subject_id, entry.reason) == (str(given.pk), REASON)
        assert entry.before == {"available": 7, "held": 0}
        assert entry.after == {"available": 57, "held": 0, "kind": "grant", "amount": 50}

    def test_credits_are_taken_in_burn_order(self, wallet, olga, alice):
        fund(wallet.pk, 20)
        taken = ask(wallet, olga, credits=15, kind=Kind.TAKE)
        assert (taken.amount, Entry.objects.get(pk=taken.entry_id).kind) == (-15, "adjust")
        assert figures(wallet.pk) == (5, 0)
        assert told(alice) == ["15 credits were taken"]
        assert_whole()

    def test_taking_more_than_is_free_says_what_is_and_changes_nothing(self, wallet, olga, alice):
        fund(wallet.pk, 20)
        hold(wallet.pk, 12)
        with pytest.raises(
            NotEnoughToTake, match=r"Only 8 credits can be taken.*12 more are held"
        ) as refused:
            ask(wallet, olga, credits=9, kind=Kind.TAKE)
        assert refused.value.details == {"available": 8, "held": 12, "needed": 9}
        assert (figures(wallet.pk), Correction.objects.count(), acts(), told(alice)) == ((8, 12), 0, [], [])

    def test_a_charge_is_given_back_to_the_lots_it_came_from(self, wallet, olga, alice):
        fund(wallet.pk, 20)
        held = hold(wallet.pk, 12, turn=1)
        charge = ledger.settle(hold_id=held.hold_id, amount=9, key="s")
        entry = Entry.objects.get(pk=charge.entry_id)
        back = ask(wallet, olga, credits=4, kind=Kind.REFUND, entry=entry)
        assert Entry.objects.get(pk=back.entry_id).kind == "refund"
        assert figures(wallet.pk) == (15, 0)
        assert corrections.refundable(Entry.objects.get(pk=charge.entry_id)) == 5
        assert told(alice) == ["4 credits were given back"]
        assert_whole()

    def test_no_more_is_given_back_than_was_charged(self, wallet, olga, bob):
        fund(wallet.pk, 20)
        held = hold(wallet.pk, 12)
        entry = Entry.objects.get(pk=ledger.settle(hold_id=held.hold_id, amount=9, key="s").entry_id)
        with pytest.raises(Invalid) as refused:
            ask(wallet, olga, credits=10, kind=Kind.REFUND, entry=entry)
        assert refused.value.details["fields"] == {
            "amount": ["At most 9 credits of this charge can still be given back."]
        }
        with pytest.raises(Invalid) as refused:
            ask(bob.wallet, olga, credits=1, kind=Kind.REFUND, entry=entry)
        assert refused.value.details["fields"] == {"entry": ["Choose a charge of this account."]}

    def test_the_same_key_moves_once(self, wallet, olga, alice):
        first, again = ask(wallet, olga, key="k"), ask(wallet, olga, key="k")
        assert first == again
        assert (figures(wallet.pk), acts(), len(told(alice))) == ((50, 0), ["credits.applied"], 1)
        with pytest.raises(ledger.IdempotencyConflict):
            ask(wallet, olga, credits=51, key="k")

    def test_keys_of_two_operators_are_their_own(self, wallet, olga, otto):
        ask(wallet, olga, key="k")
        ask(wallet, otto, key="k")
        assert figures(wallet.pk) == (100, 0)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"credits": 0}, "amount"),
            ({"credits": -5}, "amount"),
            ({"credits": corrections.MOST + 1}, "amount"),
            ({"reason": "too short"}, "reason"),
            ({"reason": "          x         "}, "reason"),
            ({"reason": "x" * 201}, "reason"),
            ({"expires_at": now() - timedelta(days=1)}, "expires_at"),
            ({"kind": Kind.TAKE, "expires_at": now() + timedelta(days=1)}, "expires_at"),
            ({"kind": Kind.REFUND}, "entry"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_field(self, wallet, olga, changes, field):
        with pytest.raises(Invalid) as refused:
            ask(wallet, olga, **changes)
        assert list(refused.value.details["fields"]) == [field]
        assert (Correction.objects.count(), acts()) == (0, [])

    def test_an_erased_accounts_credits_can_be_corrected_and_nobody_is_told(self, wallet, olga):
        Wallet.objects.filter(pk=wallet.pk).update(owner=None)
        wallet.refresh_from_db()
        ask(wallet, olga)
        assert figures(wallet.pk) == (50, 0)
        assert not Notification.objects.filter(kind="credits_adjusted").exists()


class TestAboveTheLimit:
    """A second operator decides."""

    def test_it_waits_and_moves_nothing(self, wallet, olga, alice):
        waits = ask(wallet, olga, credits=1001)
        assert (waits.state, waits.needs_approval, waits.limit) == ("pending", True, 1000)
        assert (figures(wallet.pk), acts(), told(alice)) == ((0, 0), ["credits.asked"], [])

    def test_a_second_operator_applies_it(self, wallet, olga, otto, alice):
        waits = ask(wallet, olga, credits=1001)
        done = corrections.approve(correction_id=waits.pk, actor=otto)
        assert (done.state, done.decided_by, figures(wallet.pk)) == ("applied", otto, (1001, 0))
        assert Entry.objects.get(pk=done.entry_id).actor_id == olga.pk
        assert AuditEntry.objects.get(act="credits.applied").actor_id == otto.pk
        assert told(alice) == ["1001 credits were given"]
        assert_whole()

    def test_nobody_approves_what_they_asked_for(self, wallet, olga):
        waits = ask(wallet, olga, credits=1001)
        with pytest.raises(SecondPersonNeeded):
            corrections.approve(correction_id=waits.pk, actor=olga)
        with pytest.raises(SecondPersonNeeded):
            corrections.reject(correction_id=waits.pk, actor=olga, note="no")
        assert figures(wallet.pk) == (0, 0)

    def test_ones_own_credits_always_need_another(self, olga, otto):
        before = figures(olga.wallet.pk)
        waits = ask(olga.wallet, olga, credits=1)
        assert waits.is_pending
        others = ask(olga.wallet, otto, credits=2000)
        with pytest.raises(SecondPersonNeeded, match="your own credits"):
            corrections.approve(correction_id=others.pk, actor=olga)
        assert figures(olga.wallet.pk) == before

    def test_small_ones_add_up_to_the_limit_of_a_day(self, wallet, olga, otto):
        for _ in range(4):
            ask(wallet, olga, credits=200)
        ask(wallet, olga, credits=200, kind=Kind.TAKE)
        assert corrections.left_alone(olga) == 0
        assert ask(wallet, olga, credits=1).is_pending
        assert corrections.left_alone(otto) == 1000
        with triggers_asleep() as cursor:
            cursor.execute("UPDATE credits_correction SET requested_at = requested_at - interval '25 hours'")
        assert corrections.left_alone(olga) == 1000
        assert not ask(wallet, olga, credits=1).is_pending
        assert_whole()

    def test_what_a_second_one_approved_is_not_counted(self, wallet, olga, otto):
        corrections.approve(correction_id=ask(wallet, olga, credits=1001).pk, actor=otto)
        assert corrections.left_alone(olga) == 1000

    def test_a_taking_that_cannot_be_is_refused_when_asked_for(self, wallet, olga):
        with pytest.raises(NotEnoughToTake):
            ask(wallet, olga, credits=1001, kind=Kind.TAKE)
        assert (Correction.objects.count(), acts()) == (0, [])

    def test_a_taking_that_can_no_longer_be_keeps_waiting(self, wallet, olga, otto):
        fund(wallet.pk, 1500)
        waits = ask(wallet, olga, credits=1001, kind=Kind.TAKE)
        hold(wallet.pk, 1000)
        with pytest.raises(NotEnoughToTake):
            corrections.approve(correction_id=waits.pk, actor=otto)
        waits.refresh_from_db()
        assert (waits.state, figures(wallet.pk)) == ("pending", (500, 1000))

    def test_a_grant_whose_end_has_passed_is_not_approved(self, wallet, olga, otto):
        waits = ask(wallet, olga, credits=1001, expires_at=now() + timedelta(days=1))
        with triggers_asleep() as cursor:
            cursor.execute(
                "UPDATE credits_correction SET expires_at = now() - interval '1 minute', requested_at = '2020-01-01'"
            )
        with pytest.raises(Invalid, match="has passed"):
            corrections.approve(correction_id=waits.pk, actor=otto)
        assert figures(wallet.pk) == (0, 0)

    def test_a_rejection_needs_its_reason_and_ends_it(self, wallet, olga, otto):
        waits = ask(wallet, olga, credits=1001)
        with pytest.raises(Invalid):
            corrections.reject(correction_id=waits.pk, actor=otto, note=" ")
        done = corrections.reject(correction_id=waits.pk, actor=otto, note="Too much")
        assert (done.state, done.decision_note, acts()) == (
            "rejected", "Too much", ["credits.asked", "credits.rejected"],
        )  # fmt: skip
        with pytest.raises(AlreadyDecided, match="rejected already"):
            corrections.approve(correction_id=waits.pk, actor=otto)
        assert figures(wallet.pk) == (0, 0)

    def test_only_who_asked_withdraws(self, wallet, olga, otto):
        waits = ask(wallet, olga, credits=1001)
        with pytest.raises(Conflict, match="Only who asked"):
            corrections.withdraw(correction_id=waits.pk, actor=otto)
        done = corrections.withdraw(correction_id=waits.pk, actor=olga)
        assert (done.state, acts()[-1]) == ("withdrawn", "credits.withdrawn")

    def test_there_must_be_one(self, otto):
        with pytest.raises(Missing):
            corrections.approve(correction_id=uuid4(), actor=otto)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Several at the same moment."""

    def test_many_approvals_apply_once(self, alice, olga):
        seconds = [open_operator(f"second{number}") for number in range(8)]
        waits = ask(alice.wallet, olga, credits=1001)
        before = figures(alice.wallet.pk)[0]
        results = race(
            *(
                lambda actor=actor: corrections.approve(correction_id=waits.pk, actor=actor)
                for actor in seconds
            )
        )
        assert sum(isinstance(result, Correction) for result in results) == 1
        assert sum(isinstance(result, AlreadyDecided) for result in results) == 7
        assert figures(alice.wallet.pk) == (before + 1001, 0)
        assert acts() == ["credits.asked", "credits.applied"]

    def test_the_days_limit_is_one_limit(self, alice, olga):
        """Sixteen at once ask for 100 each: ten move, six wait."""
        results = race(*(lambda: ask(alice.wallet, olga, credits=100) for _ in range(16)))
        states = sorted(result.state for result in results)
        assert states == ["applied"] * 10 + ["pending"] * 6

    def test_without_the_lock_they_would_pass_together(self, alice, olga, monkeypatch):
        """The counter-example: the sum alone, read by all at once, stops nobody."""
        left = corrections.left_alone
        results = race(*(lambda: left(olga) for _ in range(16)))
        assert results == [1000] * 16

    def test_one_key_many_times_moves_once(self, alice, olga):
        before = figures(alice.wallet.pk)[0]
        results = race(*(lambda: ask(alice.wallet, olga, key="same") for _ in range(12)))
        assert len({result.pk for result in results}) == 1
        assert figures(alice.wallet.pk) == (before + 50, 0)


class TestTheDatabase:
    """What it refuses, whoever asks."""

    def change(self, correction, **columns):
        with transaction.atomic():
            Correction.objects.filter(pk=correction.pk).update(**columns)

    def test_the_approver_is_not_who_asked(self, wallet, olga):
        waits = ask(wallet, olga, credits=1001)
        entry = Entry.objects.get(pk=fund(wallet.pk, 1).entry_id)
        with pytest.raises(IntegrityError, match="credits_correction_second_person_decides"):
            self.change(waits, state="applied", decided_by=olga, decided_at=now(), entry=entry)
        with pytest.raises(IntegrityError, match="credits_correction_second_person_decides"):
            self.change(waits, state="applied", decided_at=now(), entry=entry)

    def test_applied_is_what_has_its_entry(self, wallet, olga, otto):
        waits = ask(wallet, olga, credits=1001)
        with pytest.raises(IntegrityError, match="credits_correction_applied_by_an_entry"):
            self.change(waits, state="applied", decided_by=otto, decided_at=now())

    @pytest.mark.parametrize(
        ("columns", "name"),
        [
            ({"amount": -5}, "credits_correction_amount_goes_its_way"),
            ({"reason": "   short   "}, "credits_correction_reason_given"),
            ({"kind": "refund"}, "credits_correction_refund_names_its_entry"),
            ({"amount": 2000, "needs_approval": False}, "credits_correction_limit_kept"),
            ({"requested_by": None}, "credits_correction_requester_known"),
            (
                {"kind": "take", "amount": -5, "expires_at": "2099-01-01T00:00Z"},
                "credits_correction_only_grants_expire",
            ),
        ],
    )
    def test_every_rule_has_its_name(self, wallet, olga, columns, name):
        fields = {
            "wallet": wallet, "kind": "grant", "amount": 2000, "reason": REASON, "limit": 1000,
            "needs_approval": True, "key": uuid4(), "requested_by": olga, "requested_at": now(), **columns,
        }  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Correction.objects.create(**fields)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE credits_correction SET amount = 1",
            "UPDATE credits_correction SET reason = 'another reason'",
            "UPDATE credits_correction SET requested_by_id = gen_random_uuid()",
            "DELETE FROM credits_correction",
            "TRUNCATE credits_correction",
            "UPDATE credits_correction SET decided_at = now() WHERE state = 'applied'",
        ],
    )
    def test_what_was_asked_stays_and_is_decided_once(self, wallet, olga, statement):
        ask(wallet, olga)
        connection.check_constraints()  # what waits for the commit would be in TRUNCATE's way
        with connection.cursor() as cursor, pytest.raises(IntegrityError, match="is refused"):
            cursor.execute(statement)


def test_an_erased_operator_leaves_what_they_did(wallet, otto, alice):
    given = ask(wallet, otto)
    otto_id = otto.pk
    otto.delete()
    given.refresh_from_db()
    assert given.requested_by_id == otto_id
    assert Correction.objects.select_related("requested_by").get(pk=given.pk).requested_by is None
    assert_whole()


def test_another_accounts_figures_stay(olga):
    one, other = open_account("one"), open_account("other")
    before = figures(other.wallet.pk)
    ask(one.wallet, olga)
    assert figures(other.wallet.pk) == before
