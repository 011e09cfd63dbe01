"""The plans on sale, side by side, as the price page and the API show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from billing.amounts import THIN_SPACE, count, size
from billing.limits import FEATURES, LIMITS, Kind, Limits
from billing.models import ModelPrice, PlanTerms, Price
from billing.offers import month_cents
from config.common.errors import Invalid

_GROUPS = {
    "Every month": (Kind.MONTHLY,),
    "On the desk": (Kind.HELD,),
    "In one go": (Kind.EACH, Kind.CONCURRENT, Kind.HOURLY),
    "Kept": (Kind.DAYS,),
}
_TAILS = {Kind.MONTHLY: "a month", Kind.HOURLY: "an hour", Kind.CONCURRENT: "at once"}
_MOST_HIGHLIGHTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOnSale:
    """A plan, its prices in US cents: 0 when free, None on request. `credits` None: not metered by them."""

    code: str
    name: str
    tagline: str
    rank: int
    price_usd_cents: int | None
    year_usd_cents: int | None
    credits: int | None
    limits: Limits
    trial_days: int = 0
    trial_credits: int = 0

    def cents(self, interval: str) -> int | None:
        """Return the price of one `interval` ("month" or "year"): 0 when free, None where it has none."""
        return self.year_usd_cents if interval == Price.Interval.YEAR else self.price_usd_cents

    def sold_by(self, interval: str) -> str:
        """Return `interval`, or the only one in which the plan is sold."""
        if not self.is_sold or self.cents(interval):
            return interval
        return Price.Interval.MONTH if self.price_usd_cents else Price.Interval.YEAR

    @property
    def is_sold(self) -> bool:
        """Whether it is bought here, by the month or by the year: neither free nor on request."""
        return bool(self.price_usd_cents or self.year_usd_cents)

    @property
    def year_by_month_cents(self) -> int:
        """What a month of a year paid at once comes to."""
        return round((self.year_usd_cents or 0) / 12)

    @property
    def year_saves_cents(self) -> int:
        """What a year paid at once costs less than its twelve months."""
        if not self.price_usd_cents or not self.year_usd_cents:
            return 0
        return max(0, 12 * self.price_usd_cents - self.year_usd_cents)

    @property
    def months_free(self) -> int:
        """How many months a yearly payment saves, where it is a whole number of them."""
        if not self.price_usd_cents or not self.year_usd_cents:
            return 0
        paid, rest = divmod(self.year_usd_cents, self.price_usd_cents)
        return max(0, 12 - paid) if rest == 0 else 0


@dataclass(frozen=True, slots=True)
class Cell:
    """What a plan has of one thing: a word or a figure, and whether there is any."""

    text: str
    has: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One thing across the plans."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together."""

    title: str
    rows: tuple[Row, ...]


def plans_on_sale() -> list[PlanOnSale]:
    """Return the plans that can be had today, from the least to the greatest, in two queries."""
    return [_on_sale(terms) for terms in PlanTerms.objects.offered().prefetch_related("prices")]


def on_sale(code: str) -> PlanOnSale:
    """Return the plan of that code; Invalid where none is on sale under it."""
    found = next((plan for plan in plans_on_sale() if plan.code == code), None)
    if found is None:
        said = "There is no such plan. Choose another."
        raise Invalid(said, details={"fields": {"plan": [said]}})
    return found


def compare(plans: list[PlanOnSale], models: Iterable[ModelPrice]) -> list[Group]:
    """Return what bounds `plans`, in groups; what none of them speaks of is left out."""
    groups = [
        Group(
            title,
            tuple(_limit_row(plans, limit) for limit in _spoken_of(plans) if LIMITS[limit].kind in kinds),
        )
        for title, kinds in _GROUPS.items()
    ]
    groups.append(Group("Included", tuple(_feature_rows(plans))))
    groups.append(Group("Models, and what their tokens weigh", tuple(_model_rows(plans, models))))
    return [group for group in groups if group.rows]


