"""What the studio asks of Stripe: the kinds of objects, and the changes that it may make to them."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Where the objects of one kind stand, and what else is asked for with them."""

    path: str
    expand: tuple[str, ...] = ()
    lists_by_time: bool = True


KINDS: dict[str, Kind] = {
    "billing_portal.configuration": Kind(path="/v1/billing_portal/configurations", lists_by_time=False),
    "charge": Kind(path="/v1/charges", expand=("balance_transaction", "refunds")),
    "charge.dispute": Kind(path="/v1/disputes"),
    "checkout.session": Kind(
        path="/v1/checkout/sessions", expand=("payment_intent.latest_charge.balance_transaction",)
    ),
    "customer": Kind(path="/v1/customers"),
    "customer.subscription": Kind(path="/v1/subscriptions", expand=("discounts.source.coupon.applies_to",)),
    "event": Kind(path="/v1/events"),
    "invoice": Kind(path="/v1/invoices", expand=("payments.data.payment.payment_intent",)),
    "payment_intent": Kind(path="/v1/payment_intents"),
    "payment_method": Kind(path="/v1/payment_methods"),
    "price": Kind(path="/v1/prices"),
    "product": Kind(path="/v1/products"),
    "refund": Kind(path="/v1/refunds"),
    "subscription_schedule": Kind(path="/v1/subscription_schedules"),
    "webhook_endpoint": Kind(path="/v1/webhook_endpoints", lists_by_time=False),
}
"""By the names that the events about them begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A change at Stripe.

    `kind` is what it answers with; None where that cannot be asked for again. `takes_metadata`: the object it
    makes or changes carries the request's id, by which it is found when its outcome was lost. `ends_in`: the
    status by which a change without metadata is known to be done. `may_charge`: money may move at once.
    `personal`: parameters that say who somebody is; they are kept no longer than they are needed.
    `is_passing`: nobody asks for the same after months, and no money moved: its request can be forgotten.
    """

    kind: str | None
    path: str
    method: Literal["post", "delete"] = "post"
    takes_metadata: bool = True
    ends_in: str = ""
    may_charge: bool = False
    personal: frozenset[str] = frozenset()
    is_passing: bool = False

    @property
    def changes(self) -> bool:
        """Whether it changes an object that is there, rather than making one."""
        return "{target}" in self.path


def _create(kind: str, **more: Any) -> Operation:
    return Operation(kind=kind, path=KINDS[kind].path, **more)


def _update(kind: str, **more: Any) -> Operation:
    return Operation(kind=kind, path=KINDS[kind].path + "/{target}", **more)


_PERSON = frozenset({"address", "email", "name", "phone", "shipping"})


OPERATIONS: dict[str, Operation] = {
    "billing_portal.configuration.create": _create("billing_portal.configuration"),
    "billing_portal.configuration.update": _update("billing_portal.configuration"),
    "billing_portal.session.create": Operation(
        kind=None, path="/v1/billing_portal/sessions", takes_metadata=False, is_passing=True
    ),
    "checkout.session.create": _create("checkout.session", is_passing=True),
    "checkout.session.expire": Operation(
        kind="checkout.session",
        path="/v1/checkout/sessions/{target}/expire",
        takes_metadata=False,
        ends_in="expired",
    ),
    "customer.create": _create("customer", personal=_PERSON),
    "customer.update": _update("customer", personal=_PERSON, is_passing=True),
    "price.create": _create("price"),
    "price.update": _update("price"),
    "product.create": _create("product"),
    "product.update": _update("product"),
    "refund.create": _create("refund"),
    "subscription.cancel": Operation(
        kind="customer.subscription",
        path="/v1/subscriptions/{target}",
        method="delete",
        takes_metadata=False,
        ends_in="canceled",
    ),
    "subscription.update": _update("customer.subscription", may_charge=True),
    # Made from a subscription it takes nothing else, and stands on the subscription.
    "subscription_schedule.create": Operation(
        kind="subscription_schedule", path="/v1/subscription_schedules", takes_metadata=False
    ),
    "subscription_schedule.release": Operation(
        kind="subscription_schedule",
        path="/v1/subscription_schedules/{target}/release",
        takes_metadata=False,
        ends_in="released",
    ),
    "subscription_schedule.update": _update("subscription_schedule"),
    "webhook_endpoint.create": _create("webhook_endpoint"),
    "webhook_endpoint.update": _update("webhook_endpoint"),
    "webhook_endpoint.delete": Operation(
        kind="webhook_endpoint",
        path="/v1/webhook_endpoints/{target}",
        method="delete",
        takes_metadata=False,
        ends_in="deleted",
    ),
}
