"""Rings for a worker to look at Stripe's events. The database knows of them without."""

import logging

import redis
from kombu.exceptions import OperationalError

from config.common import valkey

logger = logging.getLogger(__name__)


def ring() -> None:
    """Have a worker apply what is due. Where the broker does not answer, the clock does within a minute."""
    from billing.tasks import apply_events  # tasks stand above this and import it

    try:
        with valkey.no_long_wait():
            apply_events.apply_async(retry=False, ignore_result=True)
    except (OperationalError, OSError, redis.RedisError):
        logger.warning("The broker does not answer: Stripe's events wait for the next look at them")