def highlights(plan: PlanOnSale, plans: list[PlanOnSale]) -> list[str]:
    """Return the few sentences that tell `plan` from the other `plans`."""
    lines = [
        limit_in_words(limit, plan.limits.of(limit))
        for limit in _spoken_of(plans)
        if plan.limits.of(limit) != 0
    ]
    return lines[:_MOST_HIGHLIGHTS]


def gains(plan: PlanOnSale, plans: list[PlanOnSale]) -> list[str]:
    """Return what `plan` includes that the next lesser one of `plans` does not."""
    lesser = max(
        (other for other in plans if other.rank < plan.rank), key=lambda other: other.rank, default=None
    )
    if lesser is None:
        return []
    return [
        label for code, label in FEATURES.items() if plan.limits.has(code) and not lesser.limits.has(code)
    ]


def limit_in_words(limit: str, allowed: int | None) -> str:
    """Return one limit as a plan's line: 5 sessions a month, 1 GB of storage, unlimited projects."""
    words = LIMITS[limit]
    if words.kind is Kind.DAYS:
        return "Versions kept for good" if allowed is None else f"Versions kept for {count(allowed)} days"
    if words.in_bytes:
        return f"Unlimited {words.label.lower()}" if allowed is None else f"{size(allowed)} {words.within}"
    amount = "Unlimited" if allowed is None else count(allowed)
    name = words.one if allowed == 1 else words.many
    return f"{amount} {name} {_TAILS.get(words.kind, words.within)}".rstrip()


def limit_figure(limit: str, allowed: int | None) -> str:
    """Return the figure of one limit by itself: 5, 1 GB, 30 days, unlimited."""
    words = LIMITS[limit]
    if allowed is None:
        return "for good" if words.kind is Kind.DAYS else "unlimited"
    if words.kind is Kind.DAYS:
        return f"{count(allowed)} days"
    return size(allowed) if words.in_bytes else count(allowed)


def features_of(limits: Limits, plans: list[PlanOnSale]) -> dict[str, bool]:
    """Return whether `limits` include each feature that tells plans apart; what all have goes unsaid."""
    compared = [limits, *(plan.limits for plan in plans)]
    told = [feature for feature in FEATURES if not all(other.has(feature) for other in compared)]
    return {feature: limits.has(feature) for feature in told}


def _on_sale(terms: PlanTerms) -> PlanOnSale:
    year = {price.interval: price.amount_cents for price in terms.prices.all()}.get(Price.Interval.YEAR)
    return PlanOnSale(
        code=terms.plan.code,
        name=terms.name,
        tagline=terms.tagline,
        rank=terms.plan.rank,
        price_usd_cents=month_cents(terms),
        year_usd_cents=0 if terms.plan.is_free else year,
        credits=terms.credits_per_month,
        limits=terms.limits,
        trial_days=terms.trial_days,
        trial_credits=terms.trial_credits,
    )


def _spoken_of(plans: list[PlanOnSale]) -> list[str]:
    return [limit for limit in LIMITS if any(plan.limits.of(limit) is not None for plan in plans)]


def _limit_row(plans: list[PlanOnSale], limit: str) -> Row:
    allowed = [plan.limits.of(limit) for plan in plans]
    cells = (Cell(limit_figure(limit, figure), has=figure != 0) for figure in allowed)
    return Row(LIMITS[limit].label, tuple(cells))


def _feature_rows(plans: list[PlanOnSale]) -> Iterable[Row]:
    included = [features_of(plan.limits, plans) for plan in plans]
    for feature in included[0] if included else ():
        yield Row(FEATURES[feature], tuple(Cell("", has=features[feature]) for features in included))


def _model_rows(plans: list[PlanOnSale], models: Iterable[ModelPrice]) -> Iterable[Row]:
    for model in models:
        cells = tuple(Cell("", has=plan.limits.includes_model(model.name)) for plan in plans)
        yield Row(f"{model.label} \u00d7{THIN_SPACE}{model.multiplier.normalize():f}", cells)
