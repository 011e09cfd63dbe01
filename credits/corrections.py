"""Credits moved by hand: an operator asks, above a limit a second one decides, the owner is told.

Everything an operator does here is written into the audit log, in the same transaction.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs

from accounts import audit
from accounts.models import User
from accounts.services.notifications import notify
from config.common.clock import now
from config.common.errors import Conflict, DomainError, Invalid, Missing
from credits import ledger
from credits.models import Correction, Entry, EntryKind, Source, Wallet
from credits.models.correction import SHORTEST_REASON
from credits.selectors import spendable

Kind, State = Correction.Kind, Correction.State

DAY = timedelta(hours=24)
_WORDS = {
    Kind.GRANT: "given", Kind.TAKE: "taken", Kind.REFUND: "given back", Kind.WAIVE: "forgiven that you owed",
}  # fmt: skip
MOST = 1_000_000_000
"""No movement by hand is greater, whoever approves it: a slip of the finger is not a grant."""


class NotEnoughToTake(Conflict):
    """Fewer credits are free than would be taken; `details.available` says how many."""


class NotOwed(Conflict):
    """Fewer credits are owed than would be forgiven; `details.owed` says how many."""


class AlreadyDecided(Conflict):
    """It was applied, rejected or withdrawn before; `details.state` says which."""


class SecondPersonNeeded(DomainError):
    """Nobody decides on what they asked for themselves, nor on their own credits."""

    status = 403
    code = "second_person_needed"


@transaction.atomic
def ask(
    *,
    wallet: Wallet,
    kind: Correction.Kind,
    credits: int,
    reason: str,
    actor: User,
    key: str,
    expires_at: datetime | None = None,
    entry: Entry | None = None,
) -> Correction:
    """Give, take or give back `credits`: at once within what `actor` may move alone, else a second decides.

    `entry` is the settlement of which a refund gives back. What is forgiven is granted, and settles what is
    owed. The same `key` again returns the first result.
    Raises Invalid with every field that is wrong, NotEnoughToTake, NotOwed, IdempotencyConflict.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=actor.pk)  # a limit read by two is no limit
    asked = Correction(
        wallet=wallet,
        kind=kind,
        amount=-credits if kind == Kind.TAKE else credits,
        refunded_entry=entry,
        expires_at=expires_at,
        reason=reason.strip(),
        limit=settings.OPERATOR_CREDITS_ALONE,
        key=ledger.key_id(f"correction:{actor.pk}:{key}"),
        requested_by=actor,
        requested_at=now(),
    )
    known = Correction.objects.select_related("wallet").filter(key=asked.key).first()
    if known is not None:
        return _same(known, asked)
    _refuse_wrong(asked)
    asked.needs_approval = wallet.owner_id == actor.pk or credits > left_alone(actor)
    if not asked.needs_approval:
        return _apply(asked, decider=None)
    if kind == Kind.TAKE and credits > (free := spendable(wallet)):
        raise _not_enough(free, asked)
    if kind == Kind.WAIVE:
        _require_debt(asked)
    asked.save(force_insert=True)
    _audit("credits.asked", asked, actor=actor, reason=asked.reason)
    return asked


@transaction.atomic
def approve(*, correction_id: UUID, actor: User) -> Correction:
    """Apply what another operator asked for, once.

    Raises Missing, AlreadyDecided, SecondPersonNeeded, NotEnoughToTake, NotOwed, Invalid for an end that has
    passed.
    """
    correction = _pending(correction_id)
    _refuse_own(correction, actor)
    if correction.expires_at is not None and correction.expires_at <= now():
        raise Invalid("The day on which these credits were to expire has passed. Reject it and ask anew.")
    return _apply(correction, decider=actor)


@transaction.atomic
def reject(*, correction_id: UUID, actor: User, note: str) -> Correction:
    """Refuse what another operator asked for, and say why.

    Raises Missing, AlreadyDecided, SecondPersonNeeded.
    """
    correction = _pending(correction_id)
    _refuse_own(correction, actor)
    if not note.strip():
        raise Invalid("Say why.", details={"fields": {"reason": ["Say why."]}})
    return _close(correction, State.REJECTED, actor, note.strip())


