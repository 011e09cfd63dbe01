"""Reads what an invoice was for: a period on a plan, or a change within one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.stripe.shapes import id_of, moment
from credits.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What one invoice of a subscription was for, with the ids of prices at Stripe.

    `credited` is the price that was given back for the rest of the running period: then `period` is that
    rest, from the moment of the change; otherwise it is a whole one.
    """

    price: str
    period: Period
    credited: str | None = None


def bought(invoice: Mapping[str, Any]) -> Bought | None:
    """Return what `invoice` was for; None where nothing of a plan is on it.

    A renewal that also carries an earlier change is a renewal. Of what was given back nothing was bought.
    """
    lines = [line for line in invoice["lines"]["data"] if _price(line)]
    whole = [line for line in lines if not _is_proration(line)]
    rest = [line for line in lines if _is_proration(line) and line["amount"] > 0]
    line = max(whole or rest, key=lambda each: int(each["period"]["end"]), default=None)
    if line is None:
        return None
    credited = next((_price(each) for each in lines if each["amount"] < 0), _price(line))
    return Bought(
        price=_price(line),
        period=Period(moment(line["period"]["start"]), moment(line["period"]["end"])),
        credited=None if whole else credited,
    )


def _price(line: Mapping[str, Any]) -> str:
    details = (line.get("pricing") or {}).get("price_details") or {}
    return id_of(details.get("price")) or ""


def _is_proration(line: Mapping[str, Any]) -> bool:
    """Tell whether it is a part of a price; such a line stands on the invoice as an item of its own."""
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))
