"""Brings one object from Stripe into the studio: the copy of it, and what it means here."""

from collections import defaultdict
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

Kind = Literal[
    "customer",
    "customer.subscription",
    "subscription_schedule",
    "invoice",
    "checkout.session",
    "charge",
    "refund",
    "charge.dispute",
    "payment_method",
    "product",
    "price",
]
"""The kinds of objects that are followed, each named as the events about it begin."""

_PREFIXES: dict[str, Kind] = {
    "cus_": "customer",
    "sub_sched_": "subscription_schedule",
    "sub_": "customer.subscription",
    "in_": "invoice",
    "cs_": "checkout.session",
    "ch_": "charge",
    "py_": "charge",
    "re_": "refund",
    "pyr_": "refund",
    "dp_": "charge.dispute",
    "du_": "charge.dispute",
    "pm_": "payment_method",
    "prod_": "product",
    "price_": "price",
}


class Meaning(Protocol):
    """What an object of one kind means for the studio.

    Called with the object as Stripe answered it, a plain dict, and with the moment at which it was asked for,
    inside the transaction that also keeps its copy: all of it is committed, or nothing. An object that is
    gone comes as `{"id": …, "deleted": True}`. It is called again for every event and every comparison, in
    any order: it brings the studio to what `data` says and relies on nothing having been before. It never
    calls Stripe: what has to happen there is a StripeRequest, carried out after the commit.
    """

    def __call__(self, *, data: dict[str, Any], at: datetime) -> None:
        """Bring the studio to what `data` says. Raises `Needs` where another object must be here first."""


class Needs(Exception):
    """Raised by a meaning that cannot be told before another object is here; called again after that."""

    def __init__(self, object_id: str) -> None:
        super().__init__(object_id)
        self.object_id = object_id


_meanings: defaultdict[Kind, list[Meaning]] = defaultdict(list)


def meaning(kind: Kind, handler: Meaning) -> None:
    """Have `handler` called for every object of that kind, after those named before it."""
    if kind not in get_args(Kind):
        raise ValueError(f"No objects of kind {kind!r} are followed.")
    if handler not in _meanings[kind]:
        _meanings[kind].append(handler)


def kind_of(object_id: str) -> Kind | None:
    """Tell an object's kind by its id; None where its kind is not followed."""
    return next((kind for prefix, kind in _PREFIXES.items() if object_id.startswith(prefix)), None)
