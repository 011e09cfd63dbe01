"""Holds a turn's ceiling before it works, and settles what it really used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from django.db import transaction

from config.common import clock
from credits import ledger, metering
from credits.models import Entry, Metric, Wallet
from credits.pricing import credits_for, turn_cost
from orchestration.models import Session, Turn
from orchestration.runtime.plans import Ceiling, Price
from orchestration.runtime.timing import HOLD_HOURS
from orchestration.workflow.endings import Reason
from orchestration.workflow.outcomes import NOT_BEGUN, Outcome, charge_reason, is_charged
from orchestration.workflow.tokens import estimate

_LONGEST_DESCRIPTION = Entry._meta.get_field("description").max_length
_SHARE = Decimal("0.000001")


class CannotPay(Exception):  # an answer, which callers put into words
    """The next step cannot be held: `code` says whether the wallet or the session's cap is in the way.

    `is_parked`: the wallet takes no holds until somebody has looked at its figures. `owed`: nor until so many
    credits are made good whose money went back.
    """

    def __init__(
        self, code: Reason, *, needed: int, available: int, is_parked: bool = False, owed: int = 0
    ) -> None:
        super().__init__(code)
        self.code, self.needed, self.available = code, needed, available
        self.is_parked, self.owed = is_parked, owed


@dataclass(frozen=True, slots=True)
class Metered:
    """What an attempt used, as it is charged: the answering call's reading, all writing that was kept."""

    tokens_in: int
    tokens_out: int
    provider: str
    model: str
    weighted: Decimal
    cost_usd: Decimal
    is_cost_known: bool


def price_of(session: Session, multiplier: Decimal) -> Price:
    """Return what tokens cost in `session`, by the economics it started with."""
    return Price(multiplier, session.tokens_per_credit or 1, session.output_weight)


def hold_for(session: Session, turns: Sequence[tuple[Turn, Ceiling]]) -> None:
    """Hold the ceilings of `turns`, all or none; sets their hold, saves nothing. Raises CannotPay.

    Where the session's cap leaves less than the ceilings, and enough for what they will probably take, they
    share what it leaves: a turn that turns out longer stops there, and goes on from its last word.
    """
    fitting = _fitting(session, turns)
    needed = sum(ceiling.credits for _, ceiling in fitting)
    try:
        with transaction.atomic():
            for turn, ceiling in fitting:
                _hold(session, turn, ceiling)
    except (ledger.InsufficientCredits, ledger.WalletParked, ledger.CreditsOwed) as error:
        wallet = Wallet.objects.get(owner=session.owner_id)
        raise CannotPay(
            Reason.CREDITS,
            needed=needed,
            available=wallet.available,
            is_parked=wallet.parked_at is not None,
            owed=wallet.owed,
        ) from error


def _fitting(session: Session, turns: Sequence[tuple[Turn, Ceiling]]) -> list[tuple[Turn, Ceiling]]:
    """Return `turns` with ceilings that stay within the session's cap together. Raises CannotPay.

    Counted in the tokens of the whole run, as it is charged: what is left of a credit that an earlier turn
    began is free for the next one.
    """
    if session.cap_credits is None:
        return list(turns)
    per_credit = session.tokens_per_credit or 1
    held = session.held_now()
    taken = session.weighted_tokens + held * per_credit
    whole = sum((ceiling.weighted for _, ceiling in turns), Decimal(0))
    least = sum((ceiling.least for _, ceiling in turns), Decimal(0))
    room = session.cap_credits * per_credit - taken
    if whole <= room:
        return list(turns)
    if least > room:
        in_all = credits_for(weighted_tokens=taken + whole, tokens_per_credit=per_credit)
        spoken_for = session.spent + held
        raise CannotPay(
            Reason.CAP,
            needed=in_all - spoken_for,
            available=max(0, session.cap_credits - spoken_for),
        )
    share = ((room - least) / (whole - least)).quantize(_SHARE, ROUND_DOWN)
    return [
        (turn, ceiling.shortened(ceiling.least + (ceiling.weighted - ceiling.least) * share))
        for turn, ceiling in turns
    ]


