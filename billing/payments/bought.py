"""Reads what an invoice was for: a period on a plan, or a change within one."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.stripe.shapes import Shape, is_of_subscription, is_proration, lines_of, moment, price_of_line
from credits.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What one invoice of a subscription was for, with the ids of prices at Stripe.

    `is_rest`: of a period that had begun before, from the moment of the change on; `credited` is the price
    that was given back for that time, empty where nothing had been paid for it: nothing came with it, either.
    """

    price: str
    period: Period
    is_rest: bool = False
    credited: str = ""


def bought(invoice: Shape) -> Bought | None:
    """Return what `invoice` was for; None where nothing of a plan is on it.

    A renewal that also carries an earlier change is a renewal. Of what was given back nothing was bought, and
    what else an operator put on the invoice is no plan.
    """
    lines = [line for line in lines_of(invoice) if price_of_line(line)]
    parts = [line for line in lines if is_proration(line)]
    whole = [line for line in lines if line not in parts and is_of_subscription(line)]
    rest = [line for line in parts if line["amount"] > 0]
    line = max(whole or rest, key=lambda each: int(each["period"]["end"]), default=None)
    if line is None:
        return None
    return Bought(
        price=price_of_line(line) or "",
        period=Period(moment(line["period"]["start"]), moment(line["period"]["end"])),
        is_rest=not whole,
        credited=_credited(line, parts) if not whole else "",
    )


def _credited(line: Shape, parts: Sequence[Shape]) -> str:
    """Return the price that `line` takes the place of: its own, where it only stands there more often."""
    before = [part for part in parts if part["amount"] <= 0]
    dearest = min(before, key=lambda part: int(part["amount"]), default=line)
    return (price_of_line(dearest) or "") if dearest["amount"] else ""
