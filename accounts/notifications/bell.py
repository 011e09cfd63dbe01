"""Rings for the mails that wait. The database knows of them without."""

import logging

import redis
from django.db import transaction
from kombu.exceptions import OperationalError

from config.common import valkey

logger = logging.getLogger(__name__)


def ring_on_commit() -> None:
    """Have a worker look into the outbox once the transaction is committed."""
    transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Ring now. Where the broker does not answer, the outbox is looked into by the clock, a moment later."""
    from accounts.tasks import send_mails  # tasks stand above this and import it

    try:
        with valkey.no_long_wait():
            send_mails.apply_async(retry=False, ignore_result=True)
    except (OperationalError, OSError, redis.RedisError):
        logger.warning("The broker does not answer: the mails wait for the next look into the outbox")