@transaction.atomic
def withdraw(*, correction_id: UUID, actor: User) -> Correction:
    """Take back what one asked for oneself. Raises Missing, AlreadyDecided, Conflict for somebody else's."""
    correction = _pending(correction_id)
    if correction.requested_by_id != actor.pk:
        raise Conflict("Only who asked for it can withdraw it. Reject it instead.")
    return _close(correction, State.WITHDRAWN, actor, "")


def left_alone(actor: User) -> int:
    """Return how many credits `actor` may still move without a second operator, of 24 hours' limit."""
    moved = Correction.objects.alone().filter(requested_by=actor, requested_at__gt=now() - DAY)
    total = moved.aggregate(total=Sum(Abs("amount")))["total"] or 0
    return max(0, settings.OPERATOR_CREDITS_ALONE - int(total))


def refundable(entry: Entry) -> int:
    """Return how much of what a settlement took can still be given back; 0 for any other entry."""
    if entry.kind != EntryKind.SETTLE or entry.hold is None:
        return 0
    return (entry.hold.settled or 0) - entry.hold.refunded


def _same(known: Correction, asked: Correction) -> Correction:
    """Return what the key stands for; IdempotencyConflict where something else is asked for under it."""
    fields = ("wallet_id", "kind", "amount", "refunded_entry_id", "expires_at", "reason")
    if any(getattr(known, name) != getattr(asked, name) for name in fields):
        raise ledger.IdempotencyConflict("This key was already used for something else.")
    return known


def _refuse_wrong(asked: Correction) -> None:
    wrong: dict[str, list[str]] = {}
    if not 0 < abs(asked.amount) <= MOST or (asked.amount < 0) != (asked.kind == Kind.TAKE):
        wrong["amount"] = ["Name a whole number of credits, above 0."]
    if len(asked.reason) < SHORTEST_REASON:
        wrong["reason"] = [f"Say why, in {SHORTEST_REASON} characters or more."]
    elif len(asked.reason) > 200:
        wrong["reason"] = ["Say it in 200 characters or fewer."]
    if asked.expires_at is not None and asked.kind != Kind.GRANT:
        wrong["expires_at"] = ["Only credits that are given can expire."]
    elif asked.expires_at is not None and asked.expires_at <= asked.requested_at:
        wrong["expires_at"] = ["Choose a day that is still to come."]
    if asked.kind == Kind.REFUND:
        entry = asked.refunded_entry
        if entry is None or entry.wallet_id != asked.wallet_id or entry.kind != EntryKind.SETTLE:
            wrong["entry"] = ["Choose a charge of this account."]
        elif asked.amount > (possible := refundable(entry)):
            wrong["amount"] = [f"At most {possible} credits of this charge can still be given back."]
    if wrong:
        raise Invalid("Nothing was changed.", details={"fields": wrong})


def _pending(correction_id: UUID) -> Correction:
    """Lock it, so that it is decided once; AlreadyDecided where it was."""
    found = Correction.objects.select_for_update(of=("self",)).select_related("wallet", "refunded_entry")
    correction = found.filter(pk=correction_id).first()
    if correction is None:
        raise Missing("There is no such correction.")
    if not correction.is_pending:
        state = correction.get_state_display().lower()
        raise AlreadyDecided(f"It was {state} already.", details={"state": correction.state})
    return correction


def _refuse_own(correction: Correction, actor: User) -> None:
    if actor.pk == correction.requested_by_id:
        raise SecondPersonNeeded("You asked for it yourself: another operator decides.")
    if actor.pk == correction.wallet.owner_id:
        raise SecondPersonNeeded("These are your own credits: another operator decides.")


def _apply(correction: Correction, *, decider: User | None) -> Correction:
    """Move the credits, write down who had them moved, and tell their owner."""
    moved = _move(correction)
    correction.state, correction.decided_by, correction.decided_at = State.APPLIED, decider, now()
    correction.entry_id = moved.entry_id
    decision = ("state", "decided_by", "decided_at", "entry")
    correction.save(update_fields=None if correction._state.adding else decision)
    _audit(
        "credits.applied",
        correction,
        actor=decider or correction.requested_by,
        reason=correction.reason,
        before={"available": moved.available - moved.amount, "held": moved.held_after},
        after={"available": moved.available, "held": moved.held_after},
    )
    _tell_owner(correction, moved)
    return correction


