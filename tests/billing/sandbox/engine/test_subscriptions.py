"""Subscriptions: how they begin, renew, wait for money, and end."""

from itertools import pairwise

import pytest

from billing.sandbox import engine
from billing.sandbox.errors import CardError, InvalidError, NoSuchError
from tests.billing.sandbox.engine.shop import DAY, DECLINED, FAILS_LATER, NO_FUNDS, WANTS_OWNER, Shop, at

FIRST_PAID = [
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
]


def test_first_payment_makes_it_active(shop: Shop) -> None:
    before = len(shop.events())
    subscription = shop.subscribe(metadata={"atelier_user": "7"})

    item = subscription["items"]["data"][0]
    assert subscription["status"] == "active"
    assert subscription["metadata"] == {"atelier_user": "7"}
    assert (item["current_period_start"], item["current_period_end"]) == (at("2026-03-01"), at("2026-04-01"))
    assert subscription["billing_cycle_anchor"] == shop.began
    assert shop.events()[before:] == ["payment_method.attached", *FIRST_PAID]
    assert shop.last_event("customer.subscription.updated")["previous_attributes"] == {"status": "incomplete"}


def test_first_invoice_bills_the_period(shop: Shop) -> None:
    subscription = shop.subscribe()

    invoice = shop.last_invoice()
    line = invoice["lines"]["data"][0]
    assert subscription["latest_invoice"] == invoice["id"]
    assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_create")
    assert (invoice["subtotal"], invoice["total"], invoice["amount_due"]) == (1000, 1000, 1000)
    assert (invoice["amount_paid"], invoice["amount_remaining"], invoice["attempt_count"]) == (1000, 0, 1)
    assert invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]
    assert line["period"] == {"start": at("2026-03-01"), "end": at("2026-04-01")}
    assert line["pricing"]["price_details"] == {"price": shop.basic, "product": shop.product}
    assert line["parent"]["subscription_item_details"]["proration"] is False
    assert line["description"] == "1 × Pro (at $10.00 / month)"
    assert invoice["payments"]["data"][0]["status"] == "paid"
    assert invoice["hosted_invoice_url"] == f"http://sandbox.test/invoice/{invoice['id']}"
    assert invoice["number"].endswith("-0001")


def test_charge_takes_the_fee(shop: Shop) -> None:
    shop.subscribe(shop.pro)

    charge = shop.last_charge()
    entry = shop.store.get("balance_transaction", charge["balance_transaction"])
    assert (charge["status"], charge["paid"], charge["amount_captured"]) == ("succeeded", True, 3000)
    assert (entry["amount"], entry["fee"], entry["net"]) == (3000, 117, 2883)  # 87 + 30


def test_renewal_begins_the_next_period_and_bills_it(shop: Shop) -> None:
    subscription = shop.subscribe()
    before = len(shop.events())
    shop.advance("2026-04-01")

    renewed, invoice = shop.subscription(subscription), shop.last_invoice()
    assert renewed["items"]["data"][0]["current_period_start"] == at("2026-04-01")
    assert renewed["items"]["data"][0]["current_period_end"] == at("2026-05-01")
    assert (renewed["status"], renewed["latest_invoice"]) == ("active", invoice["id"])
    assert (invoice["billing_reason"], invoice["amount_paid"]) == ("subscription_cycle", 1000)
    assert (invoice["period_start"], invoice["period_end"]) == (at("2026-03-01"), at("2026-04-01"))
    assert invoice["lines"]["data"][0]["period"] == {"start": at("2026-04-01"), "end": at("2026-05-01")}
    assert invoice["created"] == at("2026-04-01")
    assert shop.events()[before:] == ["customer.subscription.updated", *FIRST_PAID[1:-1]]
    previous = shop.last_event("customer.subscription.updated")["previous_attributes"]
    assert previous["items"]["data"][0]["current_period_end"] == at("2026-04-01")


def test_nothing_renews_a_second_before_its_time(shop: Shop) -> None:
    shop.subscribe()
    shop.advance(at("2026-04-01") - 1)

    assert len(shop.invoices()) == 1


@pytest.mark.parametrize("day", range(1, 32))
def test_renewals_over_48_months_keep_the_anchor(day: int) -> None:
    shop = Shop(f"2026-01-{day:02d}")
    subscription = shop.subscribe()
    shop.advance(f"2030-01-{day:02d}")

    periods = [invoice["lines"]["data"][0]["period"] for invoice in shop.invoices()]
    assert len(periods) == 49
    assert all(before["end"] == after["start"] for before, after in pairwise(periods))
    assert periods[48]["start"] == at(f"2030-01-{day:02d}")
    assert shop.subscription(subscription)["billing_cycle_anchor"] == shop.began


