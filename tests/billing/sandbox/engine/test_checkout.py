"""Checkout sessions: subscriptions, payments, nothing to pay, declines, and methods that take their time."""

import pytest

from billing.sandbox import engine
from billing.sandbox.errors import CardError, InvalidError
from tests.billing.sandbox.engine.shop import DECLINED, FAILS_LATER, Shop


def test_subscription_is_paid_and_its_card_kept(shop: Shop) -> None:
    session = shop.session(subscription_data={"metadata": {"atelier_user": "7"}})
    card = shop.method()
    before = len(shop.events())
    done = engine.complete_checkout(shop.world, session, card)

    subscription = shop.store.get("subscription", done["subscription"])
    assert (done["status"], done["payment_status"], done["url"]) == ("complete", "paid", None)
    assert done["invoice"] == subscription["latest_invoice"]
    assert done["payment_intent"] is None
    assert (subscription["status"], subscription["metadata"]) == ("active", {"atelier_user": "7"})
    assert subscription["default_payment_method"] == card
    customer = shop.store.get("customer", shop.customer)
    assert customer["invoice_settings"]["default_payment_method"] == card
    assert shop.store.get("payment_method", card)["customer"] == shop.customer
    assert shop.events()[before:] == [
        "payment_method.attached",
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "charge.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]


def test_trial_needs_no_payment(shop: Shop) -> None:
    session = shop.session(subscription_data={"trial_period_days": "14"})
    done = engine.complete_checkout(shop.world, session, shop.method())

    assert (done["payment_status"], done["amount_total"]) == ("no_payment_required", 0)
    assert shop.store.get("subscription", done["subscription"])["status"] == "trialing"


def test_discount_counts_at_checkout(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="100", duration="once")
    done = engine.complete_checkout(shop.world, shop.session(discounts=[{"coupon": coupon}]))

    assert (done["payment_status"], done["amount_subtotal"], done["amount_total"]) == (
        "no_payment_required",
        1000,
        0,
    )
    assert done["total_details"]["amount_discount"] == 1000


@pytest.mark.parametrize("mode", ["subscription", "payment"])
def test_declined_card_undoes_everything_and_another_can_be_tried(shop: Shop, mode: str) -> None:
    session = shop.session(mode=mode, price=shop.basic if mode == "subscription" else shop.pack)
    card = shop.method(DECLINED)
    before = shop.everything()

    with pytest.raises(CardError):
        engine.complete_checkout(shop.world, session, card)

    assert shop.everything() == before
    assert engine.complete_checkout(shop.world, session, shop.method())["payment_status"] == "paid"


def test_payment_takes_the_amount_and_forgets_the_card(shop: Shop) -> None:
    session = shop.session(mode="payment", price=shop.pack, payment_intent_data={"metadata": {"of": "pack"}})
    card = shop.method()
    before = len(shop.events())
    done = engine.complete_checkout(shop.world, session, card)

    intent = shop.store.get("payment_intent", done["payment_intent"])
    charge = shop.store.get("charge", intent["latest_charge"])
    assert (done["payment_status"], done["invoice"], done["subscription"]) == ("paid", None, None)
    assert (intent["status"], intent["amount_received"], intent["metadata"]) == (
        "succeeded",
        500,
        {"of": "pack"},
    )
    assert (charge["amount"], charge["customer"], charge["payment_intent"]) == (
        500,
        shop.customer,
        intent["id"],
    )
    assert shop.store.get("payment_method", card)["customer"] is None
    assert shop.events()[before:] == [
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
        "checkout.session.completed",
    ]


def test_payment_can_keep_the_card(shop: Shop) -> None:
    data = {"setup_future_usage": "off_session"}
    session = shop.session(mode="payment", price=shop.pack, payment_intent_data=data)
    card = shop.method()
    engine.complete_checkout(shop.world, session, card)

    assert shop.store.get("payment_method", card)["customer"] == shop.customer


def test_card_that_fails_later_passes_checkout(shop: Shop) -> None:
    done = engine.complete_checkout(shop.world, shop.session(), shop.method(FAILS_LATER))
    shop.advance("2026-04-01")

    assert done["payment_status"] == "paid"
    assert shop.store.get("subscription", done["subscription"])["status"] == "past_due"


def test_payment_without_a_card_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidError):
        engine.complete_checkout(shop.world, shop.session(mode="payment", price=shop.pack))


def test_completed_session_cannot_be_completed_again(shop: Shop) -> None:
    session = shop.session()
    engine.complete_checkout(shop.world, session, shop.method())

    with pytest.raises(InvalidError, match="complete"):
        engine.complete_checkout(shop.world, session, shop.method())


@pytest.mark.parametrize(
    ("outcome", "payment_status", "intent_status"),
    [("succeeds", "paid", "succeeded"), ("fails", "unpaid", "requires_payment_method")],
)
def test_delayed_payment_is_settled_by_the_clock(
    shop: Shop, outcome: str, payment_status: str, intent_status: str
) -> None:
    session = shop.session(mode="payment", price=shop.pack)
    done = engine.complete_checkout(shop.world, session, shop.method(), delayed=outcome)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    assert shop.store.get("payment_intent", done["payment_intent"])["status"] == "processing"
    assert shop.last_charge()["status"] == "pending"
    shop.advance(shop.began + 179)
    assert shop.events()[-1] == "checkout.session.completed"
    shop.advance(shop.began + 180)

    assert shop.store.get("checkout.session", done["id"])["payment_status"] == payment_status
    assert shop.store.get("payment_intent", done["payment_intent"])["status"] == intent_status
    assert shop.events()[-1] == (
        "checkout.session.async_payment_succeeded"
        if outcome == "succeeds"
        else "checkout.session.async_payment_failed"
    )


def test_delayed_subscription_is_active_while_the_bank_works_and_paid_after(shop: Shop) -> None:
    done = engine.complete_checkout(shop.world, shop.session(), shop.method(), delayed="succeeds")
    subscription = shop.store.get("subscription", done["subscription"])
    assert (done["payment_status"], subscription["status"]) == ("unpaid", "active")
    assert (shop.last_invoice()["status"], shop.last_invoice()["amount_paid"]) == ("open", 0)
    with pytest.raises(InvalidError, match="processing"):
        engine.pay_invoice(shop.world, done["invoice"], {})
    engine.settle_payment(shop.world, shop.store.find("payment_intent")[0]["id"])

    assert (shop.last_invoice()["status"], shop.last_invoice()["attempt_count"]) == ("paid", 1)
    assert shop.events()[-3:] == [
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_delayed_subscription_that_fails_is_past_due(shop: Shop) -> None:
    done = engine.complete_checkout(shop.world, shop.session(), shop.method(), delayed="fails")
    shop.advance(shop.began + 180)

    assert shop.store.get("subscription", done["subscription"])["status"] == "past_due"
    assert shop.store.get("checkout.session", done["id"])["payment_status"] == "unpaid"
    assert "checkout.session.async_payment_failed" in shop.events()
    with pytest.raises(InvalidError, match="not processing"):
        engine.settle_payment(shop.world, shop.store.find("payment_intent")[0]["id"])


def test_promotion_code_of_a_payment_is_counted(shop: Shop) -> None:
    code = shop.code(shop.coupon(percent_off="100", duration="once"))
    session = shop.session(mode="payment", price=shop.pack, discounts=[{"promotion_code": code}])
    shop.store.put({**session, "amount_total": 0})
    done = engine.complete_checkout(shop.world, session)

    assert (done["payment_status"], done["payment_intent"]) == ("no_payment_required", None)
    assert shop.store.get("promotion_code", code)["times_redeemed"] == 1
