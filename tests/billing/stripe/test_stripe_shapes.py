"""Reading Stripe's shapes: where the periods, the payments and the prices stand since 2025-03-31."""

from datetime import UTC, datetime

import pytest

from billing.stripe import shapes
from credits.periods import Period

JAN, FEB = (datetime(2027, month, 1, tzinfo=UTC) for month in (1, 2))


def _seconds(moment):
    return int(moment.timestamp())


def _invoice(*, payments=()):
    return {"id": "in_1", "payments": {"data": list(payments)}}


def test_period_and_price_stand_on_the_item():
    item = {
        "id": "si_1",
        "current_period_start": _seconds(JAN),
        "current_period_end": _seconds(FEB),
        "price": {"id": "price_1"},
    }
    subscription = {"id": "sub_1", "items": {"data": [item]}}
    assert shapes.period_of(subscription) == Period(JAN, FEB)
    assert shapes.price_of(subscription) == "price_1"
    assert shapes.item_of(subscription)["id"] == "si_1"


def test_subscription_without_an_item_is_refused():
    with pytest.raises(ValueError, match="sub_1 has no item"):
        shapes.item_of({"id": "sub_1", "items": {"data": []}})


@pytest.mark.parametrize("value", ["sub_1", {"id": "sub_1", "object": "subscription"}])
def test_subscription_of_an_invoice_given_as_id_or_expanded(value):
    parent = {"type": "subscription_details", "subscription_details": {"subscription": value}}
    assert shapes.subscription_of({"parent": parent}) == "sub_1"


@pytest.mark.parametrize("parent", [None, {"type": "quote_details", "subscription_details": None}])
def test_other_invoices_are_of_no_subscription(parent):
    assert shapes.subscription_of({"parent": parent}) is None


def test_lines_say_which_price_and_whether_a_part_of_it():
    def line(kind, *, proration, price):
        pricing = {"price_details": {"price": price}} if price else None
        return {"parent": {"type": kind, kind: {"proration": proration}}, "pricing": pricing}

    whole = line("subscription_item_details", proration=False, price="price_1")
    part = line("invoice_item_details", proration=True, price={"id": "price_2"})
    amount = line("invoice_item_details", proration=False, price=None)
    invoice = {"lines": {"data": [whole, part, amount]}}
    assert shapes.lines_of(invoice) == [whole, part, amount]
    assert [shapes.price_of_line(each) for each in shapes.lines_of(invoice)] == ["price_1", "price_2", None]
    assert [shapes.is_proration(each) for each in shapes.lines_of(invoice)] == [False, True, False]
    assert shapes.lines_of({}) == []


def test_what_the_database_cannot_hold_is_replaced_to_any_depth():
    told = {"name": "Ink\0well", "more": [{"half": "a\ud800b", "whole": "é😀", "n": 1, "no": None}]}
    assert shapes.storable(told) == {
        "name": "Ink\ufffdwell", "more": [{"half": "a?b", "whole": "é😀", "n": 1, "no": None}]
    }  # fmt: skip


def test_payment_is_the_one_that_went_through():
    def tried(number, status):
        intent = {"id": f"pi_{number}", "latest_charge": f"ch_{number}"}
        return {
            "status": status,
            "created": number,
            "payment": {"type": "payment_intent", "payment_intent": intent},
        }

    invoice = _invoice(payments=[tried(3, "canceled"), tried(2, "paid"), tried(1, "canceled")])
    assert (shapes.payment_intent_of(invoice), shapes.charge_of(invoice)) == ("pi_2", "ch_2")
    open_only = _invoice(payments=[tried(1, "canceled"), tried(2, "open")])
    assert shapes.payment_intent_of(open_only) == "pi_2"


def test_charge_is_unknown_where_its_intent_is_not_expanded():
    payment = {
        "status": "paid",
        "created": 1,
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
    }
    invoice = _invoice(payments=[payment])
    assert (shapes.payment_intent_of(invoice), shapes.charge_of(invoice)) == ("pi_1", None)
    assert (shapes.payment_intent_of(_invoice()), shapes.charge_of(_invoice())) == (None, None)


def test_fee_is_known_with_the_balance_transaction():
    assert shapes.fee_of({"balance_transaction": {"id": "txn_1", "fee": 114}}) == 114
    assert shapes.fee_of({"balance_transaction": "txn_1"}) is None
    assert shapes.fee_of({"balance_transaction": None}) is None


def test_discounts_of_a_phase_go_on_as_they_are():
    nothing = {"coupon": None, "discount": None, "promotion_code": None}
    phase = {
        "discounts": [
            {**nothing, "discount": "di_1"},
            {**nothing, "coupon": "co_1"},
            {**nothing, "coupon": "co_2", "discount": {"id": "di_2"}},
        ]
    }
    assert shapes.discounts_of_phase(phase) == [
        {"discount": "di_1"},
        {"coupon": "co_1"},
        {"discount": "di_2"},
    ]
    assert shapes.discounts_of_phase({}) == []


@pytest.mark.parametrize(
    "intent",
    [
        None,
        "pi_1",
        {"id": "pi_1", "created": 1, "latest_charge": None},
        {"id": "pi_1", "created": 1, "latest_charge": "ch_1"},
    ],
)
def test_checkout_whose_payment_is_not_told_is_paid_when_it_was_begun(intent):
    session = {"created": _seconds(JAN), "payment_intent": intent}
    assert shapes.paid_at_of(session) == JAN


def test_checkout_is_paid_when_its_charge_was_made_or_booked():
    charge = {"id": "ch_1", "created": _seconds(JAN), "balance_transaction": None}
    session = {"created": 1, "payment_intent": {"id": "pi_1", "created": 1, "latest_charge": charge}}
    assert shapes.paid_at_of(session) == JAN
    charge["balance_transaction"] = {"id": "txn_1", "created": _seconds(FEB)}
    assert shapes.paid_at_of(session) == FEB
