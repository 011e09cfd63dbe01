"""Monthly resets: what each wallet gets every month, and the sweep that begins the months that are due.

The app that sells plans says what a wallet gets (`arrange`, `stop`); the clock does the rest (`run`). A month
begins in `ledger_reset`, for many wallets at once: what ended expires, the new allowance is granted.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models.functions import Now

from config.common.clock import now
from credits.ledger import Reference
from credits.models import MonthlyAllowance, Wallet
from credits.signals import credits_arrived

logger = logging.getLogger(__name__)

BATCH = 2_000
"""Wallets in one transaction: so long may a movement of one of them have to wait."""
SHARE = 25_000
"""Wallets that one worker takes on where many are due."""
_ALL = range(2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """What a wallet gets each month, in whole credits, and what its statement says of it.

    `rollover_cap`: how much of what the month before left unused is added. No month that begins at `until` or
    later is granted.
    """

    amount: int
    rollover_cap: int
    until: datetime | None
    reference: Reference
    description: str


@transaction.atomic
def arrange(
    *, wallet_id: int, monthly: Monthly, anchor: datetime | None = None, due_at: datetime | None = None
) -> None:
    """Give the wallet `monthly` from its next month on, instead of whatever it got before.

    The next month begins at `due_at`: at the end of the one that was granted last where it is not given, at
    once where there was none. `anchor` makes the wallet's months be counted from there. Grants nothing.
    """
    wallet = Wallet.objects.select_for_update(no_key=True).get(pk=wallet_id)
    if anchor is not None and anchor != wallet.anchor:
        wallet.anchor = anchor
        wallet.save(update_fields=["anchor"])
    due_at = due_at or wallet.period_end or now()
    MonthlyAllowance.objects.update_or_create(
        wallet=wallet,
        defaults={
            "amount": monthly.amount,
            "rollover_cap": monthly.rollover_cap,
            "until": monthly.until,
            "due_at": due_at if monthly.until is None or due_at < monthly.until else None,
            "reference_kind": monthly.reference.kind,
            "reference_id": monthly.reference.id,
            "description": monthly.description,
        },
    )


@transaction.atomic
def stop(*, wallet_id: int) -> None:
    """Let the wallet get nothing by the clock any more; what it was granted stays until it expires."""
    Wallet.objects.select_for_update(no_key=True).get(pk=wallet_id)
    MonthlyAllowance.objects.filter(wallet=wallet_id).delete()


@transaction.atomic
def begin(*, wallet_id: int, at: datetime | None = None, actor_id: uuid.UUID | None = None) -> bool:
    """Begin the wallet's month if it is due at `at`, now where it is not given; tell whether it began.

    Waits for whoever moves its credits. Safe to repeat: a month begins once.
    """
    Wallet.objects.select_for_update(no_key=True).only("pk").get(pk=wallet_id)
    begun = _reset([wallet_id], at, actor_id) > 0
    if begun:
        tell = partial(credits_arrived.send_robust, sender=None, wallet_id=wallet_id)
        transaction.on_commit(tell, robust=True)
    return begun


def shares(*, at: datetime | None = None) -> list[range]:
    """Return the ids between which wallets are due at `at`, now if it is not given, in shares for workers."""
    due = _due(at, _ALL)
    cuts = [due[first : first + SHARE] for first in range(0, len(due), SHARE)]
    return [range(share[0], share[-1] + 1) for share in cuts]


def run(*, at: datetime | None = None, among: range = _ALL) -> int:
    """Begin the month of every wallet whose next one is due at `at`, now if it is not given; return how many.

    `among` bounds the wallets' ids. Each batch is a transaction of its own: whoever is killed leaves whole
    months, and the next run goes on. Runs of the same wallets beside each other are safe: who comes second
    passes over what the other has. Wallets that were busy are waited for at the end, one by one.
    """
    begun = 0
    due = _due(at, among)
    for first in range(0, len(due), BATCH):
        begun += _reset_batch(due[first : first + BATCH], at)
    for wallet_id in _due(at, among):
        begun += _reset_alone(wallet_id, at)
    return begun


def _due(at: datetime | None, among: range) -> list[int]:
    """Return those that are due, in the order of their rows: neighbours share the pages that a batch writes.

    Read once: a run that asked anew for each batch would read over the index entries that it left behind.
    """
    due = MonthlyAllowance.objects.filter(due_at__lte=at or Now())
    if among != _ALL:
        due = due.filter(wallet_id__gte=among.start, wallet_id__lt=among.stop)
    found: list[int] = due.aggregate(ids=ArrayAgg("wallet_id", order_by="wallet_id", default=[]))["ids"]
    return found


def _reset_batch(wallet_ids: Sequence[int], at: datetime | None) -> int:
    """Reset them together; where a row refuses, each half by itself, so that it holds nobody else up."""
    try:
        with transaction.atomic():
            return _reset(wallet_ids, at, None)
    except (IntegrityError, DataError):
        if len(wallet_ids) == 1:
            return 0  # it is tried alone, and spoken of, at the end
    half = len(wallet_ids) // 2
    return _reset_batch(wallet_ids[:half], at) + _reset_batch(wallet_ids[half:], at)


def _reset_alone(wallet_id: int, at: datetime | None) -> int:
    try:
        return int(begin(wallet_id=wallet_id, at=at))
    except (IntegrityError, DataError):
        logger.exception("The month of wallet %s cannot begin: its figures are refused", wallet_id)
        return 0


def _reset(wallet_ids: Sequence[int], at: datetime | None, actor_id: uuid.UUID | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_reset(%s, %s, %s)", [list(wallet_ids), at, actor_id])
        return int(cursor.fetchone()[0])
