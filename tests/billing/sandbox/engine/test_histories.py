"""Random histories of a customer: whatever they do, the money adds up and the clock leaves nothing behind."""

import contextlib
import random
from collections.abc import Callable

import pytest

from billing.sandbox import engine
from billing.sandbox.engine.clock import _agenda
from billing.sandbox.errors import ApiError
from billing.sandbox.store import Object
from tests.billing.sandbox.engine.shop import DAY, FAILS_LATER, PAYS, WANTS_OWNER, Shop
from tests.billing.sandbox.shapes import assert_shape


class History:
    """A shop in which one thing after another happens by chance; the seed names the row."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.done: set[str] = set()
        self.shop = Shop(f"2026-01-{self.chance.randint(1, 31):02d}")
        self.prices = [self.shop.basic, self.shop.pro, self.shop.yearly, self.shop.price(777, "week")]
        self.coupons = [
            self.shop.coupon(percent_off="33.33", duration="repeating", duration_in_months="2"),
            self.shop.coupon(amount_off="999", currency="usd", duration="once"),
            self.shop.coupon(percent_off="100", duration="once"),
        ]
        self.subscribe()

    def live(self) -> Object | None:
        """Return a subscription that has not ended, if there is one."""
        found = self.shop.store.find("subscription", ended_at=None)
        return self.chance.choice(found) if found else None

    def step(self) -> None:
        """Let one thing happen; what the API refuses does not."""
        acts: list[Callable[[], object]] = [
            self.wait,
            self.change,
            self.change,
            self.wait,
            self.wait,
            self.subscribe,
            self.change,
            self.schedule,
            self.end,
        ]
        act = self.chance.choice([*acts, self.pay, self.refund, self.dispute])
        with contextlib.suppress(ApiError):
            act()
            self.done.add(act.__name__)

    def wait(self) -> None:
        """Let up to 40 days pass."""
        now = self.shop.world.now(self.shop.customer)
        self.shop.advance(now + self.chance.randint(1, 40 * DAY))

    def subscribe(self) -> None:
        """Buy a subscription, perhaps with a trial, a coupon, a bad card."""
        params: dict[str, object] = {"card": self.chance.choice([PAYS, PAYS, PAYS, FAILS_LATER, WANTS_OWNER])}
        if self.chance.random() < 0.3:
            params["trial_period_days"] = str(self.chance.randint(1, 20))
        if self.chance.random() < 0.4:
            params["discounts"] = [{"coupon": self.chance.choice(self.coupons)}]
        self.shop.subscribe(self.chance.choice(self.prices), **params)

    def change(self) -> None:
        """Change the price; where it is billed at once it must be what the preview said."""
        subscription = self.live()
        if subscription is None:
            return
        price = self.chance.choice(self.prices)
        if price == subscription["items"]["data"][0]["price"]["id"] or subscription["status"] == "trialing":
            return
        behavior = self.chance.choice(["always_invoice", "create_prorations", "none"])
        preview = self.shop.preview(subscription, price, proration_behavior=behavior)
        known = len(self.shop.invoices())
        self.shop.change(subscription, price, proration_behavior=behavior)
        if len(self.shop.invoices()) > known:
            invoice = self.shop.last_invoice()
            for member in ("subtotal", "total", "starting_balance", "ending_balance"):
                assert invoice[member] == preview[member], member

    def schedule(self) -> None:
        """Plan another price for the next period, or let go of such a plan."""
        subscription = self.live()
        if subscription is None:
            return
        if subscription["schedule"]:
            engine.release_schedule(self.shop.world, subscription["schedule"])
            return
        made = engine.create_schedule(self.shop.world, {"from_subscription": subscription["id"]})
        first = made["phases"][0]
        phases = [
            {"items": [{"price": first["items"][0]["price"]}], "end_date": first["end_date"]},
            {"items": [{"price": self.chance.choice(self.prices)}]},
        ]
        engine.update_schedule(self.shop.world, made["id"], {"phases": phases})

    def end(self) -> None:
        """End a subscription now or at its period's end, or take that back."""
        subscription = self.live()
        if subscription is None:
            return
        if self.chance.random() < 0.3:
            engine.cancel_subscription(
                self.shop.world, subscription["id"], {"prorate": self.chance.random() < 0.5}
            )
        else:
            flag = not subscription["cancel_at_period_end"]
            params = {"cancel_at_period_end": flag}
            engine.update_subscription(self.shop.world, subscription["id"], params)

    def pay(self) -> None:
        """Pay an open invoice with a new card."""
        found = self.shop.store.find("invoice", status="open")
        if found:
            card = self.shop.card(self.chance.choice([PAYS, FAILS_LATER]))
            engine.pay_invoice(self.shop.world, found[0]["id"], {"payment_method": card})

    def refund(self) -> None:
        """Refund a part of a charge."""
        found = self.shop.store.find("charge", paid=True)
        if found:
            engine.refund(self.shop.world, {"charge": self.chance.choice(found)["id"], "amount": "123"})

    def dispute(self) -> None:
        """Dispute a charge and close that."""
        found = self.shop.store.find("charge", paid=True, disputed=False)
        if found and self.chance.random() < 0.3:
            dispute = engine.open_dispute(self.shop.world, self.chance.choice(found)["id"])
            engine.close_dispute(self.shop.world, dispute["id"], self.chance.random() < 0.5)


