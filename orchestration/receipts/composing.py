"""The receipt of every passage of a version: who wrote it, in which turn, what that cost and what paid."""

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

from accounts.models import User
from objects.authorship import Authorship, authorship_of
from objects.models import Document, DocumentVersion
from objects.provenance import Passage
from orchestration.models import Session
from orchestration.receipts.apportioning import apportion, draw
from orchestration.receipts.bills import Payment, TurnBill, bills_of


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a passage of an agent cost: its part of its turn, by its part of what the turn wrote."""

    session: Session
    bill: TurnBill
    written: int
    payments: tuple[Payment, ...]

    @property
    def credits(self) -> int:
        """Its whole credits of the turn's."""
        return sum(payment.credits for payment in self.payments)


@dataclass(frozen=True, slots=True)
class Written:
    """A passage with the version that brought it (None: older than all that are kept) and its receipt.

    A person's words cost nothing and have none; neither have those of a session that the reader may not see.
    """

    passage: Passage
    text: str
    source: DocumentVersion | None
    receipt: Receipt | None

    @property
    def is_agent(self) -> bool:
        """Whether an agent wrote it."""
        return self.source is not None and self.source.turn_id is not None

    @property
    def kind(self) -> str:
        """Who wrote it: "agent", "human" or "unknown"."""
        return "agent" if self.is_agent else "human" if self.source else "unknown"

    @property
    def byline(self) -> str:
        """Who wrote it, by name."""
        return self.source.byline if self.source else "Before the first version that is kept"


@dataclass(frozen=True, slots=True)
class TurnReceipt:
    """A turn's cost split between what stands in the text and what does not; the two sum to its bill.

    Remarks, words that were rewritten since, and turns that failed are `elsewhere`.
    """

    bill: TurnBill
    in_text: int
    elsewhere: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class RunReceipt:
    """A run that had a part in the text. Its turns sum to what the ledger took for it, exactly."""

    session: Session
    turns: list[TurnReceipt]

    @property
    def credits(self) -> int:
        """What the run cost."""
        return sum(turn.bill.credits for turn in self.turns)

    @property
    def in_text(self) -> int:
        """What of it stands in the text."""
        return sum(turn.in_text for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Receipts:
    """All passages of a version, and all runs behind them."""

    version: DocumentVersion
    passages: list[Written]
    runs: list[RunReceipt]


def receipts_of(document: Document, version: DocumentVersion, *, user: User) -> Receipts:
    """Return the receipts of `version`, which `user` may read.

    Each turn's credits are divided among its passages and what of its writing is no longer there, by their
    lengths: whole credits, by largest remainder. So the receipts of a run sum to its entries in the ledger.
    """
    authorship = authorship_of(document, version)
    written_by = _written_by(authorship)
    ids = {source.session_id for source in authorship.chain.values() if source.session_id is not None}
    sessions = list(Session.objects.visible_to(user).filter(pk__in=ids).order_by("created_at"))
    receipts: dict[int, Receipt] = {}
    runs: list[RunReceipt] = []
    for session, bills in bills_of(document.owner, sessions).items():
        turns = [
            _divided(session, bill, authorship.passages, written_by[bill.turn.pk], receipts) for bill in bills
        ]
        runs.append(RunReceipt(session, turns))
    written = [
        Written(
            passage,
            version.body[passage.start : passage.end],
            authorship.source(passage),
            receipts.get(passage.number),
        )
        for passage in authorship.passages
    ]
    return Receipts(version, written, runs)


def _divided(
    session: Session,
    bill: TurnBill,
    passages: list[Passage],
    whole: int,
    receipts: dict[int, Receipt],
) -> TurnReceipt:
    """Add the receipts of a turn's passages, of all that it wrote, and return how its credits are split."""
    mine = [passage for passage in passages if passage.who == bill.turn.pk]
    rest = max(0, whole - sum(passage.weight for passage in mine))
    weights = [*(passage.weight for passage in mine), rest]
    # Without a word in any version it was advice, or came to nothing: all of it is elsewhere.
    parts = apportion(bill.credits, weights) if any(weights) else [bill.credits]
    sources = [(payment, payment.credits) for payment in bill.payments]
    paid = [
        tuple(replace(payment, part=replace(payment.part, credits=credits)) for payment, credits in drawn)
        for drawn in draw(parts, sources)
    ]
    for passage, payments in zip(mine, paid, strict=False):
        receipts[passage.number] = Receipt(session, bill, whole, payments)
    return TurnReceipt(bill, sum(parts[:-1]), paid[-1])


def _written_by(authorship: Authorship) -> Counter[UUID]:
    """Return how much each turn of the chain wrote."""
    whole: Counter[UUID] = Counter()
    for number, amount in authorship.written.items():
        source = authorship.chain.get(number)
        if source is not None and source.turn_id is not None:
            whole[source.turn_id] += amount
    return whole