def test_renewal_with_a_failing_card_is_past_due_and_tried_on_days_1_3_and_5(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER)
    attempts = []
    for day in range(8):
        shop.advance(at("2026-04-01") + day * DAY)
        invoice = shop.invoices()[1]
        attempts.append((invoice["attempt_count"], shop.subscription(subscription)["status"]))

    assert attempts == [
        (1, "past_due"),
        (2, "past_due"),
        (2, "past_due"),
        (3, "past_due"),
        (3, "past_due"),
        (4, "canceled"),
        (4, "canceled"),
        (4, "canceled"),
    ]
    ended = shop.subscription(subscription)
    assert ended["cancellation_details"]["reason"] == "payment_failed"
    assert ended["ended_at"] == at("2026-04-06")
    assert (shop.invoices()[1]["status"], shop.invoices()[1]["next_payment_attempt"]) == ("open", None)


def test_failed_renewal_tells_in_stripes_order(shop: Shop) -> None:
    shop.subscribe(card=FAILS_LATER)
    before = len(shop.events())
    shop.advance("2026-04-01")

    assert shop.events()[before:] == [
        "customer.subscription.updated",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]
    invoice = shop.last_invoice()
    assert (invoice["status"], invoice["attempted"]) == ("open", True)
    assert invoice["next_payment_attempt"] == at("2026-04-02")
    assert shop.last_charge()["failure_code"] == "card_declined"
    assert shop.last_event("customer.subscription.updated")["previous_attributes"] == {"status": "active"}


def test_new_card_recovers_a_past_due_subscription(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-04-02")
    card = shop.card()
    engine.set_default_payment_method(shop.world, customer_id=shop.customer, method_id=card)
    invoice = engine.pay_invoice(shop.world, shop.last_invoice()["id"], {})

    assert (invoice["status"], invoice["amount_paid"], invoice["attempt_count"]) == ("paid", 1000, 3)
    assert shop.subscription(subscription)["status"] == "active"
    assert shop.subscription(subscription)["default_payment_method"] == card
    shop.advance("2026-05-01")
    assert shop.last_invoice()["status"] == "paid"


def test_retry_with_a_new_card_pays_by_itself(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-04-01")
    engine.set_default_payment_method(shop.world, customer_id=shop.customer, method_id=shop.card())
    shop.advance("2026-04-02")

    assert shop.last_invoice()["status"] == "paid"
    assert shop.subscription(subscription)["status"] == "active"


@pytest.mark.parametrize(("afterwards", "status"), [("unpaid", "unpaid"), ("past_due", "past_due")])
def test_rules_say_what_follows_the_last_attempt(shop: Shop, afterwards: str, status: str) -> None:
    engine.set_rules(shop.world, {"retry_days": [2], "afterwards": afterwards})
    subscription = shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-04-04")

    assert shop.last_invoice()["attempt_count"] == 2
    assert shop.subscription(subscription)["status"] == status


def test_unpaid_subscription_leaves_its_invoices_in_draft_until_someone_pays(shop: Shop) -> None:
    engine.set_rules(shop.world, {"retry_days": [], "afterwards": "unpaid"})
    subscription = shop.subscribe(card=FAILS_LATER)
    shop.advance("2026-05-01")

    draft = shop.last_invoice()
    assert (draft["status"], draft["attempt_count"]) == ("draft", 0)
    invoice = engine.finalize_invoice(shop.world, draft["id"])
    engine.pay_invoice(shop.world, invoice["id"], {"payment_method": shop.card()})
    assert shop.subscription(subscription)["status"] == "active"


def test_rules_refuse_days_that_do_not_rise(shop: Shop) -> None:
    with pytest.raises(InvalidError):
        engine.set_rules(shop.world, {"retry_days": [3, 1]})


def test_card_that_wants_its_owner_asks_for_action(shop: Shop) -> None:
    session = shop.session()
    engine.complete_checkout(shop.world, session, shop.method(WANTS_OWNER))
    before = len(shop.events())
    shop.advance("2026-04-01")

    assert shop.events("invoice.", "payment_intent.")[-5:] == [
        "payment_intent.created",
        "invoice.finalized",
        "payment_intent.requires_action",
        "invoice.payment_action_required",
        "invoice.payment_failed",
    ]
    assert "charge.failed" in shop.events()[before:]
    intent = shop.store.find("payment_intent")[0]
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    engine.pay_invoice(shop.world, shop.last_invoice()["id"], {"off_session": "false"})
    assert shop.last_invoice()["status"] == "paid"


def test_error_if_incomplete_undoes_everything_when_declined(shop: Shop) -> None:
    card = shop.card(NO_FUNDS)
    before = shop.everything()

    with pytest.raises(CardError) as caught:
        shop.subscribe(card=None, default_payment_method=card, payment_behavior="error_if_incomplete")

    assert (caught.value.status, caught.value.code) == (402, "card_declined")
    assert caught.value.decline_code == "insufficient_funds"
    assert shop.everything() == before


def test_declined_first_payment_leaves_it_incomplete_until_it_expires(shop: Shop) -> None:
    subscription = shop.subscribe(card=DECLINED)

    assert subscription["status"] == "incomplete"
    assert shop.last_invoice()["next_payment_attempt"] is None
    shop.advance(shop.began + 23 * 3600 - 1)
    assert shop.subscription(subscription)["status"] == "incomplete"
    shop.advance(shop.began + 23 * 3600)
    assert shop.subscription(subscription)["status"] == "incomplete_expired"
    assert shop.last_invoice()["status"] == "void"
    assert shop.events()[-1] == "customer.subscription.updated"
    assert "customer.subscription.deleted" not in shop.events()


def test_default_incomplete_waits_for_a_payment(shop: Shop) -> None:
    subscription = shop.subscribe(payment_behavior="default_incomplete")

    assert subscription["status"] == "incomplete"
    assert shop.last_invoice()["attempt_count"] == 0
    assert shop.last_invoice()["confirmation_secret"]["type"] == "payment_intent"
    engine.pay_invoice(shop.world, shop.last_invoice()["id"], {})
    assert shop.subscription(subscription)["status"] == "active"


def test_subscription_without_any_card_is_refused(shop: Shop) -> None:
    before = shop.everything()

    with pytest.raises(InvalidError, match="no attached payment source"):
        shop.subscribe(card=None)

    assert shop.everything() == before


def test_customers_default_card_pays(shop: Shop) -> None:
    engine.set_default_payment_method(shop.world, customer_id=shop.customer, method_id=shop.card())

    assert shop.subscribe(card=None)["status"] == "active"


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"items": []}, "items"),
        ({"items": [{"price": "price_gone"}]}, "items[0][price]"),
        ({"customer": "cus_gone"}, "customer"),
        ({"pause_collection": {"behavior": "void"}}, "pause_collection"),
        ({"payment_behavior": "pending_if_incomplete"}, "payment_behavior"),
        ({"trial_period_days": "x"}, "trial_period_days"),
        ({"trial_end": "1"}, "trial_end"),
        ({"trial_end": "99999999999", "trial_period_days": "3"}, "trial_end"),
        ({"default_payment_method": "pm_gone"}, "default_payment_method"),
    ],
)
def test_wrong_parameters_are_refused_by_name(shop: Shop, params: dict[str, object], param: str) -> None:
    before = shop.everything()

    with pytest.raises((InvalidError, NoSuchError)) as caught:
        shop.subscribe(card=None, **params)

    assert caught.value.param == param
    assert shop.everything() == before


