"""Subscribing twice, by two tabs or twenty: one stays, the others are cancelled and given back."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from billing.models import Payment, StripeRequest, StripeSubscription
from billing.services import checkout
from billing.stripe import catalogue as stripe_catalogue
from billing.stripe import gateway, mirror
from billing.subscribing import surplus
from billing.tasks import keep_payments, undo_surplus
from credits import verification
from tests.billing import told
from tests.billing.shop import Shop
from tests.billing.state import plan_of
from tests.support.people import open_account

TABS = 20


def _each(acts):
    """Do all of it at once."""
    barrier, failed = Barrier(len(acts)), []

    def do(act):
        barrier.wait()
        try:
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.django_db(transaction=True)
def test_twenty_checkouts_at_once_leave_one_live_subscription(at_stripe):
    """B15: all are opened before any is paid, all are paid, and what they bring is applied at once."""
    stripe_catalogue.bring(stripe_catalogue.Work())
    alice = open_account("alice")
    for number in range(TABS):
        checkout.start(user=alice, plan="starter", interval="month", key=f"tab {number}")
    opened = list(StripeRequest.objects.filter(operation="checkout.session.create"))
    assert len(opened) == TABS
    paid = [at_stripe.pay(request.result_id) for request in opened]
    sessions = [session["subscription"] for session in paid]
    invoices = [session["invoice"] for session in paid]

    def look(object_id):
        return lambda: mirror.refresh(object_id)

    _each([look(object_id) for object_id in sessions[:10] + invoices[:10]])
    _each([look(object_id) for object_id in invoices[10:] + sessions[10:]])
    assert StripeSubscription.objects.live().count() == 1
    assert StripeSubscription.objects.filter(is_surplus=True).count() == TABS - 1

    for subscription_id in surplus.unfinished():
        surplus.carry_out(subscription_id)
    assert surplus.unfinished() == set()
    at_them = at_stripe.client.v1.subscriptions.list({"customer": paid[0]["customer"], "limit": 100}).data
    assert [one.status for one in at_them].count("active") == 1
    winner = StripeSubscription.objects.live().get()
    refunds = list(gateway.list_all("refund", payment_intent=_lost(winner)[0].payment_intent_id))
    assert [refund["amount"] for refund in refunds] == [2900]
    given_back = StripeRequest.objects.filter(operation="refund.create", state="done")
    assert given_back.count() == len(_lost(winner)) == TABS - 1
    user = User.objects.get(pk=alice.pk)
    assert (plan_of(user), user.wallet.available) == ("starter", 170)
    assert Payment.objects.filter(credits__gt=0).get().subscription == winner
    for code in ("I01", "I17", "I18", "I33"):
        (rule,) = (rule for rule in verification.invariants() if rule.code == code)
        assert verification.breaks(rule) == []


def _lost(winner):
    return list(Payment.objects.exclude(subscription=winner))


@pytest.mark.django_db
def test_database_refuses_a_second_live_subscription(alice):
    told.name_prices()
    period = told.month(told.this_second())
    told.tell(told.a_subscription(alice, told.price("starter"), period))
    second = StripeSubscription.objects.get()
    second.pk = "sub_2"
    with pytest.raises(IntegrityError, match="billing_stripesubscription_one_live"), transaction.atomic():
        second.save(force_insert=True)
    second.is_surplus = True
    second.save(force_insert=True)
    for change, rule in (
        ({"period_end": period.start}, "period_has_length"),
        ({"next_at": period.end}, "next_price_has_a_day"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            StripeSubscription.objects.filter(pk="sub_2").update(**change)


@pytest.mark.django_db
def test_what_was_left_undone_is_done_by_the_clock(at_stripe, alice, django_capture_on_commit_callbacks):
    shop = Shop(at_stripe)
    for number in range(2):
        checkout.start(user=alice, plan="starter", interval="month", key=f"tab {number}")
    opened = StripeRequest.objects.filter(operation="checkout.session.create")
    paid = [at_stripe.pay(request.result_id) for request in opened]
    for session in paid:
        mirror.refresh(session["subscription"])
        mirror.refresh(session["invoice"])
    (left,) = surplus.unfinished()
    undo_surplus(left)
    undo_surplus(left)
    assert surplus.unfinished() == set()
    shop.hear(alice)
    assert StripeSubscription.objects.get(pk=left).status == "canceled"
    keep_payments()
    assert StripeRequest.objects.filter(operation="refund.create").count() == 1


@pytest.mark.django_db
def test_first_subscription_is_never_undone(at_stripe, alice):
    live = Shop(at_stripe).subscribe(alice, "starter")
    surplus.carry_out(live.pk)
    assert not StripeRequest.objects.filter(operation__in=["subscription.cancel", "refund.create"]).exists()
