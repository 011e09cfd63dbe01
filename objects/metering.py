"""Meters what is stored: once a day, the bytes that each writer keeps."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from billing.costs import operator_costs
from config.common.clock import now
from credits import metering
from credits.metering import Act
from credits.models import Metric, UsageBatch
from objects.models import NarrativeObject

_SHARDS = 16
"""Batches of a day, by the first digit of the owner's id: each is one short transaction."""
_DAYS_OF_A_MONTH = Decimal("30.4375")
_GIGABYTE = 2**30
_PLACES = Decimal("0.000001")


def meter_storage() -> int:
    """Write today's (UTC) stored bytes of every writer to the usage log, as byte-days; return how many rows.

    May be killed at any point, run again and beside itself: what is in the log already stays as it is. A day
    on which it never runs is not metered.
    """
    today = now().date()
    keys = [_key(today, shard) for shard in range(_SHARDS)]
    done = set(UsageBatch.objects.filter(key__in=keys).values_list("key", flat=True))
    price = _usd_per_gigabyte_day()
    return sum(
        metering.record_batch(key=key, acts=_acts(shard, price))
        for shard, key in enumerate(keys)
        if key not in done
    )


def _key(day: date, shard: int) -> str:
    return f"storage:{day}:{shard:x}"


def _acts(shard: int, price: Decimal | None) -> list[Act]:
    least = shard << 124
    kept = (
        NarrativeObject.objects.filter(
            owner__gte=UUID(int=least), owner__lte=UUID(int=least + (1 << 124) - 1), storage_bytes__gt=0
        )
        .order_by()
        .values_list("owner")
        .annotate(kept=Sum("storage_bytes"))
    )
    return [
        Act(
            user_id=owner,
            metric=Metric.STORAGE,
            quantity=size,
            cost_usd=((price or Decimal(0)) * size / _GIGABYTE).quantize(_PLACES),
            is_cost_known=price is not None,
        )
        for owner, size in kept.iterator()
    ]


def _usd_per_gigabyte_day() -> Decimal | None:
    costs = operator_costs()
    return costs.storage_per_gb_month / _DAYS_OF_A_MONTH if costs else None
