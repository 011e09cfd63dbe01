"""Reads Stripe's objects, plain dicts in the shapes of the API version that the SDK is pinned to."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from credits.periods import Period

Shape = Mapping[str, Any]


def moment(seconds: int) -> datetime:
    """Return a time that Stripe writes as seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    """Return a time that Stripe may leave out."""
    return None if seconds is None else moment(seconds)


def id_of(value: Any) -> str | None:
    """Return the id of an object that is given as an id, expanded, or not at all."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value or None


def is_deleted(shape: Shape) -> bool:
    """Tell whether Stripe answered that the object is gone."""
    return bool(shape.get("deleted"))


def metadata_of(shape: Shape) -> dict[str, str]:
    """Return what the studio wrote on the object."""
    return dict(shape.get("metadata") or {})


def storable(value: Any) -> Any:
    """Return a text, or whatever JSON holds, as the database can keep it.

    Neither a NUL nor half a character fits there, and JSON may bring both: whoever named something so would
    keep everything about it from being stored.
    """
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(name): storable(member) for name, member in value.items()}
    return [storable(member) for member in value] if isinstance(value, list) else value


def item_of(subscription: Shape) -> Shape:
    """Return the one item of a subscription: the studio sells one plan at a time. ValueError for none."""
    items = _listed(subscription.get("items"))
    if not items:
        raise ValueError(f"Subscription {subscription.get('id')} has no item.")
    return max(items, key=lambda item: int(item["current_period_end"]))


def period_of(subscription: Shape) -> Period:
    """Return the running period, which stands on the item since 2025-03-31."""
    item = item_of(subscription)
    return Period(moment(item["current_period_start"]), moment(item["current_period_end"]))


def price_of(subscription: Shape) -> str:
    """Return the id of the price that is subscribed to."""
    return str(item_of(subscription)["price"]["id"])


def discounts_of_phase(phase: Shape) -> list[dict[str, str]]:
    """Return the discounts of a schedule's phase as a request names them: each goes on, none begins anew."""
    named: list[dict[str, str]] = []
    for entry in phase.get("discounts") or ():
        by = ((name, id_of(entry.get(name))) for name in ("discount", "coupon", "promotion_code"))
        named += [{name: found} for name, found in by if found][:1]
    return named


def coupon_of(discount: Any) -> Shape | None:
    """Return the coupon behind a discount; None where one of the two is given by its id only."""
    source = discount.get("source") if isinstance(discount, Mapping) else None
    coupon = source.get("coupon") if isinstance(source, Mapping) else None
    return coupon if isinstance(coupon, Mapping) else None


def subscription_of(invoice: Shape) -> str | None:
    """Return the id of the subscription that an invoice is for; None for any other invoice."""
    parent = invoice.get("parent") or {}
    return id_of((parent.get("subscription_details") or {}).get("subscription"))


def lines_of(invoice: Shape) -> list[Shape]:
    """Return the lines of an invoice."""
    return _listed(invoice.get("lines"))


def price_of_line(line: Shape) -> str | None:
    """Return the id of the price that a line charges, or gives back; None for an amount of its own."""
    details = (line.get("pricing") or {}).get("price_details") or {}
    return id_of(details.get("price"))


def is_proration(line: Shape) -> bool:
    """Tell whether a line is a part of a price; such a one may stand on the invoice as an item of its own."""
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def is_of_subscription(line: Shape) -> bool:
    """Tell whether a line is of the subscription itself: no item that somebody put on the invoice."""
    return (line.get("parent") or {}).get("type") == "subscription_item_details"


def payment_intent_of(invoice: Shape) -> str | None:
    """Return the id of the payment intent that paid an invoice, or tried to last."""
    return id_of(_payment(invoice).get("payment_intent"))


def charge_of(invoice: Shape) -> str | None:
    """Return the id of the charge that paid an invoice; known where its payment intent is expanded."""
    payment = _payment(invoice)
    intent = payment.get("payment_intent")
    latest = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return id_of(payment.get("charge")) or id_of(latest)


def paid_at_of(session: Shape) -> datetime:
    """Return when the money of a paid checkout was booked, else charged, as far as that came along.

    Of the session by itself only its beginning is known, which may be a day before.
    """
    intent = session.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    booked = charge.get("balance_transaction") if isinstance(charge, Mapping) else None
    found = next(each for each in (booked, charge, session) if isinstance(each, Mapping))
    return moment(found["created"])


def fee_of(charge: Shape) -> int | None:
    """Return Stripe's fee in cents; None while its balance transaction is not there or not expanded."""
    transaction = charge.get("balance_transaction")
    return int(transaction["fee"]) if isinstance(transaction, Mapping) else None


def _payment(invoice: Shape) -> Shape:
    """Return what the invoice was paid with: the payment that went through, else the one tried last."""
    payments = _listed(invoice.get("payments"))
    paid = [payment for payment in payments if payment.get("status") == "paid"]
    newest = max(paid or payments, key=lambda payment: int(payment.get("created") or 0), default=None)
    return (newest or {}).get("payment") or {}


def _listed(value: Any) -> list[Shape]:
    """Return the objects of a list of Stripe's; of a plain one, too."""
    if isinstance(value, Mapping):
        value = value.get("data")
    return list(value) if isinstance(value, Iterable) else []
