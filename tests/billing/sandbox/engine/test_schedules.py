"""Schedules: a downgrade that waits for the end of the period, taken back, released, cancelled."""

import pytest

from billing.sandbox import engine
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from tests.billing.sandbox.engine.shop import DAY, Shop, at


def downgrade(shop: Shop, subscription: Object, price: str, **last: object) -> Object:
    """Schedule another price for the end of the present period, as the product does."""
    made = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    first = made["phases"][0]
    phases = [
        {
            "items": [{"price": first["items"][0]["price"], "quantity": "1"}],
            "start_date": str(first["start_date"]),
            "end_date": str(first["end_date"]),
        },
        {"items": [{"price": price, "quantity": "1"}], **last},
    ]
    params = {"phases": phases, "end_behavior": "release"}
    return engine.update_schedule(shop.world, made["id"], params)


def test_schedule_begins_with_the_present_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    before = len(shop.events())
    schedule = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})

    assert (schedule["status"], schedule["end_behavior"]) == ("active", "release")
    assert schedule["current_phase"] == {"start_date": at("2026-03-01"), "end_date": at("2026-04-01")}
    assert [item["price"] for item in schedule["phases"][0]["items"]] == [shop.pro]
    assert shop.subscription(subscription)["schedule"] == schedule["id"]
    assert shop.events()[before:] == ["subscription_schedule.created", "customer.subscription.updated"]


def test_scheduled_downgrade_counts_from_the_next_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = downgrade(shop, subscription, shop.basic)
    assert shop.subscription(subscription)["items"]["data"][0]["price"]["id"] == shop.pro
    preview = engine.preview_invoice(shop.world, {"subscription": subscription["id"]})
    shop.advance("2026-04-01")

    changed, invoice = shop.subscription(subscription), shop.last_invoice()
    item = changed["items"]["data"][0]
    assert item["price"]["id"] == shop.basic
    assert item["id"] == subscription["items"]["data"][0]["id"]
    assert (item["current_period_start"], item["current_period_end"]) == (at("2026-04-01"), at("2026-05-01"))
    assert (invoice["billing_reason"], invoice["total"]) == ("subscription_cycle", preview["total"])
    assert invoice["total"] == 1000
    assert len(invoice["lines"]["data"]) == 1
    moved = shop.store.get("subscription_schedule", schedule["id"])
    assert moved["current_phase"] == {"start_date": at("2026-04-01"), "end_date": at("2026-05-01")}


def test_schedule_is_released_after_its_last_phase(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = downgrade(shop, subscription, shop.basic)
    shop.advance("2026-05-01")

    released = shop.store.get("subscription_schedule", schedule["id"])
    assert (released["status"], released["released_at"]) == ("released", at("2026-05-01"))
    assert (released["subscription"], released["released_subscription"]) == (None, subscription["id"])
    assert shop.subscription(subscription)["schedule"] is None
    assert "subscription_schedule.released" in shop.events()
    shop.advance("2026-07-01")
    assert [invoice["total"] for invoice in shop.invoices()] == [3000, 1000, 1000, 1000, 1000]


def test_released_schedule_changes_nothing_any_more(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = downgrade(shop, subscription, shop.basic)
    engine.release_schedule(shop.world, schedule["id"], {})

    assert shop.subscription(subscription)["schedule"] is None
    shop.advance("2026-04-01")
    assert shop.last_invoice()["total"] == 3000
    with pytest.raises(InvalidError, match="released"):
        engine.release_schedule(shop.world, schedule["id"])


def test_year_to_month_begins_monthly_periods_at_the_years_end(shop: Shop) -> None:
    subscription = shop.subscribe(shop.yearly)
    downgrade(shop, subscription, shop.basic)
    shop.advance("2027-05-15")

    assert [invoice["total"] for invoice in shop.invoices()] == [30000, 1000, 1000, 1000]
    item = shop.subscription(subscription)["items"]["data"][0]
    assert (item["current_period_start"], item["current_period_end"]) == (at("2027-05-01"), at("2027-06-01"))


def test_end_at_period_end_is_the_schedules_matter(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = downgrade(shop, subscription, shop.basic)

    with pytest.raises(InvalidError, match=f"managed by the subscription schedule `{schedule['id']}`"):
        engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "true"})

    engine.release_schedule(shop.world, schedule["id"])
    engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "true"})
    shop.advance("2026-04-01")
    assert shop.subscription(subscription)["status"] == "canceled"


