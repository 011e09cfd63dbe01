"""The one recorder of metered acts: a row in the usage log each, and the period's counter with it."""

import uuid
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack

from django.db import connection, transaction

from config.common.clock import now
from credits import notices
from credits.ledger import Reference
from credits.models import Metric, UsageBatch, UsageCounter, UsageRecord, Wallet
from credits.periods import Period
from credits.signals import usage_counted

_PERIOD = ("opened_at", "anchor", "period_start", "period_end")


class Act(TypedDict, total=False):
    """One metered act of a user.

    `quantity` counts the metric's unit. `credits` is what the settlement `entry_id` took. `cost_usd` is what
    the act costs the studio; `is_cost_known` is False where some of it had no price. `object_id` is what was
    worked on (a document), `avatar_id` whom it was written as, `reference` what caused it.
    """

    user_id: Required[uuid.UUID]
    metric: Required[Metric]
    quantity: Required[int]
    credits: int
    entry_id: int | None
    reference: Reference
    avatar_id: uuid.UUID | None
    object_id: uuid.UUID | None
    provider: str
    model: str
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    is_cost_known: bool
    endpoint: str
    metadata: dict[str, Any]


@transaction.atomic
def record(**act: Unpack[Act]) -> UsageRecord:
    """Write down one metered act, and count it in the user's running period.

    Call it in the transaction of the charge, after the settlement: both are kept or neither is. The user is
    told, once a period, when four fifths and when all of a monthly limit or of the month's credits are used.
    """
    at = now()
    wallet = Wallet.objects.defer("head").get(owner=act["user_id"])
    period = wallet.period(at=at)
    row = _row(act, period, at)
    row.save(force_insert=True)
    total = _count(act["user_id"], act["metric"], period.start, act["quantity"])
    usage_counted.send(
        sender=UsageCounter, user_id=act["user_id"], metric=act["metric"], period=period, total=total
    )
    if row.credits:
        notices.tell_of_credits(wallet=wallet, period=period)
    return row


def record_batch(*, key: str, acts: Collection[Act]) -> int:
    """Write down acts that nothing was charged for, all or none, and return how many.

    A batch is known by its `key`: the same again, also at the same moment, adds nothing. Acts of users who
    are gone meanwhile are left out.
    """
    at = now()
    with transaction.atomic():
        if not _is_new(key, at):
            return 0
        wallets = Wallet.objects.filter(owner__in={act["user_id"] for act in acts})
        periods = {wallet.owner_id: wallet.period(at=at) for wallet in wallets.only(*_PERIOD, "owner")}
        rows = [_row(act, periods[act["user_id"]], at) for act in acts if act["user_id"] in periods]
        UsageRecord.objects.bulk_create(rows, batch_size=1000)
        _count_all(rows)
    return len(rows)


def forget_batches(*, before: datetime) -> int:
    """Forget the keys of batches recorded `before` that moment; return how many."""
    return UsageBatch.objects.filter(recorded_at__lt=before).delete()[0]


def used(*, user_id: uuid.UUID, metric: Metric) -> int:
    """Return how much of `metric` the user has used in the running period: one row read."""
    counter = UsageCounter.objects.filter(
        user_id=user_id, metric=metric, period_start=running_period(user_id=user_id).start
    )
    return counter.values_list("quantity", flat=True).first() or 0


def running_period(*, user_id: uuid.UUID) -> Period:
    """Return the period that the user's quotas count in now; it ends when they reset."""
    return Wallet.objects.only(*_PERIOD).get(owner=user_id).period(at=now())


def _row(act: Act, period: Period, at: datetime) -> UsageRecord:
    told: dict[str, Any] = {**act}
    kind, reference_id = told.pop("reference", ("", None))
    return UsageRecord(
        **told,
        unit=act["metric"].unit,
        reference_kind=kind,
        reference_id=reference_id,
        period_start=period.start,
        created_at=at,
    )


def _is_new(key: str, at: datetime) -> bool:
    """Claim the batch `key`; whoever claims it at the same moment waits for the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO credits_usagebatch (key, recorded_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [key, at],
        )
        return cursor.rowcount == 1


def _count(user_id: uuid.UUID, metric: Metric, period_start: datetime, quantity: int) -> int:
    """Add to the counter, and return what it says then. Its row stays locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO credits_usagecounter (user_id, metric, period_start, quantity) VALUES (%s, %s, %s, %s)
            ON CONFLICT (user_id, metric, period_start)
            DO UPDATE SET quantity = credits_usagecounter.quantity + excluded.quantity
            RETURNING quantity
            """,
            [user_id, metric, period_start, quantity],
        )
        return int(cursor.fetchone()[0])


def _count_all(rows: Collection[UsageRecord]) -> None:
    """Add `rows` to their counters, in one order for all batches: those at once wait, and never in a ring."""
    totals: Counter[tuple[str, str, datetime]] = Counter()
    for row in rows:
        totals[str(row.user_id), row.metric, row.period_start] += row.quantity
    counters = sorted(totals.items())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO credits_usagecounter (user_id, metric, period_start, quantity)
            SELECT * FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[])
            ON CONFLICT (user_id, metric, period_start)
            DO UPDATE SET quantity = credits_usagecounter.quantity + excluded.quantity
            """,
            [[key[place] for key, _ in counters] for place in range(3)] + [[total for _, total in counters]],
        )
