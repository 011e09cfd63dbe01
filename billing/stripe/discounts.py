"""The discounts of a subscription at Stripe: which of them count for a payment, and what they take off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from billing.stripe.shapes import Shape, coupon_of, moment_or_none
from config.common.figures import dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A share, or an amount, off what is paid."""

    percent: Decimal = Decimal(0)
    cents: int = 0

    def __str__(self) -> str:
        return f"{self.percent.normalize():f}\u00a0% off" if self.percent else f"{dollars(self.cents)} off"

    def off(self, cents: int) -> int:
        """Return what it takes off: to the nearest cent, and never more than there is."""
        share = (cents * self.percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
        return min(cents, int(share) if self.percent else self.cents)


def discounts_at(
    subscription: Shape, at: datetime, *, product: str | None, after_another: bool = False
) -> list[Discount]:
    """Return the discounts that count for what is paid for `product`, a plan's at Stripe, at `at`.

    `after_another`: a whole price is paid before that, which uses up a discount that is for one time. One
    that is known by its id only is none.
    """
    found = []
    for discount in subscription.get("discounts") or ():
        coupon = coupon_of(discount)
        if coupon is None or (after_another and coupon.get("duration") == "once"):
            continue
        ends = moment_or_none(discount.get("end"))
        products = (coupon.get("applies_to") or {}).get("products")
        if (ends is None or ends > at) and (not products or product in products):
            found.append(_read(coupon))
    return found


def less(cents: int, discounts: Iterable[Discount]) -> int:
    """Return what is left of an amount; each discount works on what those before it left."""
    for discount in discounts:
        cents -= discount.off(cents)
    return cents


def _read(coupon: Shape) -> Discount:
    percent, cents = coupon.get("percent_off") or 0, coupon.get("amount_off") or 0
    return Discount(percent=Decimal(str(percent)), cents=int(cents))