def test_cancelled_subscription_takes_its_schedule_along(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = downgrade(shop, subscription, shop.basic)
    ended = engine.cancel_subscription(shop.world, subscription["id"])

    assert ended["schedule"] is None
    assert shop.store.get("subscription_schedule", schedule["id"])["status"] == "canceled"
    assert shop.events()[-2:] == ["subscription_schedule.canceled", "customer.subscription.deleted"]


def test_cancelled_schedule_takes_its_subscription_along(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = downgrade(shop, subscription, shop.basic)
    engine.cancel_schedule(shop.world, schedule["id"])

    assert shop.subscription(subscription)["status"] == "canceled"


def test_schedule_can_end_the_subscription(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    engine.update_schedule(shop.world, schedule["id"], {"end_behavior": "cancel"})
    assert shop.subscription(subscription)["cancel_at"] == at("2026-04-01")
    shop.advance("2026-04-01")

    assert shop.subscription(subscription)["status"] == "canceled"
    assert len(shop.invoices()) == 1


def test_second_schedule_is_refused(shop: Shop) -> None:
    subscription = shop.subscribe()
    engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})

    with pytest.raises(InvalidError, match="already attached to a schedule"):
        engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})


def test_schedule_of_an_ended_subscription_is_refused(shop: Shop) -> None:
    subscription = shop.subscribe()
    engine.cancel_subscription(shop.world, subscription["id"])

    with pytest.raises(InvalidError, match="not running"):
        engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([], "phases"),
        ([{"items": [{"price": "price_gone"}]}], "No such price"),
        ([{"items": [{"price": "BASIC"}], "start_date": "1"}], "begins where the one before it ends"),
        ([{"items": [{"price": "BASIC"}], "end_date": "1"}], "ends after it begins"),
        ([{"items": [{"price": "BASIC"}], "iterations": "1"}], "unknown parameter"),
    ],
)
def test_wrong_phases_are_refused(shop: Shop, phases: list[dict[str, object]], message: str) -> None:
    subscription = shop.subscribe()
    schedule = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    for phase in phases:
        phase["items"] = [
            {"price": shop.basic if item["price"] == "BASIC" else item["price"]}
            for item in phase["items"]  # type: ignore[attr-defined]
        ]
    before = shop.everything()

    with pytest.raises(Exception, match=message):
        engine.update_schedule(shop.world, schedule["id"], {"phases": phases})

    assert shop.everything() == before


def test_phase_within_a_period_is_prorated(shop: Shop) -> None:
    subscription = shop.subscribe()
    schedule = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    middle = at("2026-03-11")
    phases = [
        {"items": [{"price": shop.basic}], "end_date": middle},
        {
            "items": [{"price": shop.pro}],
            "duration": {"interval": "month", "interval_count": "2"},
            "proration_behavior": "always_invoice",
            "metadata": {"because": "spring"},
        },
    ]
    engine.update_schedule(shop.world, schedule["id"], {"phases": phases})
    shop.advance(middle + DAY)

    changed = shop.subscription(subscription)
    assert [line["amount"] for line in shop.last_invoice()["lines"]["data"]] == [-677, 2032]
    assert changed["items"]["data"][0]["current_period_end"] == at("2026-04-01")
    assert changed["metadata"] == {"because": "spring"}
    shop.advance("2026-05-11")
    assert shop.subscription(subscription)["schedule"] is None


def test_direct_change_is_written_into_the_running_phase(shop: Shop) -> None:
    subscription = shop.subscribe(shop.basic)
    schedule = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    phase = shop.store.get("subscription_schedule", schedule["id"])["phases"][0]
    assert [item["price"] for item in phase["items"]] == [shop.pro]
    shop.advance("2026-05-01")
    assert [invoice["total"] for invoice in shop.invoices()] == [1000, 2000, 3000, 3000]


def test_cancellation_planned_before_becomes_the_schedules(shop: Shop) -> None:
    subscription = shop.subscribe()
    engine.update_subscription(shop.world, subscription["id"], {"cancel_at_period_end": "true"})
    schedule = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    assert schedule["end_behavior"] == "cancel"
    assert shop.subscription(subscription)["cancel_at_period_end"] is False
    engine.release_schedule(shop.world, schedule["id"])

    assert shop.subscription(subscription)["cancel_at"] is None
    shop.advance("2026-04-01")
    assert shop.subscription(subscription)["status"] == "active"


@pytest.mark.parametrize("end_date", ["2026-03-20", "2026-04-01"])
def test_planned_price_counts_though_it_was_archived_since(shop: Shop, end_date: str) -> None:
    subscription = shop.subscribe(shop.pro)
    made = engine.create_schedule(shop.world, {"from_subscription": subscription["id"]})
    phases = [
        {"items": [{"price": shop.pro}], "end_date": at(end_date)},
        {"items": [{"price": shop.basic}], "duration": {"interval": "month", "interval_count": 2}},
    ]
    engine.update_schedule(shop.world, made["id"], {"phases": phases})
    shop.store.put({**shop.store.get("price", shop.basic), "active": False})
    shop.advance("2026-04-01")

    assert shop.subscription(subscription)["items"]["data"][0]["price"]["id"] == shop.basic
