"""What a subscription at Stripe means: the plan in force, and what moves it."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Notification
from accounts.notifications.mail import message_for
from billing.models import StripeSubscription, Subscription
from billing.provisioning import end_lapsed
from billing.stripe import mirror
from config.common.errors import Conflict, Missing
from tests.billing import told
from tests.billing.people import comp
from tests.billing.state import plan_of
from tests.billing.told import a_schedule, a_subscription, bought, month, price, tell, this_second

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _priced(db):
    told.name_prices()


def told_kinds(user):
    """What the user was told, oldest first."""
    return list(Notification.objects.filter(user=user).order_by("created_at").values_list("kind", flat=True))


@pytest.fixture
def subscribed(alice):
    """Alice on starter, since a moment ago."""
    period = month(this_second())
    starter = price("starter")
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    return period


def test_paid_subscription_puts_its_user_on_the_plan(alice, subscribed):
    mine = Subscription.objects.current().get(user=alice)
    assert (plan_of(alice), mine.source, mine.stripe_id, mine.allowance) == (
        "starter",
        "paid",
        "sub_1",
        "granted",
    )
    assert mine.ends_at == subscribed.end + timedelta(days=3)
    assert StripeSubscription.objects.get().paid_until == subscribed.end


def test_subscription_without_a_payment_gives_nothing(alice):
    tell(a_subscription(alice, price("pro"), month(this_second())))
    assert plan_of(alice) == "free"
    assert StripeSubscription.objects.get().paid_until is None
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 20


def test_strangers_subscription_is_passed_over(alice):
    data = a_subscription(alice, price("pro"), month(this_second()), metadata={})
    tell(data)
    assert not StripeSubscription.objects.exists()


def test_price_that_is_none_of_ours_is_refused(alice):
    data = a_subscription(alice, price("pro"), month(this_second()))
    data["items"]["data"][0]["price"]["id"] = "price_other"
    with pytest.raises(Missing, match="price_other"):
        tell(data)
    assert not StripeSubscription.objects.exists()


def test_cancelled_plan_works_to_the_end_of_its_period_and_the_grace(alice, subscribed):
    starter = price("starter")
    tell(a_subscription(alice, starter, subscribed, cancel_at_period_end=True, cancel_at=subscribed.end))
    assert StripeSubscription.objects.get().cancel_at == subscribed.end
    with time_machine.travel(subscribed.end + timedelta(hours=1)):
        tell(a_subscription(alice, starter, subscribed, status="canceled", ended_at=subscribed.end))
        assert (end_lapsed(), plan_of(alice)) == (0, "starter")
    with time_machine.travel(subscribed.end + timedelta(days=3, seconds=1)):
        assert plan_of(alice) == "free"
        assert (end_lapsed(), end_lapsed()) == (1, 0)
        assert plan_of(alice) == "free"
    ended = Subscription.objects.get(user=alice, source="paid")
    assert ended.ended_at == ended.ends_at
    assert told_kinds(alice)[-3:] == ["payment_succeeded", "subscription_changed", "subscription_changed"]


def test_cancellation_can_be_taken_back(alice, subscribed):
    starter = price("starter")
    tell(a_subscription(alice, starter, subscribed, cancel_at_period_end=True))
    assert StripeSubscription.objects.get().cancel_at == subscribed.end
    tell(a_subscription(alice, starter, subscribed))
    assert StripeSubscription.objects.get().cancel_at is None
    assert Notification.objects.filter(user=alice, title="Starter goes on").count() == 1


def test_renewal_moves_the_end(alice, subscribed):
    second = month(subscribed.start, 1)
    with time_machine.travel(second.start + timedelta(minutes=5)):
        tell(
            a_subscription(alice, price("starter"), second, billing_cycle_anchor=subscribed.start),
            bought(alice, price("starter"), second, id="in_2", reason="subscription_cycle"),
        )
        assert plan_of(alice) == "starter"
    mine = Subscription.objects.current().get(user=alice)
    assert mine.ends_at == second.end + timedelta(days=3)
    assert Subscription.objects.filter(user=alice, source="paid").count() == 1


def test_past_due_plan_stays_for_the_grace_and_comes_back_with_a_late_payment(alice, subscribed):
    starter, second = price("starter"), month(subscribed.start, 1)
    data = a_subscription(alice, starter, second, status="past_due", billing_cycle_anchor=subscribed.start)
    failed = bought(alice, starter, second, id="in_2", reason="subscription_cycle", status="open",
                    next_payment_attempt=second.start + timedelta(days=2))  # fmt: skip
    with time_machine.travel(second.start + timedelta(minutes=5)):
        tell(data, failed)
        assert plan_of(alice) == "starter"
        stripe = StripeSubscription.objects.get()
        assert (stripe.attempts, stripe.past_due_since) == (1, second.start)
        assert stripe.next_attempt_at == second.start + timedelta(days=2)
    with time_machine.travel(second.start + timedelta(days=4)):
        assert end_lapsed() == 1
        assert plan_of(alice) == "free"
    with time_machine.travel(second.start + timedelta(days=5)):
        paid = bought(alice, starter, second, id="in_2", reason="subscription_cycle")
        tell(paid, a_subscription(alice, starter, second, billing_cycle_anchor=subscribed.start))
        assert plan_of(alice) == "starter"
        stripe.refresh_from_db()
        assert (stripe.attempts, stripe.past_due_since, stripe.next_attempt_at) == (0, None, None)
    failures = Notification.objects.filter(user=alice, kind="payment_failed")
    assert [failure.data["invoice_url"] for failure in failures] == ["https://invoice.example/in_2"]


def test_upgrade_that_is_not_paid_changes_nothing(alice, subscribed):
    tell(a_subscription(alice, price("pro"), subscribed, status="past_due"))
    assert plan_of(alice) == "starter"
    tell(a_subscription(alice, price("pro"), subscribed))
    assert plan_of(alice) == "pro"


def test_lower_plan_holds_from_its_period_on_whatever_became_of_its_payment(alice, subscribed):
    tell(a_subscription(alice, price("pro"), subscribed))
    second = month(subscribed.start, 1)
    with time_machine.travel(second.start + timedelta(minutes=1)):
        tell(a_subscription(alice, price("starter"), second, status="past_due"))
        assert plan_of(alice) == "starter"


def test_paid_plan_takes_the_place_of_a_given_one(alice, charlie):
    comp(alice, "pro", actor=charlie, days=200)
    period, starter = month(this_second()), price("starter")
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    assert plan_of(alice) == "starter"
    assert Subscription.objects.get(user=alice, source="comp").ended_at is not None


def test_plan_is_not_given_to_somebody_who_pays_for_one(alice, charlie, subscribed):
    before = list(Subscription.objects.filter(user=alice).values())
    with pytest.raises(Conflict, match="pays for Starter"):
        comp(alice, "pro", actor=charlie)
    assert list(Subscription.objects.filter(user=alice).values()) == before


def test_plan_can_be_given_once_the_paid_one_is_over(alice, charlie, subscribed):
    with time_machine.travel(subscribed.end + timedelta(days=3, seconds=1)):
        given = comp(alice, "pro", actor=charlie)
        assert plan_of(alice) == "pro"
    assert given.source == "comp"


def test_deleted_customer_leaves_the_free_plan_and_every_credit(alice, subscribed):
    alice.wallet.refresh_from_db()
    before = alice.wallet.available
    gone = {"id": f"cus_{alice.pk.hex}", "object": "customer", "deleted": True}
    tell(gone, gone)
    stripe = StripeSubscription.objects.get()
    assert (plan_of(alice), stripe.status, stripe.user) == ("free", "canceled", alice)
    tell(a_subscription(alice, price("starter"), subscribed, status="canceled", ended_at=this_second()))
    assert plan_of(alice) == "free"
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == before


def test_second_live_subscription_is_surplus_and_gives_nothing(alice, subscribed):
    tell(a_subscription(alice, price("pro"), subscribed, id="sub_2"))
    tell(bought(alice, price("pro"), subscribed, id="in_2", sub="sub_2"))
    second = StripeSubscription.objects.get(pk="sub_2")
    assert (second.is_surplus, plan_of(alice)) == (True, "starter")
    assert second.payments.get().credits == 0
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 170
    assert Notification.objects.filter(title="A second subscription was cancelled").count() == 1


def test_subscription_after_one_that_is_over_is_no_surplus(alice, subscribed):
    tell(a_subscription(alice, price("starter"), subscribed, status="canceled", ended_at=this_second()))
    tell(a_subscription(alice, price("pro"), subscribed, id="sub_2"))
    tell(bought(alice, price("pro"), subscribed, id="in_2", sub="sub_2"))
    assert not StripeSubscription.objects.get(pk="sub_2").is_surplus
    assert plan_of(alice) == "pro"


def test_planned_change_is_kept_and_forgotten_with_its_schedule(alice, subscribed):
    starter, pro = price("starter"), price("pro")
    tell(a_subscription(alice, pro, subscribed))
    scheduled = a_subscription(alice, pro, subscribed, schedule="sub_sched_1")
    with pytest.raises(mirror.Needs) as needed:
        tell(scheduled)
    assert needed.value.object_id == "sub_sched_1"
    tell(a_schedule(pro, starter, subscribed), scheduled)
    stripe = StripeSubscription.objects.get()
    assert (stripe.next_price, stripe.next_at) == (starter, subscribed.end)
    assert Notification.objects.filter(user=alice, title__startswith="Starter begins on").count() == 1
    tell(a_schedule(pro, starter, subscribed, status="released", subscription=None,
                    released_subscription="sub_1"))  # fmt: skip
    tell(a_subscription(alice, pro, subscribed))
    stripe.refresh_from_db()
    assert (stripe.next_price, stripe.next_at, stripe.schedule_id) == (None, None, "")


def test_planned_change_is_over_when_it_has_come(alice, subscribed):
    starter, pro = price("starter"), price("pro")
    tell(a_subscription(alice, pro, subscribed), a_schedule(pro, starter, subscribed))
    second = month(subscribed.start, 1)
    with time_machine.travel(second.start + timedelta(minutes=1)):
        tell(a_subscription(alice, starter, second, schedule="sub_sched_1"))
        assert plan_of(alice) == "starter"
    stripe = StripeSubscription.objects.get()
    assert (stripe.next_price, stripe.next_at) == (None, None)


def test_each_attempt_is_told_once(alice, subscribed):
    second = month(subscribed.start, 1)
    later = second.start + timedelta(days=2)
    for attempt, again in ((1, later), (1, later), (2, None), (2, None)):
        with time_machine.travel(second.start + timedelta(days=attempt)):
            told_so = bought(alice, price("starter"), second, id="in_2", reason="subscription_cycle",
                             status="open", attempt_count=attempt, next_payment_attempt=again)  # fmt: skip
            tell(a_subscription(alice, price("starter"), second, status="past_due"), told_so)
    failures = Notification.objects.filter(user=alice, kind="payment_failed").order_by("created_at")
    until = f"{subscribed.end + timedelta(days=3):%-d %B}"
    stays = (
        f"Starter stays yours until {until}. If nothing is paid by then, you go back to the free plan, with "
        "everything you have written. You can pay now, or use another card."
    )
    assert [failure.body for failure in failures] == [
        f"It is tried again on {later:%-d %B}. {stays}",
        f"It is not tried again by itself. {stays}",
    ]


@pytest.mark.parametrize("change", [{"attempt_count": 0}, {"billing_reason": "subscription_create"}])
def test_invoice_that_was_not_tried_or_is_the_first_is_no_failure(alice, subscribed, change):
    failed = bought(alice, price("starter"), month(subscribed.start, 1), id="in_2", status="open")
    tell({**failed, "billing_reason": "subscription_cycle", **change})
    assert not Notification.objects.filter(kind="payment_failed").exists()
    assert StripeSubscription.objects.get().attempts == 0


def test_mail_about_a_payment_leads_to_its_invoice(alice, subscribed):
    notice = Notification.objects.get(user=alice, kind="payment_succeeded")
    message = message_for(notice)
    html, _ = message.alternatives[0]
    assert "https://invoice.example/in_1" in message.body
    assert '<a href="https://invoice.example/in_1">The invoice</a>' in html
