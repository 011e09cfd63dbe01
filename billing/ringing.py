"""Rings for work that is to be done at Stripe after a commit. The database knows of it without."""

import logging
from functools import partial
from typing import Any

import redis
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

from config.common import valkey

logger = logging.getLogger(__name__)


def ring_after_commit(name: str, *arguments: Any) -> None:
    """Have a worker do billing's task `name` after this transaction; with no broker, the clock does."""
    from billing import tasks  # they stand above whoever rings, and import it

    transaction.on_commit(partial(_ring, getattr(tasks, name), *arguments), robust=True)


def _ring(task: "Task[Any, Any]", *arguments: Any) -> None:
    try:
        with valkey.no_long_wait():
            task.apply_async(arguments, retry=False, ignore_result=True)
    except (OperationalError, OSError, redis.RedisError):
        logger.warning("The broker does not answer: %s waits for the clock", task.name)
