"""Refunds and disputes at the sandbox: Stripe's own objects, fetched, kept and meant (B13, B14)."""

from uuid import uuid4

import pytest

from billing.models import Payment, Reversal, StripeRequest
from billing.payments import debts, refunding
from billing.stripe import gateway, mirror
from billing.stripe.errors import StripeRefused
from credits import ledger
from tests.billing.given_back import figures, spend
from tests.billing.shop import Shop
from tests.billing.state import plan_of
from tests.credits.books import assert_whole, fresh_key, hold
from tests.credits.races import at_once
from tests.support.people import open_account, open_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(at_stripe):
    return Shop(at_stripe)


@pytest.fixture
def dora():
    """An account without free credits."""
    return open_account("dora", verified=False)


def paid(shop, user, product="credits-100"):
    """Buy, and return the payment with its charge known."""
    before = list(Payment.objects.values_list("pk", flat=True))
    shop.buy(user, product)
    payment = Payment.objects.exclude(pk__in=before).get()  # Stripe counts in seconds: the latest may be two
    intent = gateway.fetch("payment_intent", payment.payment_intent_id)
    mirror.refresh(intent["latest_charge"])
    payment.refresh_from_db()
    assert payment.charge_id
    return payment


def refund(shop, payment, **more):
    """Have Stripe give money back, and hear of it."""
    made = shop.client.v1.refunds.create({"charge": payment.charge_id, **more})
    mirror.refresh(made.id)
    return Reversal.objects.get(pk=made.id)


def test_full_and_partial_refunds(shop, dora):
    payment = paid(shop, dora)
    assert refund(shop, payment, amount=475).credits_taken == 25
    spend(dora, 30)
    rest = refund(shop, payment)
    assert (rest.amount_cents, rest.credits_due, rest.credits_taken, rest.debt) == (1425, 75, 45, 30)
    assert figures(dora) == (0, 0, 30)
    assert_whole()


def test_dispute_opened_won_and_another_lost(shop, dora):
    first = paid(shop, dora)
    spend(dora, 40)
    opened = shop.sandbox.act("open_dispute", charge=first.charge_id)
    mirror.refresh(opened["id"])
    row = Reversal.objects.get(pk=opened["id"])
    assert (row.kind, row.status, row.credits_taken, row.debt) == ("dispute", "needs_response", 60, 40)
    shop.sandbox.act("close_dispute", dispute=opened["id"], won=True)
    mirror.refresh(opened["id"])
    row.refresh_from_db()
    assert (row.status, row.credits_restored, row.debt) == ("won", 60, 0)
    assert figures(dora) == (60, 0, 0)
    second = paid(shop, dora)
    lost = shop.sandbox.act("open_dispute", charge=second.charge_id)
    for won in (None, False):
        if won is not None:
            shop.sandbox.act("close_dispute", dispute=lost["id"], won=won)
        mirror.refresh(lost["id"])
    row = Reversal.objects.get(pk=lost["id"])
    assert (row.status, row.is_standing, row.credits_taken) == ("lost", True, 100)
    assert figures(dora) == (60, 0, 0)
    assert_whole()


def test_refund_that_fails_is_reversed_once(shop, dora):
    """B14."""
    payment = paid(shop, dora)
    spend(dora, 10)
    row = refund(shop, payment)
    assert figures(dora) == (0, 0, 10)
    shop.sandbox.act("fail_refund", refund=row.pk)
    for _ in range(3):
        mirror.refresh(row.pk)
        mirror.refresh(payment.charge_id)
    row.refresh_from_db()
    assert (row.status, row.is_standing, row.credits_restored) == ("failed", False, 90)
    assert figures(dora) == (90, 0, 0)
    assert_whole()


def test_the_charge_alone_tells_of_its_refunds(shop, dora):
    payment = paid(shop, dora)
    shop.client.v1.refunds.create({"charge": payment.charge_id, "amount": 950})
    mirror.refresh(payment.charge_id)
    row = Reversal.objects.get()
    assert (row.payment, row.credits_taken) == (payment, 50)
    mirror.refresh(payment.charge_id)
    assert Reversal.objects.count() == 1


def test_the_months_of_a_refunded_plan_end_with_it(shop, dora):
    shop.subscribe(dora, "starter", "year")
    payment = Payment.objects.get()
    made = shop.client.v1.refunds.create({"payment_intent": payment.payment_intent_id})
    mirror.refresh(made.id)
    assert plan_of(dora) == "free"
    assert figures(dora) == (0, 0, 0)
    assert_whole()


def test_an_operator_gives_money_back(shop, dora):
    payment, olga = paid(shop, dora), open_operator()
    made = refunding.refund(payment=payment, cents=500, reason="Bought by mistake", actor=olga, key="one")
    assert (made.amount_cents, made.credits_taken) == (500, 27)
    assert refunding.left_of(payment) == 1400
    again = refunding.refund(payment=payment, cents=500, reason="Bought by mistake", actor=olga, key="one")
    assert again == made
    assert StripeRequest.objects.filter(operation="refund.create").count() == 1
    with pytest.raises(refunding.TooMuch):
        refunding.refund(payment=payment, cents=1401, reason="Bought by mistake", actor=olga, key="two")


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_once_take_each_share_once(shop, dora):
    payment, olga = paid(shop, dora), open_operator()
    results = at_once(
        *[
            lambda cents=cents: refunding.refund(
                payment=Payment.objects.get(pk=payment.pk),
                cents=cents,
                reason="Bought by mistake",
                actor=olga,
                key=uuid4().hex,
            )
            for cents in (1000, 900, 1000, 900)
        ]
    )
    made = [result for result in results if isinstance(result, Reversal)]
    assert {type(result) for result in results if result not in made} <= {StripeRefused, refunding.TooMuch}
    given = sum(row.amount_cents for row in Reversal.objects.all())
    assert 0 < given <= 1900
    due = -(-given * 100 // 1900)
    assert sum(Reversal.objects.values_list("credits_due", flat=True)) == due
    assert figures(dora) == (100 - due, 0, 0)
    assert_whole()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_refund_beside_holds_and_settlements(shop, dora, turn):
    """A refund arrives while work holds, settles and returns credits: what was not spent is taken, no more."""
    payment = paid(shop, dora)
    made = shop.client.v1.refunds.create({"charge": payment.charge_id})
    opened = [hold(dora.wallet.pk, 10) for _ in range(4)]

    def work(held, spent):
        return lambda: ledger.settle(hold_id=held.hold_id, amount=spent, key=fresh_key("settle"))

    def more():
        try:
            held = hold(dora.wallet.pk, 10)
        except (ledger.CreditsOwed, ledger.InsufficientCredits):
            return 0
        return -ledger.settle(hold_id=held.hold_id, amount=10, key=fresh_key("settle")).amount

    spends = (0, 3, 10, 7)
    results = at_once(
        lambda: mirror.refresh(made.id),
        *[work(*pair) for pair in zip(opened, spends, strict=True)],
        more,
        more,
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    spent = sum(spends) + sum(results[-2:])
    debts.settle(user=dora)
    row = Reversal.objects.get()
    assert (row.credits_due, row.credits_taken, row.debt) == (100, 100 - spent, spent)
    assert figures(dora) == (0, 0, spent)
    assert_whole()
