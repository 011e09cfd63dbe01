"""The metering of acts: one usage row each, and the period's counter in the same transaction."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.common.clock import now
from credits.ledger import Reference
from credits.models import Metric, UsageCounter, UsageRecord, Wallet
from credits.periods import Period


def record(
    *,
    user_id: uuid.UUID,
    metric: Metric,
    quantity: int,
    unit: str,
    credits: int = 0,
    entry_id: int | None = None,
    reference: Reference | None = None,
    provider: str = "",
    model: str = "",
    tokens_in: int = 0,
    tokens_out: int = 0,
    cost_usd: Decimal = Decimal(0),
    endpoint: str = "",
    metadata: dict[str, Any] | None = None,
) -> UsageRecord:
    """Write down one metered act and add `quantity` to the user's counter of the running period.

    Call it in the transaction of the charge; `entry_id` names the settlement, `credits` what it took.
    `cost_usd` is what the provider asks of us, to six places.
    """
    at = now()
    period = _period(user_id, at)
    kind, reference_id = reference or ("", None)
    with transaction.atomic():
        usage = UsageRecord.objects.create(
            user_id=user_id,
            entry_id=entry_id,
            metric=metric,
            quantity=quantity,
            unit=unit,
            credits=credits,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=cost_usd,
            provider=provider,
            model=model,
            endpoint=endpoint,
            reference_kind=kind,
            reference_id=reference_id,
            period_start=period.start,
            metadata=metadata or {},
            created_at=at,
        )
        _count(user_id, metric, period.start, quantity)
    return usage


def used(*, user_id: uuid.UUID, metric: Metric) -> int:
    """Return how much of `metric` the user has used in the running period: one row read."""
    counter = UsageCounter.objects.filter(
        user_id=user_id, metric=metric, period_start=_period(user_id, now()).start
    )
    return counter.values_list("quantity", flat=True).first() or 0


def running_period(*, user_id: uuid.UUID) -> Period:
    """Return the period that the user's quotas count in now; it ends when they reset."""
    return _period(user_id, now())


def _period(user_id: uuid.UUID, at: datetime) -> Period:
    wallet = Wallet.objects.only("opened_at", "anchor", "period_start", "period_end").get(owner=user_id)
    return wallet.period(at=at)


def _count(user_id: uuid.UUID, metric: Metric, period_start: datetime, quantity: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO credits_usagecounter (user_id, metric, period_start, quantity) VALUES (%s, %s, %s, %s)
            ON CONFLICT (user_id, metric, period_start)
            DO UPDATE SET quantity = credits_usagecounter.quantity + excluded.quantity
            """,
            [user_id, metric, period_start, quantity],
        )
