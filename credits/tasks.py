"""What the ledger is asked to do by the clock. Each may run twice, and beside itself."""

import logging
from datetime import timedelta

from celery import shared_task

from credits import parking, resets, upkeep

logger = logging.getLogger(__name__)


@shared_task
def keep_ledger() -> None:
    """Free the holds of dead work and sweep the lots that have just expired."""
    upkeep.release_overdue()
    upkeep.sweep_expired(within=timedelta(days=2))


@shared_task
def reset_months() -> None:
    """Begin the month of every wallet whose next one is due; where they are many, let all workers help."""
    shares = resets.shares()
    for share in shares[1:]:
        reset_share.apply_async((share.start, share.stop), expires=60)
    if shares:
        resets.run(among=shares[0])


@shared_task
def reset_share(start: int, stop: int) -> None:
    """Begin the months that are due among the wallets from id `start` up to, not including, `stop`."""
    resets.run(among=range(start, stop))


@shared_task
def verify_ledger() -> None:
    """Sweep whatever has expired, prove the invariants, and park the wallets that break one."""
    upkeep.sweep_expired()
    for wallet_id in parking.park_drifted():
        logger.critical("Parked wallet %s: an invariant of the ledger is broken", wallet_id)
