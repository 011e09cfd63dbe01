"""The engine over the wire: a customer's whole story through the official SDK, and every object's shape."""

from typing import Any

import httpx
import pytest
import stripe

from tests.billing.sandbox import shop
from tests.billing.sandbox.shapes import assert_shape
from tests.support.stripe import StripeSandbox

DAY = 24 * 3600
DECLINED_LATER = "4000000000000341"


class Story:
    """A customer at a sandbox: what they have, and what time it is for them."""

    def __init__(self, sandbox: StripeSandbox, cents: int = 1000, card: str = "4242424242424242") -> None:
        self.sandbox, self.v1 = sandbox, sandbox.client.v1
        self.price = shop.price(sandbox, cents)
        self.customer = shop.customer(sandbox)
        session = shop.session(sandbox, self.price, self.customer)
        self.session = sandbox.pay(session["id"], card)
        self.id: str = self.session["subscription"]

    def subscription(self) -> dict[str, Any]:
        """Return the subscription as it now is."""
        return self.v1.subscriptions.retrieve(self.id).to_dict()

    def item(self) -> dict[str, Any]:
        """Return its item."""
        return self.subscription()["items"]["data"][0]

    def latest_invoice(self) -> dict[str, Any]:
        """Return its newest invoice, with its payments."""
        invoice = self.subscription()["latest_invoice"]
        return self.v1.invoices.retrieve(invoice, {"expand": ["payments"]}).to_dict()

    def charge(self) -> str:
        """Return the id of the charge that paid the newest invoice."""
        intent = self.latest_invoice()["payments"]["data"][0]["payment"]["payment_intent"]
        return str(self.v1.payment_intents.retrieve(intent).latest_charge)

    def end_of_period(self) -> int:
        """Return when the present period ends."""
        return self.item()["current_period_end"]

    def advance(self, to: int) -> None:
        """Let the customer's time pass."""
        self.sandbox.advance(self.customer, to)

    def answer(self, path: str) -> dict[str, Any]:
        """Return what the API answers, as it was sent."""
        headers = {"Authorization": f"Bearer {self.sandbox.key}"}
        return httpx.get(f"{self.sandbox.url}/v1/{path}", headers=headers, timeout=30.0).json()

    def events(self, about: str) -> list[str]:
        """Return the types of the events about an object, oldest first."""
        found = self.v1.events.list({"limit": 100}).to_dict()["data"]
        return [event["type"] for event in reversed(found) if event["data"]["object"].get("id") == about]


def amounts(invoice: dict[str, Any]) -> list[int]:
    """Return the amounts of an invoice's lines."""
    return [line["amount"] for line in invoice["lines"]["data"]]


def test_subscription_from_checkout_to_its_end(stripe_sandbox: StripeSandbox) -> None:
    story = Story(stripe_sandbox)
    assert (story.subscription()["status"], story.latest_invoice()["amount_paid"]) == ("active", 1000)

    first_end = story.end_of_period()
    story.advance(first_end)
    assert story.latest_invoice()["billing_reason"] == "subscription_cycle"
    assert story.item()["current_period_start"] == first_end

    # Upgrade in the middle of the month, at the price that was previewed.
    pro = shop.price(stripe_sandbox, 3000)
    date = first_end + 10 * DAY
    story.advance(date)
    change = [{"id": story.item()["id"], "price": pro}]
    preview = story.v1.invoices.create_preview(
        {
            "subscription": story.id,
            "subscription_details": {
                "items": change,
                "proration_behavior": "always_invoice",
                "proration_date": date,
            },
        }
    ).to_dict()
    story.advance(date + 300)
    story.v1.subscriptions.update(
        story.id,
        {
            "items": change,
            "proration_behavior": "always_invoice",
            "proration_date": date,
            "payment_behavior": "error_if_incomplete",
        },
    )
    upgrade = story.latest_invoice()
    assert amounts(upgrade) == amounts(preview)
    assert upgrade["amount_paid"] == preview["amount_due"] == sum(amounts(preview))
    assert upgrade["billing_reason"] == "subscription_update"

    # Schedule a downgrade, and take it back.
    schedule = story.v1.subscription_schedules.create({"from_subscription": story.id})
    phase = schedule.phases[0]
    story.v1.subscription_schedules.update(
        schedule.id,
        {
            "end_behavior": "release",
            "phases": [
                {
                    "items": [{"price": pro, "quantity": 1}],
                    "start_date": phase.start_date,
                    "end_date": phase.end_date,
                },
                {"items": [{"price": story.price, "quantity": 1}]},
            ],
        },
    )
    assert story.subscription()["schedule"] == schedule.id
    assert len(story.v1.subscription_schedules.retrieve(schedule.id).phases) == 2
    assert story.v1.subscription_schedules.release(schedule.id).status == "released"
    assert story.subscription()["schedule"] is None
    second_end = story.end_of_period()
    story.advance(second_end)
    assert amounts(story.latest_invoice()) == [3000]

    # Cancel, take it back, cancel again, and let it end.
    for cancel in (True, False, True):
        told = story.v1.subscriptions.update(story.id, {"cancel_at_period_end": cancel})
        assert told.cancel_at_period_end is cancel
    third_end = story.end_of_period()
    story.advance(third_end)
    ended = story.subscription()
    assert (ended["status"], ended["ended_at"]) == ("canceled", third_end)
    for path in (f"subscriptions/{story.id}", f"invoices/{upgrade['id']}"):
        assert_shape(story.answer(path))
    assert story.events(story.id)[-1] == "customer.subscription.deleted"