def test_archived_and_one_time_prices_are_refused(shop: Shop) -> None:
    shop.store.put({**shop.store.get("price", shop.basic), "active": False})

    with pytest.raises(InvalidError, match="inactive"):
        shop.subscribe(shop.basic)
    with pytest.raises(InvalidError, match="one_time"):
        shop.subscribe(shop.pack)


def test_cancel_now_ends_it_without_another_invoice(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    ended = engine.cancel_subscription(shop.world, subscription["id"], {})

    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == (
        "canceled",
        at("2026-03-11"),
        at("2026-03-11"),
    )
    assert ended["cancellation_details"]["reason"] == "cancellation_requested"
    assert shop.events()[-1] == "customer.subscription.deleted"
    shop.advance("2026-06-01")
    assert len(shop.invoices()) == 1
    with pytest.raises(InvalidError):
        engine.cancel_subscription(shop.world, subscription["id"], {})


def test_cancel_now_with_proration_credits_the_unused_time(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.advance("2026-03-11")
    engine.cancel_subscription(shop.world, subscription["id"], {"prorate": "true", "invoice_now": "true"})

    invoice = shop.last_invoice()
    assert (invoice["total"], invoice["amount_due"], invoice["status"]) == (-677, 0, "paid")
    assert (invoice["starting_balance"], invoice["ending_balance"]) == (0, -677)
    assert shop.store.get("customer", shop.customer)["balance"] == -677


def test_cancelled_while_incomplete_it_expires(shop: Shop) -> None:
    subscription = shop.subscribe(card=DECLINED)

    assert engine.cancel_subscription(shop.world, subscription["id"])["status"] == "incomplete_expired"
    assert shop.last_invoice()["status"] == "void"


def test_deleted_customer_has_no_subscription_left(shop: Shop) -> None:
    first, second = shop.subscribe(), shop.subscribe(shop.pro)
    before = len(shop.events())
    answer = engine.delete_customer(shop.world, shop.customer)

    assert answer == {"id": shop.customer, "object": "customer", "deleted": True}
    assert {shop.subscription(each)["status"] for each in (first, second)} == {"canceled"}
    assert shop.events()[before:] == [
        "customer.subscription.deleted",
        "customer.subscription.deleted",
        "payment_method.detached",
        "payment_method.detached",
        "customer.deleted",
    ]
    shop.advance("2026-06-01")
    assert len(shop.invoices()) == 2


def test_clock_of_a_customer_who_lives_in_real_time_catches_up(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.store.note(shop.clock, follows=True)

    assert engine.catch_up(shop.world) >= 1
    assert shop.world.follows(shop.clock)
    assert shop.subscription(subscription)["items"]["data"][0]["current_period_end"] > shop.world.now()
    assert engine.catch_up(shop.world) == 0


def test_clock_moves_forward_only(shop: Shop) -> None:
    with pytest.raises(InvalidError):
        shop.advance(shop.began - 1)


def test_mixed_intervals_are_refused(shop: Shop) -> None:
    with pytest.raises(InvalidError, match="same billing interval"):
        shop.subscribe(items=[{"price": shop.basic}, {"price": shop.yearly}])
