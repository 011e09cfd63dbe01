"""Which one step each plan on sale is away from whoever looks: sign up, subscribe, change, go back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from billing.comparison import PlanOnSale, gains, highlights
from billing.models import Price, Product, StripeSubscription
from billing.subscribing.membership import Membership, State
from config.common.figures import day


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One button: a link where `url` is set, else the form that chooses the plan and its interval."""

    label: str
    url: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOffer:
    """One plan on sale as one reader sees it. `step` None: nothing can be done about it here."""

    plan: PlanOnSale
    lines: list[str]
    gains: list[str]
    interval: str
    step: Step | None
    is_mine: bool = False
    note: str = ""

    @property
    def cents(self) -> int | None:
        """The price of `interval`: 0 when free, None on request."""
        return self.plan.cents(self.interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOffer:
    """Something bought once, with its button."""

    product: Product
    step: Step


def choice_url(**choice: str) -> str:
    """Return the page of one choice: `plan` with `interval`, or `product`."""
    return f"{reverse('billing:choose')}?{urlencode(choice)}"


def sign_up_url(**choice: str) -> str:
    """Return where a visitor opens an account and comes back to what they chose."""
    return f"{reverse('account_signup')}?{urlencode({'next': choice_url(**choice)})}"


def has_years(plans: list[PlanOnSale]) -> bool:
    """Tell whether any plan can be paid by the year."""
    return any(plan.year_usd_cents for plan in plans)


def plan_offers(
    plans: list[PlanOnSale],
    *,
    interval: str,
    reader: Membership | None,
    wanted: str = "",
    may_try: bool = True,
) -> list[PlanOffer]:
    """Return `plans` with each one's step for `reader`, None for a visitor.

    The primary one is `wanted`, else the next step up from where the reader is. `may_try`: a trial is still
    to be had.
    """
    offers = [_offer(plan, plans, plan.sold_by(interval), reader, may_try) for plan in plans]
    primary = _primary(offers, reader, wanted)
    return [_with_primary(offer) if offer is primary else offer for offer in offers]


def product_offers(products: Iterable[Product], *, is_in: bool) -> list[ProductOffer]:
    """Return `products`, each with the button that buys it; visitors sign up first and come back to it."""
    return [
        ProductOffer(
            product=product, step=Step(label="Buy", url="" if is_in else sign_up_url(product=product.code))
        )
        for product in products
    ]


def _offer(
    plan: PlanOnSale, plans: list[PlanOnSale], interval: str, reader: Membership | None, may_try: bool
) -> PlanOffer:
    if reader is None:
        step, note = _for_visitor(plan, interval), ""
    elif reader.paid:
        step, note = _for_subscriber(plan, interval, reader.paid)
    else:
        step, note = _for_free(plan, reader, may_try), ""
    return PlanOffer(
        plan=plan,
        lines=highlights(plan, plans),
        gains=gains(plan, plans),
        interval=interval,
        step=step,
        is_mine=reader is not None and reader.mine.plan_code == plan.code,
        note=note,
    )


def _for_visitor(plan: PlanOnSale, interval: str) -> Step | None:
    if plan.is_sold:
        return Step(label=_start(plan, may_try=True), url=sign_up_url(plan=plan.code, interval=interval))
    return Step(label="Start free", url=reverse("account_signup")) if plan.price_usd_cents == 0 else None


def _for_free(plan: PlanOnSale, reader: Membership, may_try: bool) -> Step | None:
    if reader.mine.plan_code == plan.code and reader.state != State.ENDED:
        return Step(label="See what you have used", url=reverse("billing:overview"))
    return Step(label=_start(plan, may_try=may_try)) if plan.is_sold else None


def _for_subscriber(plan: PlanOnSale, interval: str, paid: StripeSubscription) -> tuple[Step | None, str]:
    """Return the button for somebody who pays, and when a change that is planned begins."""
    overview, present = reverse("billing:overview"), paid.price
    if plan.price_usd_cents is None and not plan.is_sold:
        return None, ""
    if not plan.is_sold:
        if paid.cancel_at:
            return Step(label="See or undo it", url=overview), f"Begins after {day(paid.cancel_at)}"
        return Step(label="Go back to it", url=reverse("billing:cancel")), ""
    if _is(paid.next_price, plan, interval) and paid.next_at:
        return Step(label="See or undo it", url=overview), f"Begins on {day(paid.next_at)}"
    if _is(present, plan, interval):
        return Step(label="See your plan", url=overview), ""
    if paid.cancel_at:
        return Step(label=f"Keep {present.terms.name} first", url=overview), ""
    if present.terms.plan.code == plan.code:
        return Step(label=f"Pay it by the {interval}"), ""
    # From years to months nothing begins before the year is over: no upgrade, whatever the plan.
    waits = present.interval == Price.Interval.YEAR and interval == Price.Interval.MONTH
    verb = "Upgrade to" if plan.rank > present.terms.plan.rank and not waits else "Change to"
    return Step(label=f"{verb} {plan.name}"), ""


def _is(price: Price | None, plan: PlanOnSale, interval: str) -> bool:
    return price is not None and price.terms.plan.code == plan.code and price.interval == interval


def _start(plan: PlanOnSale, *, may_try: bool) -> str:
    if plan.trial_days and may_try:
        return f"Try {plan.name} for {plan.trial_days} days"
    return f"Get {plan.name}"


def _primary(offers: list[PlanOffer], reader: Membership | None, wanted: str) -> PlanOffer | None:
    """Return the offer whose button stands out."""
    buttons = [offer for offer in offers if offer.step and not offer.is_mine]
    chosen = next((offer for offer in buttons if offer.plan.code == wanted), None)
    if chosen or not buttons:
        return chosen
    rank = -1 if reader is None else reader.mine.rank
    return next((offer for offer in buttons if offer.plan.rank > rank), None)


def _with_primary(offer: PlanOffer) -> PlanOffer:
    return replace(offer, step=replace(offer.step, is_primary=True)) if offer.step else offer