def _move(correction: Correction) -> ledger.Movement:
    key, actor_id = f"correction:{correction.pk}", correction.requested_by_id
    match correction.kind:
        case Kind.GRANT | Kind.WAIVE:
            if correction.kind == Kind.WAIVE:
                _require_debt(correction)
            return ledger.grant(
                wallet_id=correction.wallet_id,
                amount=correction.amount,
                source=Source.BONUS,
                key=key,
                expires_at=correction.expires_at,
                reference=ledger.Reference("correction", correction.pk),
                actor_id=actor_id,
                description=correction.reason,
            )
        case Kind.REFUND:
            entry = correction.refunded_entry
            assert entry is not None  # noqa: S101 - by constraint
            assert entry.hold_id is not None  # noqa: S101 - a settlement resolves one
            return ledger.refund(
                hold_id=entry.hold_id,
                amount=correction.amount,
                key=key,
                actor_id=actor_id,
                description=correction.reason,
            )
    try:
        return ledger.adjust(
            wallet_id=correction.wallet_id,
            amount=correction.amount,
            key=key,
            actor_id=actor_id,
            description=correction.reason,
        )
    except ledger.InsufficientCredits as error:
        raise _not_enough(int(error.details["available"]), correction) from error


def _require_debt(correction: Correction) -> None:
    """Hold the wallet, and raise NotOwed where it owes fewer credits than would be forgiven."""
    wallet = Wallet.objects.select_for_update(no_key=True).get(pk=correction.wallet_id)
    if correction.amount > wallet.owed:
        raise NotOwed(
            f"{wallet.owed or 'No'} {'credit is' if wallet.owed == 1 else 'credits are'} owed.",
            details={"owed": wallet.owed, "needed": correction.amount},
        )


def _not_enough(free: int, correction: Correction) -> NotEnoughToTake:
    held = Wallet.objects.values_list("held", flat=True).get(pk=correction.wallet_id)
    said = f"Only {free} credits can be taken: a balance never goes below zero."
    if held:
        said += f" {held} more are held by work that is under way."
    return NotEnoughToTake(said, details={"available": free, "held": held, "needed": -correction.amount})


def _close(correction: Correction, state: Correction.State, actor: User, note: str) -> Correction:
    correction.state, correction.decided_by, correction.decided_at = state, actor, now()
    correction.decision_note = note[:200]
    correction.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    _audit(f"credits.{state.value}", correction, actor=actor, reason=note or correction.reason)
    return correction


def _audit(
    act: str,
    correction: Correction,
    *,
    actor: User | None,
    reason: str,
    before: dict[str, int] | None = None,
    after: dict[str, int] | None = None,
) -> None:
    audit.write(
        act=act,
        subject=correction,
        user_id=correction.wallet.owner_id,
        actor=actor,
        reason=reason,
        before=before,
        after={**(after or {}), "kind": correction.kind, "amount": correction.amount},
    )


def _tell_owner(correction: Correction, moved: ledger.Movement) -> None:
    owner = correction.wallet.owner
    if owner is None:
        return
    credits = abs(correction.amount)
    word = _WORDS[Kind(correction.kind)]
    notify(
        user=owner,
        kind="credits_adjusted",
        cause=f"correction:{correction.pk}",
        title=f"{credits} {'credit was' if credits == 1 else 'credits were'} {word}",
        body=f"The studio's reason: {correction.reason}{_left(correction, moved)}",
        url="/credits/",
        data={"amount": correction.amount, "available": moved.available},
    )


def _left(correction: Correction, moved: ledger.Movement) -> str:
    """Say what there is to spend now; nothing of a forgiven debt, which takes what it was given."""
    return "" if correction.kind == Kind.WAIVE else f" You now have {moved.available} credits to spend."