def check_money(shop: Shop) -> None:
    """Every invoice adds up, the balances form a chain, and what is paid was charged."""
    balance = 0
    for invoice in sorted(shop.invoices(), key=lambda each: each["number"] or ""):
        if invoice["status"] == "draft":
            continue
        taken = sum(entry["amount"] for entry in invoice["total_discount_amounts"])
        assert invoice["subtotal"] == sum(line["amount"] for line in invoice["lines"]["data"])
        assert invoice["total"] == invoice["subtotal"] - taken
        assert invoice["starting_balance"] == balance
        assert invoice["total"] + balance == invoice["amount_due"] + invoice["ending_balance"]
        balance = invoice["ending_balance"]
        charges = [
            charge
            for payment in invoice["payments"]["data"]
            for charge in shop.store.find(
                "charge", payment_intent=payment["payment"]["payment_intent"], paid=True
            )
        ]
        assert sum(charge["amount"] for charge in charges) == invoice["amount_paid"]
        assert invoice["amount_paid"] == (invoice["amount_due"] if invoice["status"] == "paid" else 0)
    assert shop.store.get("customer", shop.customer)["balance"] == balance
    for charge in shop.store.find("charge"):
        refunded = sum(
            each["amount"] for each in shop.store.find("refund", charge=charge["id"], status="succeeded")
        )
        assert charge["amount_refunded"] == refunded <= charge["amount"]


def check_time(shop: Shop) -> None:
    """Nothing that is due is left, and each living subscription stands within its period."""
    now = shop.world.now(shop.customer)
    assert [due for due in _agenda(shop.world, shop.clock) if due.at < now] == []
    for subscription in shop.store.find("subscription", ended_at=None):
        for item in subscription["items"]["data"]:
            assert item["current_period_start"] <= now <= item["current_period_end"]
        assert subscription["status"] in ("incomplete", "trialing", "active", "past_due", "unpaid")
        if subscription["schedule"]:
            schedule = shop.store.get("subscription_schedule", subscription["schedule"])
            assert (schedule["status"], schedule["subscription"]) == ("active", subscription["id"])


def test_histories_are_full_of_events() -> None:
    done: set[str] = set()
    statuses: set[str] = set()
    for seed in range(8):
        history = History(seed)
        for _ in range(40):
            history.step()
        done |= history.done
        statuses |= {each["status"] for each in history.shop.store.find("invoice")}
    assert done == {"wait", "subscribe", "change", "schedule", "end", "pay", "refund", "dispute"}
    assert {"paid", "open"} <= statuses


@pytest.mark.parametrize("seed", range(24))
def test_whatever_happens_adds_up(seed: int) -> None:
    history = History(seed)
    for _ in range(40):
        history.step()
        check_money(history.shop)
        check_time(history.shop)
    for obj in history.shop.objects():
        if obj["object"] != "event":
            assert_shape(obj)
