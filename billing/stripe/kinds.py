"""The kinds of Stripe's objects that are followed here, and how they are told by their ids."""

from typing import Literal

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


def kind_of(object_id: str) -> Kind | None:
    """Tell an object's kind by its id; None where its kind is not followed."""
    return next((kind for prefix, kind in _PREFIXES.items() if object_id.startswith(prefix)), None)


def object_of(kind: Kind) -> str:
    """Return what Stripe calls an object of that kind in the object itself."""
    return {"customer.subscription": "subscription", "charge.dispute": "dispute"}.get(kind, kind)
