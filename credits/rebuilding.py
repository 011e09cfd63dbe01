"""What wallets, lots and holds show, computed anew from the journal."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from credits.models import Wallet

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A wallet that was computed anew: how many of its rows had to be put right."""

    wallet_id: int
    corrected: int

    @property
    def is_broken(self) -> bool:
        """Whether its journal does not hold together, so that nothing was changed."""
        return self.corrected < 0


def rebuild(*, wallet_id: int | None = None) -> Iterator[Rebuilt]:
    """Rebuild every wallet, or one, each in its own lock; what is right already is not written.

    A wallet whose journal is broken stays as it is. A parked wallet stays parked until somebody unparks it.
    """
    wallets = Wallet.objects.order_by("pk")
    if wallet_id is not None:
        wallets = wallets.filter(pk=wallet_id)
    ids = list(wallets.values_list("pk", flat=True)[:_BATCH])
    while ids:
        for found in ids:
            yield Rebuilt(found, _rebuild(found))
        ids = list(wallets.filter(pk__gt=ids[-1]).values_list("pk", flat=True)[:_BATCH])


def _rebuild(wallet_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_rebuild(%s)", [wallet_id])
        return int(cursor.fetchone()[0])
