"""The explorer's figures, added up by the database in one pass over the log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import TruncDate

from accounts.models import User
from adminpanel.explorer.asked import DIMENSIONS, Asked
from billing.pricing_table import CreditPrice, lowest_credit_price
from credits.models import Metric, UsageRecord

SHOWN = 200
"""How many rows the page shows, those that cost most first; the totals are whole."""
EXPORTED = 10_000
_MOST_USERS = 200
_DERIVED: dict[str, Any] = {
    "day": TruncDate("created_at", tzinfo=UTC),
    "agent": KeyTextTransform("agent", "metadata"),
}
_COLUMNS = ("acts", "tokens_in", "tokens_out", "credits", "cost_usd")
_FIELDS = {name: "user_id" if name == "user" else name for name in DIMENSIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What some usage amounts to. Without a price of a credit, what it brought is not known."""

    acts: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    credits: int = 0
    cost_usd: Decimal = Decimal(0)
    price: Decimal | None = None

    def plus(self, other: "Figures") -> "Figures":
        """Return both together."""
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in _COLUMNS})

    @property
    def revenue_usd(self) -> Decimal | None:
        """What the credits bring at the price of one."""
        return None if self.price is None else (self.credits * self.price).quantize(Decimal("0.01"))

    @property
    def margin_usd(self) -> Decimal | None:
        """What remains of it."""
        return None if self.price is None else self.credits * self.price - self.cost_usd

    @property
    def margin_percent(self) -> int | None:
        """What remains of a hundred; None where nothing came in."""
        if not self.revenue_usd or self.margin_usd is None:
            return None
        return round(100 * self.margin_usd / self.revenue_usd)


_Parts = list[tuple[tuple[Any, ...], Figures]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: what it is of, by its name and as a filter takes it."""

    name: str
    value: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the page and the file show."""

    asked: Asked
    price: CreditPrice | None
    total: Figures
    days: list[Row]
    rows: list[Row]
    is_cut: bool


def report(asked: Asked, *, most: int = SHOWN) -> Report:
    """Return the figures that were `asked` for, of at most `most` rows.

    The log is read once. Only users, who may be a million, are added up by the database in a second pass.
    """
    price = lowest_credit_price()
    each = price.usd if price else None
    usage = _usage(asked)
    second = () if asked.by in ("day", "user") else (asked.by,)
    parts = list(_sums(usage, "day", *second, price=each))
    by_day = _folded(parts, 0)
    days = [_row("day", day, by_day.get(day) or Figures(price=each), {}) for day in asked.days]
    total, is_cut = _total(by_day, each), False
    if asked.by == "day":
        rows = [row for row in reversed(days) if row.figures.acts]
    else:
        groups = _groups(usage, parts, asked.by, each, most + 1)
        names = _emails(groups) if asked.by == "user" else {}
        rows = [_row(asked.by, group, figures, names) for group, figures in groups[:most]]
        is_cut = len(groups) > most
    return Report(asked=asked, price=price, total=total, days=days, rows=rows, is_cut=is_cut)


def _groups(
    usage: QuerySet[UsageRecord], parts: _Parts, by: str, price: Decimal | None, most: int
) -> list[tuple[Any, Figures]]:
    """Return the groups that cost most, at most so many."""
    if by == "user":
        return [(keys[0], figures) for keys, figures in _sums(usage, by, price=price, most=most)]
    return sorted(_folded(parts, 1).items(), key=_dearest_first)[:most]


def _usage(asked: Asked) -> QuerySet[UsageRecord]:
    usage = UsageRecord.objects.filter(created_at__gte=asked.begins, created_at__lt=asked.ends)
    if asked.user:
        people = User.objects.filter(email__icontains=asked.user).order_by("email")
        usage = usage.filter(user__in=list(people.values_list("pk", flat=True)[:_MOST_USERS]))
    for name in ("provider", "model", "metric"):
        if wanted := getattr(asked, name):
            usage = usage.filter(**{name: wanted})
    return usage


def _sums(
    usage: QuerySet[UsageRecord], *groups: str, price: Decimal | None, most: int | None = None
) -> Iterator[tuple[tuple[Any, ...], Figures]]:
    """Yield the sums of each combination of `groups`; with `most`, of those that cost most."""
    derived = {name: _DERIVED[name] for name in groups if name in _DERIVED}
    fields = [_FIELDS[name] for name in groups]
    summed = (
        usage.annotate(**derived)
        .values_list(*fields)
        .annotate(
            number=Count("pk"),
            read=Sum("tokens_in"),
            written=Sum("tokens_out"),
            paid=Sum("credits"),
            cost=Sum("cost_usd"),
        )
    )
    for row in summed.order_by("-cost", "-paid", *fields)[:most] if most else summed:
        keys, (acts, tokens_in, tokens_out, credits, cost_usd) = row[: len(fields)], row[len(fields) :]
        yield (
            keys,
            Figures(
                acts=acts,
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                credits=credits,
                cost_usd=cost_usd,
                price=price,
            ),
        )


def _folded(parts: _Parts, place: int) -> dict[Any, Figures]:
    """Add up the figures that have the same key in `place`."""
    found: dict[Any, Figures] = {}
    for keys, figures in parts:
        known = found.get(keys[place])
        found[keys[place]] = known.plus(figures) if known else figures
    return found


def _total(by_day: dict[Any, Figures], price: Decimal | None) -> Figures:
    total = Figures(price=price)
    for figures in by_day.values():
        total = total.plus(figures)
    return total


def _dearest_first(group: tuple[Any, Figures]) -> tuple[Decimal, int, str]:
    key, figures = group
    return -figures.cost_usd, -figures.credits, str(key or "")


def _emails(groups: list[tuple[Any, Figures]]) -> dict[Any, str]:
    users = User.objects.filter(pk__in=[group for group, _ in groups if group])
    return dict(users.values_list("pk", "email"))


def _row(by: str, group: Any, figures: Figures, emails: dict[Any, str]) -> Row:
    name = emails.get(group, "erased accounts") if by == "user" else _NAMES.get(by, _as_it_is)(group)
    value = emails.get(group, "") if by == "user" else str(group or "")
    return Row(name=name or "–", value=value, figures=figures)


def _as_it_is(group: str | None) -> str:
    return group or ""


def _day_name(day: date) -> str:
    return f"{day:%a %-d %b %Y}"


_NAMES: dict[str, Callable[[Any], str]] = {
    "day": _day_name,
    "metric": lambda code: dict(Metric.choices).get(code, code),
}
