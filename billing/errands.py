"""What is to be done at Stripe beside the requests of users: a few errands at a time, in all.

Errands share the workers with runs. A Stripe that needs seconds for each answer must not keep every worker.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection

from billing.payments import fees
from billing.stripe import customers
from billing.subscribing import surplus
from config.common.errors import Unavailable

logger = logging.getLogger(__name__)

AT_ONCE = 2
"""How many errands are under way at a time, over all workers."""

SPELL = 50.0
"""Seconds for which what was left undone is done before others in the queue have their turn."""


def do(errand: Callable[[], object]) -> bool:
    """Do one errand where there is room; False where there is none, and the clock will see to it."""
    with _place() as is_free:
        if is_free:
            errand()
        return is_free


def catch_up(*, seconds: float = SPELL) -> int:
    """Do what a lost message, or a Stripe that was down, has left undone; return how many were done.

    One that fails does not keep the others from it; a Stripe that does not answer ends it.
    """
    done, until = 0, time.monotonic() + seconds
    with _place() as is_free:
        for errand in _undone() if is_free else ():
            if time.monotonic() >= until:
                break
            try:
                errand()
            except Unavailable:
                logger.warning("Stripe does not answer: what is left undone waits for the clock")
                break
            except Exception:
                logger.exception("An errand at Stripe failed")
            else:
                done += 1
    return done


def _undone() -> Iterator[Callable[[], object]]:
    for subscription_id in surplus.unfinished():
        yield partial(surplus.carry_out, subscription_id)
    for user in customers.out_of_step():
        yield partial(customers.keep_in_step, user)
    for payment_id in fees.unknown():
        yield partial(fees.learn, payment_id)


@contextmanager
def _place() -> Iterator[bool]:
    """Hold one of the places for the length of a `with`; False where none is free.

    A place is a lock of the worker's session at the database: it is free again when the worker is gone.
    """
    held = next((place for place in range(AT_ONCE) if _asked("pg_try_advisory_lock", place)), None)
    try:
        yield held is not None
    finally:
        if held is not None:
            _asked("pg_advisory_unlock", held)


def _asked(function: str, place: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext('billing.errands'), %s)", [place])
        return bool(cursor.fetchone()[0])
