"""What was earned: by the month in which money came or went, by the months it was for, and by plan."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from billing.models import Payment, Price, StripeSubscription
from config.common.clock import now

MONTHS_IN_YEAR = 12

_GONE = "r.undone_at IS NULL AND (r.kind = 'refund' OR r.status = 'lost')"
"""A dispute that is open has not cost anything yet."""

_EARNED = f"""
WITH moved AS (
    SELECT p.paid_at AS at, p.terms_id, p.product_id, p.amount_cents AS gross, 0 AS reversed,
           coalesce(p.fee_cents, 0) AS fees, 1 AS payments, (p.fee_cents IS NULL)::int AS unknown
    FROM billing_payment p
    UNION ALL
    SELECT r.happened_at, p.terms_id, p.product_id, 0, r.amount_cents, 0, 0, 0
    FROM billing_reversal r JOIN billing_payment p ON p.id = r.payment_id WHERE {_GONE}
)
SELECT date_trunc('month', m.at, 'UTC')::date AS month, coalesce(plan.code, ''), coalesce(product.code, ''),
       sum(gross)::bigint, sum(reversed)::bigint, sum(fees)::bigint, sum(payments), sum(unknown)
FROM moved m
LEFT JOIN billing_planterms terms ON terms.id = m.terms_id
LEFT JOIN billing_plan plan ON plan.id = terms.plan_id
LEFT JOIN billing_product product ON product.id = m.product_id
WHERE m.at >= %(since)s AND m.at < %(until)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608  nothing of it comes from outside

_RECOGNISED = f"""
WITH kept AS (
    SELECT p.id, p.period_start AS starts, p.period_end AS ends, plan.code,
           p.amount_cents - coalesce((
               SELECT sum(r.amount_cents) FROM billing_reversal r WHERE r.payment_id = p.id AND {_GONE}
           ), 0) AS cents
    FROM billing_payment p
    JOIN billing_planterms terms ON terms.id = p.terms_id
    JOIN billing_plan plan ON plan.id = terms.plan_id
    WHERE p.period_end > %(since)s AND p.period_start < %(until)s
), months AS (
    SELECT id, code, cents, extract(epoch FROM ends - starts) AS whole, month,
           extract(epoch FROM month - starts) AS before,
           extract(epoch FROM month + interval '1 month' - starts) AS within
    FROM kept
    CROSS JOIN LATERAL generate_series(date_trunc('month', starts, 'UTC'), ends, interval '1 month') m (month)
    WHERE month < ends
), shares AS (
    SELECT month, code,
           floor(cents * least(within, whole) / whole) - floor(cents * greatest(before, 0) / whole) AS cents
    FROM months
)
SELECT date_trunc('month', month, 'UTC')::date, code, sum(cents)::bigint
FROM shares WHERE month >= date_trunc('month', %(since)s, 'UTC') AND month < %(until)s
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  nothing of it comes from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What moved in one calendar month (UTC) for a plan or a product, in cents.

    One of the codes `plan` and `product` is empty. `fees` are those that Stripe has told of the month's
    payments; of `unknown_fees` payments it has not.
    """

    month: date
    plan: str
    product: str
    gross: int
    reversed: int
    fees: int
    payments: int
    unknown_fees: int

    @property
    def net(self) -> int:
        """What came in less what went back and what Stripe took; below zero where more went back."""
        return self.gross - self.reversed - self.fees


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What one calendar month (UTC) of a plan is worth of the payments that cover it, in cents."""

    month: date
    plan: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """What the subscriptions of one moment are worth a month, in cents; of a year a twelfth counts."""

    subscribers: int
    mrr: int

    @property
    def arr(self) -> int:
        """The same for a year."""
        return self.mrr * MONTHS_IN_YEAR

    @property
    def arpu(self) -> int:
        """One subscriber's share a month, rounded down; 0 where there is none."""
        return self.mrr // self.subscribers if self.subscribers else 0


def earned(*, since: datetime, until: datetime) -> list[Earned]:
    """Return what came and what went from `since` up to `until`, by month and by what it was for."""
    names = ("month", "plan", "product", "gross", "reversed", "fees", "payments", "unknown_fees")
    rows = _asked(_EARNED, since=since, until=until)
    return [Earned(**dict(zip(names, row, strict=True))) for row in rows]


def recognised(*, since: datetime, until: datetime) -> list[Recognised]:
    """Return what plans earned by the months that were paid for, by month and plan.

    A payment is spread over its period by time, so that a year's counts in all its months; to the cent, its
    months sum to what was paid less what went back. Whole calendar months from that of `since` on.
    """
    rows = _asked(_RECOGNISED, since=since, until=until)
    return [Recognised(month=month, plan=plan, cents=cents) for month, plan, cents in rows]


def recurring(*, at: datetime | None = None) -> dict[str, Recurring]:
    """Return by plan code what those who pay at `at`, now where it is not given, are worth a month.

    By what they paid for the period that runs, so that a coupon is off; by the list price after a change
    within it, until the next period is paid. Who has paid nothing yet, is past what they paid for, or has
    cancelled for a day that has come, does not count.
    """
    moment = at or now()
    paying = (
        StripeSubscription.objects.live()
        .filter(Q(cancel_at=None) | Q(cancel_at__gt=moment), paid_until__gt=moment, payments__isnull=False)
        .distinct()
        .select_related("price__terms__plan")
    )
    paid = _paid_for_period(paying)
    twelfths: dict[str, list[int]] = {}
    for row in paying:
        of, months = row.price, MONTHS_IN_YEAR if row.price.interval == Price.Interval.YEAR else 1
        cents = paid.get(row.pk, of.amount_cents)
        twelfths.setdefault(of.terms.plan.code, []).append(cents * MONTHS_IN_YEAR // months)
    return {
        plan: Recurring(subscribers=len(worth), mrr=sum(worth) // MONTHS_IN_YEAR)
        for plan, worth in sorted(twelfths.items())
    }


def _paid_for_period(subscriptions: QuerySet[StripeSubscription]) -> dict[str, int]:
    """Return what was paid for the running period of each as a whole, at the price that it has now."""
    payments = Payment.objects.filter(
        subscription__in=subscriptions.values("pk"),
        period_start=F("subscription__period_start"),
        terms=F("subscription__price__terms"),
        interval=F("subscription__price__interval"),
    )
    return dict(payments.values_list("subscription_id", "amount_cents"))


def _asked(query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
