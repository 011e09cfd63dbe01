"""Reads what an invoice was for: a period on a plan, or a change within one."""

from dataclasses import dataclass

from billing.stripe.shapes import Shape, is_proration, lines_of, moment, price_of_line
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


def bought(invoice: Shape) -> Bought | None:
    """Return what `invoice` was for; None where nothing of a plan is on it.

    A renewal that also carries an earlier change is a renewal. Of what was given back nothing was bought.
    """
    lines = [line for line in lines_of(invoice) if price_of_line(line)]
    whole = [line for line in lines if not is_proration(line)]
    rest = [line for line in lines if is_proration(line) and line["amount"] > 0]
    line = max(whole or rest, key=lambda each: int(each["period"]["end"]), default=None)
    if line is None:
        return None
    price = price_of_line(line) or ""
    credited = next((price_of_line(each) for each in lines if each["amount"] < 0), price)
    return Bought(
        price=price,
        period=Period(moment(line["period"]["start"]), moment(line["period"]["end"])),
        credited=None if whole else credited,
    )
