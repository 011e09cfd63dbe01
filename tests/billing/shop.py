"""The studio at the sandbox: users buy and change there, their time passes, and the studio hears of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import time_machine

from accounts.models import User
from billing import entitlements
from billing.models import StripeRequest, StripeSubscription
from billing.provisioning import end_lapsed
from billing.services import changes, checkout
from billing.stripe import catalogue as stripe_catalogue
from billing.stripe import customers, gateway, mirror
from billing.stripe import portal as stripe_portal
from billing.subscribing import surplus
from config.common.clock import now
from credits import resets
from tests.support.stripe import StripeSandbox

CARD = "4242424242424242"
FAILS_LATER = "4000000000000341"


class Shop:
    """What users do at Stripe, and how the studio learns of it: as by deliveries, in their order."""

    def __init__(self, sandbox: StripeSandbox) -> None:
        self.sandbox = sandbox
        self.client = sandbox.client
        self._heard: set[str] = set()
        work = stripe_catalogue.Work()
        stripe_catalogue.bring(work)
        stripe_portal.arrange(work)

    def subscribe(
        self, user: User, plan: str, interval: str = "month", *, card: str = CARD, **more: Any
    ) -> StripeSubscription:
        """Buy a plan at the checkout page."""
        checkout.start(user=user, plan=plan, interval=interval, key=uuid4().hex)
        paid = self.pay(user, card=card, **more)
        self.hear(user)
        return StripeSubscription.objects.get(pk=paid["subscription"])

    def buy(self, user: User, product: str, *, card: str = CARD) -> None:
        """Buy a product at the checkout page."""
        checkout.buy(user=user, product=product, key=uuid4().hex)
        self.pay(user, card=card)
        self.hear(user)

    def pay(self, user: User, *, card: str = CARD, **more: Any) -> dict[str, Any]:
        """Pay the checkout that was opened last."""
        opened = StripeRequest.objects.filter(user=user, operation="checkout.session.create")
        return self.sandbox.pay(opened.latest("created_at").result_id, card, **more)

    def change(self, user: User, plan: str, interval: str = "month", *, key: str = "") -> changes.Preview:
        """Look at a change, agree to it, and hear of it."""
        shown = changes.preview(user=user, plan=plan, interval=interval)
        changes.apply(
            user=user,
            plan=plan,
            interval=interval,
            proration_date=shown.proration_date,
            key=key or uuid4().hex,
        )
        self.hear(user)
        return shown

    def events(self, user: User) -> list[dict[str, Any]]:
        """Return what Stripe has to tell of a user and was not heard yet, oldest first."""
        customer = customers.customer_for(user)
        told = gateway.list_events(since=datetime.fromtimestamp(0).astimezone())
        news = [event for event in told if event["id"] not in self._heard and _is_about(event, customer)]
        return news[::-1]

    def hear(self, user: User) -> None:
        """Take in what Stripe has to tell of a user, and do what follows from it."""
        for event in self.events(user):
            self._heard.add(event["id"])
            if mirror.kind_of(event["data"]["object"].get("id") or ""):
                mirror.refresh(event["data"]["object"]["id"])
        for subscription_id in surplus.unfinished():
            surplus.carry_out(subscription_id)

    @contextmanager
    def at(self, moment: datetime, user: User) -> Iterator[None]:
        """Let a user's time pass until then, at Stripe and here, the clock's tasks included."""
        self.sandbox.advance(customers.customer_for(user), moment)
        with time_machine.travel(moment + timedelta(seconds=1)):
            self.hear(user)
            end_lapsed()
            resets.run(at=now())
            entitlements.forget(user)
            yield


def _is_about(event: dict[str, Any], customer: str) -> bool:
    subject = event["data"]["object"]
    return customer in (subject.get("customer"), subject.get("id"))
