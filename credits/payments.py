"""From which lots a hold was paid, to which it returned what it did not need, and how these lots came."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from credits.models import Entry, Hold, HoldDraw, Lot


@dataclass(frozen=True, slots=True)
class Part:
    """So many credits of one lot."""

    lot: Lot
    credits: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a hold: what it paid in the end, from which lots, and what went back to which."""

    hold: Hold
    paid: tuple[Part, ...]
    returned: tuple[Part, ...]

    @property
    def credits(self) -> int:
        """What it paid, less what was refunded."""
        return sum(part.credits for part in self.paid)


def resolutions(holds: Collection[Hold]) -> dict[int, Resolved]:
    """Return what became of each hold, by its id: one query.

    A settlement uses a hold's draws from the first on; what is returned or refunded is the last of them. What
    came from a lot that had ended when it was refunded is a new lot now: it is told as the one it came from.
    """
    draws: dict[int, list[HoldDraw]] = defaultdict(list)
    for draw in HoldDraw.objects.filter(hold__in=holds).select_related("lot").order_by("hold_id", "position"):
        draws[draw.hold_id].append(draw)
    return {hold.pk: _resolved(hold, draws[hold.pk]) for hold in holds}


def grants_of(lots: Iterable[Lot]) -> dict[int, Entry]:
    """Return the entry that brought each lot, by the lot's id: one query, by the journal's own index."""
    by_key = {lot.source_key: lot for lot in lots}
    wallets = {lot.wallet_id for lot in by_key.values()}
    entries = Entry.objects.filter(wallet__in=wallets, key__in=by_key)
    return {by_key[entry.key].pk: entry for entry in entries}


def _resolved(hold: Hold, draws: list[HoldDraw]) -> Resolved:
    left = (hold.settled or 0) - hold.refunded
    paid: list[Part] = []
    returned: list[Part] = []
    for draw in draws:
        spent = min(draw.amount, left)
        left -= spent
        if spent:
            paid.append(Part(draw.lot, spent))
        if draw.amount > spent and not hold.is_open:
            returned.append(Part(draw.lot, draw.amount - spent))
    return Resolved(hold, tuple(paid), tuple(returned))
