"""What each turn of a run cost, by the ledger: its holds, the lots that paid, what came back, and why."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import User
from credits.models import Entry
from credits.payments import Part, Resolved, grants_of
from orchestration.books import holds_about
from orchestration.models import Session, Turn


@dataclass(frozen=True, slots=True)
class Payment:
    """Credits of one lot, drawn by one hold; `grant` is the entry that brought the lot."""

    hold_id: int
    part: Part
    grant: Entry | None

    @property
    def credits(self) -> int:
        """How many."""
        return self.part.credits

    @property
    def source(self) -> str:
        """Where the lot came from, in a word."""
        return self.part.lot.get_source_display()


@dataclass(frozen=True, slots=True)
class TurnBill:
    """What a turn cost, less what was refunded; `payments` sum to it. `returned` went back to its lots."""

    turn: Turn
    held: int
    refunded: int
    payments: tuple[Payment, ...]
    returned: tuple[Payment, ...]

    @property
    def credits(self) -> int:
        """What it cost in the end."""
        return sum(payment.credits for payment in self.payments)

    @property
    def came_back(self) -> int:
        """What of its holds was not needed, or refunded."""
        return sum(payment.credits for payment in self.returned)


def bills_of(owner: User, sessions: Collection[Session]) -> dict[Session, list[TurnBill]]:
    """Return the bills of all turns of `sessions`, in the order of the work: four queries.

    The bills of a session sum to what the ledger took for it.
    """
    turns = list(
        Turn.objects.filter(session__in=sessions)
        .select_related("role")
        .defer("output", "partial", "evaluation")
        .order_by("round", "phase", "role__position", "created_at")
    )
    holds = holds_about(owner, turns)
    parts = [part for found in holds.values() for one in found for part in (*one.paid, *one.returned)]
    grants = grants_of(part.lot for part in parts)
    bills: dict[Session, list[TurnBill]] = {session: [] for session in sessions}
    by_id = {session.pk: session for session in sessions}
    for turn in turns:
        bills[by_id[turn.session_id]].append(_bill(turn, holds[turn.pk], grants))
    return bills


def _bill(turn: Turn, holds: list[Resolved], grants: dict[int, Entry]) -> TurnBill:
    return TurnBill(
        turn,
        held=sum(one.hold.amount for one in holds),
        refunded=sum(one.hold.refunded for one in holds),
        payments=tuple(_payment(one, part, grants) for one in holds for part in one.paid),
        returned=tuple(_payment(one, part, grants) for one in holds for part in one.returned),
    )


def _payment(one: Resolved, part: Part, grants: dict[int, Entry]) -> Payment:
    return Payment(one.hold.pk, part, grants.get(part.lot.pk))