def test_scheduled_downgrade_happens_by_the_clock(stripe_sandbox: StripeSandbox) -> None:
    story = Story(stripe_sandbox, 3000)
    basic = shop.price(stripe_sandbox, 1000)
    schedule = story.v1.subscription_schedules.create({"from_subscription": story.id})
    first = {"items": [{"price": story.price}], "start_date": schedule.phases[0].start_date}
    phases: Any = [{**first, "end_date": schedule.phases[0].end_date}, {"items": [{"price": basic}]}]
    story.v1.subscription_schedules.update(schedule.id, {"phases": phases, "end_behavior": "release"})
    story.advance(story.end_of_period())

    assert story.item()["price"]["id"] == basic
    assert amounts(story.latest_invoice()) == [1000]
    assert_shape(story.answer(f"subscription_schedules/{schedule.id}"))


def test_failing_card_is_past_due_and_a_new_one_recovers(stripe_sandbox: StripeSandbox) -> None:
    story = Story(stripe_sandbox, card=DECLINED_LATER)
    story.advance(story.end_of_period())
    invoice = story.latest_invoice()
    assert story.subscription()["status"] == "past_due"
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)

    with pytest.raises(stripe.CardError) as caught:
        story.v1.invoices.pay(invoice["id"])
    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
    assert caught.value.error.decline_code == "generic_decline"
    assert story.latest_invoice()["attempt_count"] == 2

    card = stripe_sandbox.act("add_card", customer=story.customer, card="4242424242424242")["id"]
    assert story.v1.invoices.pay(invoice["id"], {"payment_method": card}).status == "paid"
    assert story.subscription()["status"] == "active"
    assert story.events(invoice["id"]) == [
        "invoice.created",
        "invoice.finalized",
        "invoice.payment_failed",
        "invoice.payment_failed",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_declined_upgrade_leaves_the_subscription_as_it_was(stripe_sandbox: StripeSandbox) -> None:
    story = Story(stripe_sandbox, card=DECLINED_LATER)
    pro = shop.price(stripe_sandbox, 3000)
    before = story.subscription()

    with pytest.raises(stripe.CardError):
        story.v1.subscriptions.update(
            story.id,
            {
                "items": [{"id": story.item()["id"], "price": pro}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            },
        )

    assert story.subscription() == before


def test_refund_and_its_limits(stripe_sandbox: StripeSandbox) -> None:
    story = Story(stripe_sandbox)
    charge = story.charge()
    part = story.v1.refunds.create({"charge": charge, "amount": 400, "metadata": {"case": "1"}})
    assert (part.amount, part.status) == (400, "succeeded")

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        story.v1.refunds.create({"charge": charge, "amount": 601})
    rest = story.v1.refunds.create({"charge": charge})
    failed = stripe_sandbox.act("fail_refund", refund=rest.id)

    after = story.v1.charges.retrieve(charge, {"expand": ["balance_transaction", "refunds"]}).to_dict()
    assert rest.amount == failed["amount"] == 600
    assert story.v1.refunds.retrieve(rest.id).status == "failed"
    assert (after["amount_refunded"], after["refunded"]) == (400, False)
    assert (after["balance_transaction"]["fee"], after["balance_transaction"]["net"]) == (59, 941)
    assert len(after["refunds"]["data"]) == 2
    assert_shape(story.answer(f"charges/{charge}"))


@pytest.mark.parametrize(("won", "status"), [(True, "won"), (False, "lost")])
def test_dispute(stripe_sandbox: StripeSandbox, won: bool, status: str) -> None:
    story = Story(stripe_sandbox)
    dispute = stripe_sandbox.act("open_dispute", charge=story.charge(), reason="fraudulent")["id"]
    assert story.v1.charges.retrieve(story.charge()).disputed is True
    stripe_sandbox.act("close_dispute", dispute=dispute, won=won)

    closed = story.v1.disputes.retrieve(dispute).to_dict()
    assert closed["status"] == status
    assert_shape(story.answer(f"disputes/{dispute}"))
    assert story.events(dispute)[:2] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def test_deleted_customer_loses_the_subscription(stripe_sandbox: StripeSandbox) -> None:
    story = Story(stripe_sandbox)
    story.v1.customers.delete(story.customer)

    assert story.subscription()["status"] == "canceled"


def test_delayed_payment_is_told_when_it_has_come(stripe_sandbox: StripeSandbox) -> None:
    session = shop.session(stripe_sandbox, shop.price(stripe_sandbox, 900, None), mode="payment")
    done = stripe_sandbox.pay(session["id"], delayed="succeeds")
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    stripe_sandbox.act("settle_payment", payment_intent=done["payment_intent"])

    v1 = stripe_sandbox.client.v1
    assert v1.checkout.sessions.retrieve(session["id"]).payment_status == "paid"
    assert v1.events.list({"limit": 1}).data[0].type == "checkout.session.async_payment_succeeded"
