"""Invoices by hand, and paying, voiding and giving up open ones."""

import pytest

from billing.sandbox import engine
from billing.sandbox.engine.composing import balance
from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.store import Object
from tests.billing.sandbox.engine.shop import DECLINED, FAILS_LATER, Shop, at


@pytest.mark.parametrize(
    ("total", "starting", "due", "ending"),
    [
        (1000, 0, 1000, 0),
        (0, 0, 0, 0),
        (1000, -300, 700, 0),
        (1000, -1000, 0, 0),
        (1000, -1300, 0, -300),
        (-500, 0, 0, -500),
        (-500, -200, 0, -700),
        (1000, 30, 1030, 0),
        (49, 0, 0, 49),
        (50, 0, 50, 0),
        (-500, 700, 200, 0),
    ],
)
def test_total_meets_the_balance(total: int, starting: int, due: int, ending: int) -> None:
    assert balance(total, starting) == (due, ending)


def unpaid(shop: Shop) -> Object:
    """Return the open invoice of a renewal whose card failed."""
    shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-04-01")
    return shop.last_invoice()


def test_declined_payment_is_remembered_and_told(shop: Shop) -> None:
    invoice = unpaid(shop)

    with pytest.raises(CardError) as caught:
        engine.pay_invoice(shop.world, invoice["id"], {"payment_method": shop.card(DECLINED)})

    after = shop.last_invoice()
    assert (caught.value.status, caught.value.decline_code) == (402, "generic_decline")
    assert (after["status"], after["attempt_count"]) == ("open", 2)
    assert after["next_payment_attempt"] == at("2026-04-02")
    intent = shop.store.find("payment_intent")[0]
    assert intent["last_payment_error"]["code"] == "card_declined"
    assert intent["latest_charge"] == shop.last_charge()["id"]
    assert len(shop.store.find("charge", payment_intent=intent["id"])) == 2


def test_voided_invoice_is_tried_and_paid_no_more(shop: Shop) -> None:
    invoice = engine.void_invoice(shop.world, unpaid(shop)["id"])

    assert (invoice["status"], invoice["next_payment_attempt"]) == ("void", None)
    assert invoice["status_transitions"]["voided_at"] == at("2026-04-01")
    assert shop.store.find("payment_intent")[0]["status"] == "canceled"
    assert shop.events()[-1] == "invoice.voided"
    for act in (engine.void_invoice, engine.mark_uncollectible):
        with pytest.raises(InvalidError):
            act(shop.world, invoice["id"])
    with pytest.raises(InvalidError, match="no longer be paid"):
        engine.pay_invoice(shop.world, invoice["id"], {})
    attempts = len(shop.store.find("charge"))
    shop.advance("2026-04-20")
    assert len(shop.store.find("charge")) == attempts


def test_bad_debt_can_still_be_paid(shop: Shop) -> None:
    invoice = engine.mark_uncollectible(shop.world, unpaid(shop)["id"])
    assert invoice["status"] == "uncollectible"
    engine.pay_invoice(shop.world, invoice["id"], {"payment_method": shop.card()})

    assert shop.last_invoice()["status"] == "paid"


def test_payment_outside_of_stripe(shop: Shop) -> None:
    invoice = engine.pay_invoice(shop.world, unpaid(shop)["id"], {"paid_out_of_band": "true"})

    assert (invoice["status"], invoice["amount_paid_off_stripe"]) == ("paid", 1000)
    assert shop.store.find("payment_intent")[0]["status"] == "canceled"


def test_paid_invoice_is_not_paid_twice(shop: Shop) -> None:
    shop.subscribe()

    with pytest.raises(InvalidError, match="already paid"):
        engine.pay_invoice(shop.world, shop.last_invoice()["id"], {})


def test_card_of_somebody_else_does_not_pay(shop: Shop) -> None:
    with pytest.raises(InvalidError) as caught:
        engine.pay_invoice(shop.world, unpaid(shop)["id"], {"payment_method": shop.method()})

    assert caught.value.param == "payment_method"


def test_invoice_by_hand(shop: Shop) -> None:
    engine.set_default_payment_method(shop.world, customer_id=shop.customer, method_id=shop.card())
    with pytest.raises(InvalidError, match="Nothing to invoice"):
        engine.create_invoice(shop.world, {"customer": shop.customer})
    item = {"customer": shop.customer, "amount": "1200", "currency": "usd", "description": "A reading"}
    engine.create_invoice_item(shop.world, item)
    engine.create_invoice_item(shop.world, {"customer": shop.customer, "price": shop.pack, "quantity": "2"})
    invoice = engine.create_invoice(shop.world, {"customer": shop.customer})

    assert (invoice["status"], invoice["billing_reason"]) == ("open", "manual")
    assert [line["amount"] for line in invoice["lines"]["data"]] == [1200, 1000]
    assert invoice["parent"] is None
    assert invoice["lines"]["data"][0]["parent"]["type"] == "invoice_item_details"
    paid = engine.pay_invoice(shop.world, invoice["id"], {})
    assert (paid["status"], paid["amount_paid"]) == ("paid", 2200)
    assert shop.store.find("invoiceitem", invoice=None) == []


def test_final_invoice_is_not_finalised_again(shop: Shop) -> None:
    with pytest.raises(InvalidError, match="already finalized"):
        engine.finalize_invoice(shop.world, unpaid(shop)["id"])


def test_numbers_of_invoices_follow_each_other(shop: Shop) -> None:
    shop.subscribe()
    shop.advance("2026-05-01")

    prefix = shop.store.get("customer", shop.customer)["invoice_prefix"]
    assert [invoice["number"] for invoice in shop.invoices()] == [f"{prefix}-{n:04d}" for n in (1, 2, 3)]


def test_renewal_stays_a_draft_for_as_long_as_the_rules_say(shop: Shop) -> None:
    engine.set_rules(shop.world, {"draft_seconds": 3600})
    subscription = shop.subscribe()
    assert shop.last_invoice()["status"] == "paid"  # only renewals wait
    end = subscription["items"]["data"][0]["current_period_end"]

    shop.advance(end + 3599)
    draft = shop.last_invoice()
    assert (draft["status"], draft["automatically_finalizes_at"], draft["number"]) == (
        "draft",
        end + 3600,
        None,
    )
    assert shop.subscription(subscription)["status"] == "active"
    assert shop.events("invoice.")[-1] == "invoice.created"

    shop.advance(end + 3600)
    paid = shop.last_invoice()
    assert (paid["id"], paid["status"], paid["amount_paid"]) == (draft["id"], "paid", 1000)
    assert paid["status_transitions"]["finalized_at"] == end + 3600
    assert shop.events("invoice.")[-3:] == ["invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]


def test_draft_of_a_subscription_that_ends_is_never_collected(shop: Shop) -> None:
    engine.set_rules(shop.world, {"draft_seconds": 3600})
    subscription = shop.subscribe()
    end = subscription["items"]["data"][0]["current_period_end"]
    shop.advance(end + 60)

    engine.cancel_subscription(shop.world, subscription["id"], {})
    shop.advance(end + 7200)

    assert shop.last_invoice()["status"] == "draft"
    assert len(shop.store.find("charge")) == 1
