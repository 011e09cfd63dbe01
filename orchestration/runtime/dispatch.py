"""Rings the doorbell: tells workers that a turn can be run. The database knows it without."""

import logging
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import redis
from django.db import transaction
from kombu.exceptions import OperationalError

from config.common import valkey

if TYPE_CHECKING:
    from celery import Task

logger = logging.getLogger(__name__)


def ring_on_commit(turn_ids: Iterable[uuid.UUID]) -> None:
    """Ring for `turn_ids` once the transaction is committed; a broker that is down delays, nothing more."""
    ids = [str(turn_id) for turn_id in turn_ids]
    if ids:
        transaction.on_commit(lambda: ring(ids), robust=True)


def ring(turn_ids: Iterable[str]) -> None:
    """Ring now. Where the broker does not answer, the periodic ring comes a few seconds later."""
    for turn_id in turn_ids:
        # A connection that broke while nobody rang shows it at the first try only.
        if not (_rung(turn_id) or _rung(turn_id)):
            logger.warning("The broker does not answer: turn %s waits for the next ring", turn_id)
            return


def ring_for_wallet(wallet_id: int) -> None:
    """Ask a worker to wake what `wallet_id` can pay now."""
    from orchestration.tasks import wake_paid  # tasks stand above the runtime and import it

    if not (_sent(wake_paid, wallet_id) or _sent(wake_paid, wallet_id)):
        logger.warning("The broker does not answer: who waits for credits waits for the next look")


def _rung(turn_id: str) -> bool:
    from orchestration.tasks import run_turn  # tasks stand above the runtime and import it

    return _sent(run_turn, turn_id)


def _sent(task: "Task[Any, Any]", argument: str | int) -> bool:
    try:
        with valkey.no_long_wait():
            task.apply_async((argument,), retry=False, ignore_result=True)
    except (OperationalError, OSError, redis.RedisError):
        return False
    return True