def _hold(session: Session, turn: Turn, ceiling: Ceiling) -> None:
    held = ledger.hold(
        wallet_id=session.owner.wallet.pk,
        amount=ceiling.credits,
        key=_key(turn, "hold", turn.settled_holds),
        expires_at=clock.now() + timedelta(hours=HOLD_HOURS),
        reference=ledger.Reference("turn", turn.pk),
        description=_description(turn),
    )
    turn.hold_id, turn.hold_amount, turn.is_short = held.hold_id, held.amount, ceiling.is_short
    turn.max_output = ceiling.tokens_out + estimate(turn.partial)


def settle(session: Session, turn: Turn, used: Metered, outcome: Outcome) -> None:
    """Settle the turn's hold by the outcome table; saves nothing but the ledger's and the meter's rows.

    Never more than the hold, nor than the cap: what is above is the studio's cost and recorded on the turn.
    The session row is locked by the caller, so that rounding happens once for the run.
    """
    before, weighted = session.weighted_tokens, used.weighted if is_charged(outcome) else Decimal(0)
    per_credit = session.tokens_per_credit or 1
    due = turn_cost(before=before, after=before + weighted, tokens_per_credit=per_credit)
    paid = min(due, turn.hold_amount)
    if session.cap_left is not None:
        paid = min(paid, session.cap_left)
    entry_id: int | None = None
    try:
        why = charge_reason(outcome, metered=bool(weighted), paid=paid, absorbed=due - paid)
        entry_id = _resolve(turn, paid, weighted, why)
    except ledger.HoldResolved:
        paid = 0  # the hold died of age: nothing can be taken any more
    if paid < due:
        turn.absorbed += due - paid
        covered = (credits_for(weighted_tokens=before, tokens_per_credit=per_credit) + paid) * per_credit
        weighted = min(weighted, Decimal(covered) - before)
    session.weighted_tokens += weighted
    session.spent += paid
    _record(session, turn, used, paid, entry_id, outcome)
    turn.tokens_in += used.tokens_in
    turn.tokens_out += used.tokens_out
    turn.weighted_tokens += weighted
    turn.credits += paid
    drop_hold(turn)


def release(turn: Turn) -> None:
    """Give the whole hold of a turn back that did nothing."""
    if turn.hold_id is not None:
        ledger.release(
            hold_id=turn.hold_id,
            key=_key(turn, "settle", turn.settled_holds),
            description=_description(turn, NOT_BEGUN),
        )
    drop_hold(turn)


def drop_hold(turn: Turn) -> None:
    """Forget a hold that is resolved."""
    turn.hold_id, turn.hold_amount = None, 0
    turn.settled_holds += 1


def keys_of(turn: Turn) -> list[str]:
    """Return the ledger's keys of everything that was, or may have been, held and settled for `turn`."""
    return [_key(turn, act, hold) for hold in range(turn.settled_holds + 1) for act in ("hold", "settle")]


def _key(turn: Turn, act: str, hold: int) -> str:
    return f"turn:{turn.pk}:{act}:{hold}"


def _resolve(turn: Turn, paid: int, weighted: Decimal, why: str) -> int:
    assert turn.hold_id is not None  # noqa: S101 - an active turn has one, by constraint
    key, words = _key(turn, "settle", turn.settled_holds), _description(turn, why)
    if not weighted:
        return ledger.release(hold_id=turn.hold_id, key=key, description=words).entry_id
    return ledger.settle(hold_id=turn.hold_id, amount=paid, key=key, description=words).entry_id


def _record(
    session: Session, turn: Turn, used: Metered, paid: int, entry_id: int | None, outcome: Outcome
) -> None:
    metering.record(
        user_id=session.owner_id,
        metric=Metric.LLM_CALL,
        quantity=used.tokens_in + used.tokens_out,
        credits=paid,
        tokens_in=used.tokens_in,
        tokens_out=used.tokens_out,
        cost_usd=used.cost_usd,
        is_cost_known=used.is_cost_known,
        avatar_id=session.document.avatar_id,
        object_id=session.document_id,
        provider=used.provider,
        model=used.model,
        reference=ledger.Reference("turn", turn.pk),
        entry_id=entry_id,
        metadata={
            "session": str(session.pk),
            "role": turn.role.role,
            "agent": turn.role.label,
            "outcome": outcome.value,
            "attempt": turn.attempt,
        },
    )


def _description(turn: Turn, why: str = "") -> str:
    """What the statement says of it, and why it cost that; never a title: the ledger keeps it for ever."""
    what = f"{turn.role.label}, round {turn.round}"
    return f"{what}. {why}"[:_LONGEST_DESCRIPTION] if why else what
