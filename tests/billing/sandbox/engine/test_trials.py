"""Trials: nothing is billed before they end, and what happens then."""

import pytest

from billing.sandbox import engine
from tests.billing.sandbox.engine.shop import DAY, FAILS_LATER, Shop, at


def test_trial_begins_with_a_paid_invoice_of_nothing(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")

    invoice = shop.last_invoice()
    item = subscription["items"]["data"][0]
    assert subscription["status"] == "trialing"
    assert (subscription["trial_start"], subscription["trial_end"]) == (at("2026-03-01"), at("2026-03-15"))
    assert (item["current_period_start"], item["current_period_end"]) == (at("2026-03-01"), at("2026-03-15"))
    assert subscription["billing_cycle_anchor"] == at("2026-03-15")
    assert (invoice["status"], invoice["amount_due"], invoice["amount_paid"]) == ("paid", 0, 0)
    assert invoice["billing_reason"] == "subscription_create"
    assert invoice["lines"]["data"][0]["description"] == "Trial period for Pro"
    assert shop.store.find("payment_intent") == []
    assert shop.events("invoice.") == [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_trial_needs_no_card(shop: Shop) -> None:
    assert shop.subscribe(card=None, trial_period_days=3)["status"] == "trialing"


def test_end_of_a_trial_is_told_three_days_before_once(shop: Shop) -> None:
    shop.subscribe(trial_period_days="14")
    shop.advance(at("2026-03-12") - 1)
    assert "customer.subscription.trial_will_end" not in shop.events()
    shop.advance("2026-03-12")
    shop.advance("2026-03-14")

    assert shop.events().count("customer.subscription.trial_will_end") == 1


def test_short_trial_tells_at_once(shop: Shop) -> None:
    shop.subscribe(trial_period_days="2")
    shop.advance(shop.began + 1)

    assert shop.events().count("customer.subscription.trial_will_end") == 1


def test_end_of_a_trial_bills_the_first_period(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")
    shop.advance("2026-03-15")

    invoice, active = shop.last_invoice(), shop.subscription(subscription)
    assert (active["status"], active["trial_end"]) == ("active", at("2026-03-15"))
    assert (invoice["billing_reason"], invoice["amount_paid"]) == ("subscription_cycle", 1000)
    assert invoice["lines"]["data"][0]["period"] == {"start": at("2026-03-15"), "end": at("2026-04-15")}
    previous = shop.last_event("customer.subscription.updated")["previous_attributes"]
    assert previous["status"] == "trialing"


def test_end_of_a_trial_with_a_failing_card_is_past_due(shop: Shop) -> None:
    subscription = shop.subscribe(card=FAILS_LATER, trial_period_days="14")
    shop.advance("2026-03-15")

    assert shop.subscription(subscription)["status"] == "past_due"


@pytest.mark.parametrize(("behavior", "status"), [("cancel", "canceled"), ("create_invoice", "past_due")])
def test_end_of_a_trial_without_a_card(shop: Shop, behavior: str, status: str) -> None:
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    subscription = shop.subscribe(card=None, trial_period_days="14", trial_settings=settings)
    shop.advance("2026-03-15")

    assert shop.subscription(subscription)["status"] == status


def test_trial_can_be_ended_now(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")
    shop.advance("2026-03-05")
    active = engine.update_subscription(shop.world, subscription["id"], {"trial_end": "now"})

    assert (active["status"], active["trial_end"]) == ("active", at("2026-03-05"))
    assert shop.last_invoice()["amount_paid"] == 1000
    assert active["items"]["data"][0]["current_period_end"] == at("2026-04-05")


def test_trial_can_be_made_longer(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")
    longer = engine.update_subscription(shop.world, subscription["id"], {"trial_end": str(at("2026-03-20"))})

    assert longer["items"]["data"][0]["current_period_end"] == longer["trial_end"] == at("2026-03-20")
    shop.advance("2026-03-19")
    assert shop.subscription(subscription)["status"] == "trialing"
    shop.advance("2026-03-20")
    assert shop.subscription(subscription)["status"] == "active"


def test_change_of_price_within_a_trial_bills_nothing(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")
    shop.advance(shop.began + 5 * DAY)
    shop.change(subscription, shop.yearly, proration_behavior="always_invoice")

    assert len(shop.invoices()) == 1
    assert shop.subscription(subscription)["trial_end"] == at("2026-03-15")
    shop.advance("2026-03-15")
    assert shop.last_invoice()["amount_paid"] == 30000
    assert shop.subscription(subscription)["items"]["data"][0]["current_period_end"] == at("2027-03-15")


def test_cancelled_within_a_trial_it_ends_with_it_unpaid(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")
    engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "true"})
    shop.advance("2026-04-15")

    assert shop.subscription(subscription)["ended_at"] == at("2026-03-15")
    assert len(shop.invoices()) == 1


def test_upgrade_after_a_trial_credits_what_was_paid_and_not_the_trial(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days="14")
    shop.advance("2026-03-15")
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    assert shop.last_invoice()["total"] == 2000
