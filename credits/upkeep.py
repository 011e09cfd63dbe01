"""What the ledger does by the clock: frees holds of dead work, sweeps lots whose time is over."""

from contextlib import suppress
from datetime import timedelta

from config.common.clock import now
from credits import ledger
from credits.models import Hold, Lot

BATCH = 500


def release_overdue() -> int:
    """Release holds that are open past their end, whatever became of their work; return how many."""
    freed = 0
    overdue = Hold.objects.overdue(at=now()).order_by("expires_at").values_list("pk", flat=True)
    for hold_id in list(overdue[:BATCH]):
        with suppress(ledger.HoldResolved):  # its work came to an end in this very moment
            ledger.release(
                hold_id=hold_id, key=f"overdue:{hold_id}", description="The work did not end in time"
            )
            freed += 1
    return freed


def sweep_expired(*, within: timedelta | None = None) -> int:
    """Take what is left of lots whose time is over; return from how many wallets.

    With `within`, only lots that ended that recently are looked at: enough for every run but one a day, which
    also finds what a settlement gave back to a lot long after its end. Wallets whose next month is due are
    left to the reset, which sweeps them with many others at once.
    """
    at = now()
    dead = Lot.objects.filter(expires_at__lte=at, remaining__gt=0).exclude(
        wallet__monthly_allowance__due_at__lte=at, wallet__parked_at__isnull=True
    )
    if within is not None:
        dead = dead.filter(expires_at__gt=at - within)
    swept = 0
    for wallet_id in dead.order_by().values_list("wallet_id", flat=True).distinct().iterator():
        key = f"sweep:{wallet_id}:{at.isoformat()}"
        swept += ledger.expire(wallet_id=wallet_id, key=key, description="Not used in time") is not None
    return swept
