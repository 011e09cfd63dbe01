"""Changes of a subscription: upgrades with proration, intervals, the end and its undoing."""

import pytest

from billing.sandbox import engine
from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.store import Object
from tests.billing.sandbox.engine.shop import DAY, FAILS_LATER, WANTS_OWNER, Shop, at
from tests.billing.sandbox.shapes import assert_shape


def amounts(invoice: Object) -> list[int]:
    """Return the amounts of an invoice's lines."""
    return [line["amount"] for line in invoice["lines"]["data"]]


def test_upgrade_at_once_is_billed_as_previewed(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    date = at("2026-03-11")
    preview = shop.preview(subscription, shop.pro, proration_behavior="always_invoice", proration_date=date)
    shop.advance(date + 90)  # the customer reads it
    before = len(shop.events())
    updated = shop.change(
        subscription,
        shop.pro,
        proration_behavior="always_invoice",
        proration_date=date,
        payment_behavior="error_if_incomplete",
    )

    invoice = shop.last_invoice()
    assert amounts(invoice) == amounts(preview) == [-677, 2032]
    assert (invoice["total"], invoice["amount_paid"], invoice["status"]) == (1355, 1355, "paid")
    assert preview["total"] == invoice["total"]
    assert (invoice["billing_reason"], preview["billing_reason"]) == (
        "subscription_update",
        "subscription_update",
    )
    assert invoice["parent"]["subscription_details"]["subscription_proration_date"] == date
    assert updated["latest_invoice"] == invoice["id"]
    assert updated["items"]["data"][0]["price"]["id"] == shop.pro
    assert updated["items"]["data"][0]["plan"]["id"] == shop.pro
    assert updated["items"]["data"][0]["id"] == subscription["items"]["data"][0]["id"]
    assert updated["items"]["data"][0]["current_period_end"] == at("2026-04-01")
    assert shop.events()[before:] == [
        "invoiceitem.created",
        "invoiceitem.created",
        "customer.subscription.updated",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "charge.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_proration_lines_say_what_they_are(shop: Shop) -> None:
    subscription = shop.subscribe()
    first = shop.last_invoice()
    shop.advance("2026-03-11")
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    credit, debit = shop.last_invoice()["lines"]["data"]
    details = credit["parent"]["subscription_item_details"]
    assert credit["period"] == debit["period"] == {"start": at("2026-03-11"), "end": at("2026-04-01")}
    assert details["proration"] is True
    assert details["proration_details"]["credited_items"] == {
        "invoice": first["id"],
        "invoice_line_items": [first["lines"]["data"][0]["id"]],
    }
    assert debit["parent"]["subscription_item_details"]["proration_details"]["credited_items"] is None
    assert credit["description"] == "Unused time on Pro after 11 Mar 2026"
    assert debit["description"] == "Remaining time on Pro after 11 Mar 2026"
    assert credit["pricing"]["price_details"]["price"] == shop.basic
    assert debit["pricing"]["price_details"]["price"] == shop.pro
    assert shop.store.get("invoiceitem", details["invoice_item"])["invoice"] == shop.last_invoice()["id"]


def test_second_upgrade_credits_the_first_ones_rate(shop: Shop) -> None:
    subscription = shop.subscribe()
    dearest = shop.price(9300)
    shop.advance("2026-03-11")
    subscription = shop.change(subscription, shop.pro, proration_behavior="always_invoice")
    shop.advance("2026-03-21")
    shop.change(subscription, dearest, proration_behavior="always_invoice")

    assert amounts(shop.last_invoice()) == [-1065, 3300]  # 3000 and 9300 × 11 ÷ 31
    shop.advance("2026-04-01")
    assert amounts(shop.last_invoice()) == [9300]


def test_prorations_wait_for_the_next_invoice(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    shop.change(subscription, shop.pro)

    assert len(shop.invoices()) == 1
    assert [item["amount"] for item in shop.store.find("invoiceitem")] == [2032, -677]
    preview = engine.preview_invoice(shop.world, {"subscription": subscription["id"]})
    shop.advance("2026-04-01")
    assert amounts(shop.last_invoice()) == amounts(preview) == [-677, 2032, 3000]
    assert shop.last_invoice()["total"] == preview["total"] == 4355
    shop.advance("2026-05-01")
    assert amounts(shop.last_invoice()) == [3000]


def test_change_without_prorations_counts_from_the_next_period(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    updated = shop.change(subscription, shop.pro, proration_behavior="none")

    assert updated["items"]["data"][0]["price"]["id"] == shop.pro
    assert shop.store.find("invoiceitem") == []
    shop.advance("2026-04-01")
    assert amounts(shop.last_invoice()) == [3000]


def test_downgrade_at_once_leaves_credit_that_later_invoices_use(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.advance("2026-03-11")
    shop.change(subscription, shop.basic, proration_behavior="always_invoice")

    invoice = shop.last_invoice()
    assert (invoice["total"], invoice["amount_due"], invoice["amount_paid"]) == (-1355, 0, 0)
    assert (invoice["starting_balance"], invoice["ending_balance"]) == (0, -1355)
    assert invoice["status"] == "paid"
    assert shop.last_event("customer.updated")["previous_attributes"] == {"balance": 0}
    shop.advance("2026-05-01")
    april, may = shop.invoices()[2:]
    assert (april["amount_due"], april["ending_balance"]) == (0, -355)
    assert (may["starting_balance"], may["amount_due"], may["amount_paid"]) == (-355, 645, 645)
    assert shop.store.get("customer", shop.customer)["balance"] == 0
    entries = shop.store.find("customer_balance_transaction")
    assert [entry["amount"] for entry in entries] == [355, 1000, -1355]


def test_month_to_year_begins_a_period_at_once(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    preview = shop.preview(subscription, shop.yearly)
    updated = shop.change(subscription, shop.yearly)

    invoice = shop.last_invoice()
    item = updated["items"]["data"][0]
    assert amounts(invoice) == amounts(preview) == [-677, 30000]
    assert invoice["amount_paid"] == preview["amount_due"] == 29323
    assert (item["current_period_start"], item["current_period_end"]) == (at("2026-03-11"), at("2027-03-11"))
    assert updated["billing_cycle_anchor"] == at("2026-03-11")
    assert invoice["lines"]["data"][1]["parent"]["subscription_item_details"]["proration"] is False
    shop.advance("2027-03-11")
    assert amounts(shop.last_invoice()) == [30000]


def test_month_to_year_without_prorations_bills_the_year_whole(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    shop.change(subscription, shop.yearly, proration_behavior="none")

    assert amounts(shop.last_invoice()) == [30000]


def test_cycle_can_begin_anew_with_the_same_price(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    engine.update_subscription(shop.world, subscription["id"], {"billing_cycle_anchor": "now"})

    assert amounts(shop.last_invoice()) == [-677, 1000]
    assert shop.subscription(subscription)["billing_cycle_anchor"] == at("2026-03-11")


def test_declined_upgrade_undoes_everything(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-03-11")
    before = shop.everything()

    with pytest.raises(CardError) as caught:
        shop.change(
            subscription,
            shop.pro,
            proration_behavior="always_invoice",
            payment_behavior="error_if_incomplete",
        )

    assert caught.value.status == 402
    assert shop.everything() == before


def test_declined_upgrade_that_may_be_incomplete_is_past_due(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-03-11")
    updated = shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    assert updated["status"] == "past_due"
    assert updated["items"]["data"][0]["price"]["id"] == shop.pro
    assert shop.last_invoice()["next_payment_attempt"] == at("2026-03-12")


def test_amount_too_small_to_charge_goes_to_the_balance(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance(at("2026-04-01") - 3600)
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    invoice = shop.last_invoice()
    assert (invoice["total"], invoice["amount_due"], invoice["status"]) == (3, 0, "paid")
    assert invoice["ending_balance"] == 3
    shop.advance("2026-04-01")
    assert shop.last_invoice()["amount_paid"] == 3003


def test_quantity_counts(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    item = subscription["items"]["data"][0]["id"]
    params = {"items": [{"id": item, "quantity": "3"}], "proration_behavior": "always_invoice"}
    engine.update_subscription(shop.world, subscription["id"], params)

    assert amounts(shop.last_invoice()) == [-677, 2032]
    assert shop.last_invoice()["lines"]["data"][1]["quantity"] == 3


def test_item_without_an_id_is_a_second_one(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    params = {"items": [{"price": shop.pro}], "proration_behavior": "always_invoice"}
    updated = engine.update_subscription(shop.world, subscription["id"], params)

    assert [item["price"]["id"] for item in updated["items"]["data"]] == [shop.basic, shop.pro]
    assert amounts(shop.last_invoice()) == [2032]
    with pytest.raises(InvalidError, match="same price"):
        engine.update_subscription(shop.world, subscription["id"], params)
    gone = {"items": [{"id": updated["items"]["data"][0]["id"], "deleted": "true"}]}
    engine.update_subscription(shop.world, subscription["id"], gone)
    assert [item["amount"] for item in shop.store.find("invoiceitem", invoice=None)] == [-677]


@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
def test_preview_changes_nothing(shop: Shop, behavior: str) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    before = shop.everything()

    preview = shop.preview(subscription, shop.pro, proration_behavior=behavior)

    assert shop.everything() == before
    assert_shape(preview)
    assert preview["id"].startswith("upcoming_in_")
    assert preview["status"] == "draft"


def test_preview_of_a_change_that_waits_is_the_next_periods(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")

    preview = shop.preview(subscription, shop.pro)

    assert amounts(preview) == [-677, 2032, 3000]
    assert preview["lines"]["data"][2]["period"] == {"start": at("2026-04-01"), "end": at("2026-05-01")}
    assert preview["billing_reason"] == "upcoming"


def test_preview_of_the_next_renewal_equals_it(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="25", duration="forever")
    subscription = shop.subscribe(discounts=[{"coupon": coupon}])
    preview = engine.preview_invoice(shop.world, {"subscription": subscription["id"]})
    shop.advance("2026-04-01")

    invoice = shop.last_invoice()
    assert preview["created"] == invoice["created"]
    for member in ("subtotal", "total", "amount_due", "starting_balance", "period_start", "period_end"):
        assert preview[member] == invoice[member]


def test_preview_of_nothing_is_not_found(shop: Shop) -> None:
    subscription = shop.subscribe()
    engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "true"})

    with pytest.raises(InvalidError.__base__, match="No upcoming invoices") as caught:
        engine.preview_invoice(shop.world, {"subscription": subscription["id"]})

    assert (caught.value.status, caught.value.code) == (404, "invoice_upcoming_none")


def test_preview_of_a_subscription_to_come(shop: Shop) -> None:
    coupon = shop.coupon(amount_off="250", currency="usd", duration="once")
    params = {
        "customer": shop.customer,
        "subscription_details": {"items": [{"price": shop.pro}]},
        "discounts": [{"coupon": coupon}],
    }

    preview = engine.preview_invoice(shop.world, params)

    assert (preview["subtotal"], preview["total"], preview["amount_due"]) == (3000, 2750, 2750)
    assert shop.store.get("coupon", coupon)["times_redeemed"] == 0


@pytest.mark.parametrize("date", ["2026-02-28", "2026-04-02"])
def test_proration_date_outside_of_the_period_is_refused(shop: Shop, date: str) -> None:
    subscription = shop.subscribe()

    with pytest.raises(InvalidError) as caught:
        shop.change(subscription, shop.pro, proration_date=at(date))

    assert caught.value.param == "proration_date"


def test_cancel_at_period_end_ends_it_then(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    planned = engine.update_subscription(
        shop.world,
        subscription["id"],
        {"cancel_at_period_end": "true", "cancellation_details": {"feedback": "too_expensive"}},
    )

    assert (planned["status"], planned["cancel_at"]) == ("active", at("2026-04-01"))
    assert planned["canceled_at"] == at("2026-03-11")
    previous = shop.last_event("customer.subscription.updated")["previous_attributes"]
    assert previous["cancel_at_period_end"] is False
    shop.advance("2026-04-01")
    ended = shop.subscription(subscription)
    assert (ended["status"], ended["ended_at"]) == ("canceled", at("2026-04-01"))
    assert ended["canceled_at"] == at("2026-03-11")
    assert ended["cancellation_details"] == {
        "comment": None,
        "feedback": "too_expensive",
        "reason": "cancellation_requested",
    }
    assert len(shop.invoices()) == 1
    assert shop.events()[-1] == "customer.subscription.deleted"


def test_cancel_at_period_end_can_be_taken_back(shop: Shop) -> None:
    subscription = shop.subscribe()
    engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "true"})
    kept = engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "false"})

    assert (kept["cancel_at"], kept["canceled_at"], kept["cancel_at_period_end"]) == (None, None, False)
    assert kept["cancellation_details"]["reason"] is None
    shop.advance("2026-04-01")
    assert shop.subscription(subscription)["status"] == "active"


def test_cancel_at_a_moment(shop: Shop) -> None:
    subscription = shop.subscribe()
    moment = at("2026-03-20")
    engine.update_subscription(shop.world, subscription["id"], {"cancel_at": str(moment)})
    shop.advance(moment - 1)
    assert shop.subscription(subscription)["status"] == "active"
    shop.advance(moment)
    assert shop.subscription(subscription)["ended_at"] == moment


def test_metadata_is_merged(shop: Shop) -> None:
    subscription = shop.subscribe(metadata={"a": "1", "b": "2"})
    updated = engine.update_subscription(shop.world, subscription["id"], {"metadata": {"b": "", "c": "3"}})

    assert updated["metadata"] == {"a": "1", "c": "3"}
    assert shop.last_event("customer.subscription.updated")["previous_attributes"] == {
        "metadata": {"b": "2", "c": None}
    }


def test_new_default_card_pays_the_next_period(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER)
    params = {"default_payment_method": shop.card()}
    engine.update_subscription(shop.world, subscription["id"], params)
    shop.advance("2026-04-01")

    assert shop.last_invoice()["status"] == "paid"


def test_card_of_somebody_else_is_refused(shop: Shop) -> None:
    subscription = shop.subscribe()

    with pytest.raises(InvalidError) as caught:
        engine.update_subscription(shop.world, subscription["id"], {"default_payment_method": shop.method()})

    assert caught.value.param == "default_payment_method"


def test_ended_subscription_changes_no_more(shop: Shop) -> None:
    subscription = shop.subscribe()
    engine.cancel_subscription(shop.world, subscription["id"])

    with pytest.raises(InvalidError, match="canceled subscription"):
        shop.change(subscription, shop.pro)
    engine.update_subscription(shop.world, subscription["id"], {"metadata": {"why": "left"}})


def test_upgrade_on_the_first_second_bills_the_difference(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    assert amounts(shop.last_invoice()) == [-1000, 3000]


def test_same_price_again_bills_nothing(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance(shop.began + DAY)
    shop.change(subscription, shop.basic, proration_behavior="always_invoice")

    assert len(shop.invoices()) == 1


def test_upgrade_that_wants_the_cards_owner_says_so_and_undoes_everything(shop: Shop) -> None:
    subscription = shop.subscribe(card=WANTS_OWNER)
    before = shop.everything()

    with pytest.raises(CardError) as caught:
        shop.change(
            subscription,
            shop.pro,
            proration_behavior="always_invoice",
            payment_behavior="error_if_incomplete",
        )

    assert caught.value.code == "subscription_payment_intent_requires_action"
    assert shop.everything() == before
