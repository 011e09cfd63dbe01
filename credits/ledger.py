"""The typed door to the ledger kernel: every movement of credits is one call of one SQL function.

All functions may be called inside or outside a transaction. A refusal is raised as a DomainError: nothing
was changed, and the caller's transaction stays usable. Amounts are whole credits.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import psycopg
from django.db import connection, transaction
from psycopg.types.numeric import Int8

from config.common.clock import now
from config.common.errors import Conflict, DomainError, Missing, PaymentRequired
from credits.models import Source
from credits.signals import credits_arrived

NAMESPACE = uuid.UUID("5f0b4b0e-43a5-5c0f-9d3c-8f4f5e1c7a21")
"""Of the name-based UUIDs that text keys are folded to."""

LONGEST_HOLD = timedelta(hours=24)
"""No work holds credits for longer; what is still open then is dead."""


class InsufficientCredits(PaymentRequired):
    """The wallet cannot pay; `details` carries `available` and `needed`."""


class IdempotencyConflict(Conflict):
    """The key was used before, for something else."""

    code = "idempotency_conflict"


class HoldExceeded(Conflict):
    """A settlement above its hold; the excess is never the account's."""


class HoldResolved(Conflict):
    """The hold was settled or released before; `details.settled` says for how much."""


class RefundExceeded(Conflict):
    """More than what was paid and not yet given back."""


class AllowanceGranted(Conflict):
    """The period has its allowance already."""


class WalletParked(Conflict):
    """The wallet is stopped until its figures have been looked at."""

    code = "wallet_parked"


class CreditsOwed(PaymentRequired):
    """The wallet owes credits whose money went back, and starts nothing new; `details` carries `owed`."""

    code = "credits_owed"


class Reference(NamedTuple):
    """What caused a movement: a kind ("session", "turn", …) and its id."""

    kind: str
    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry as it was written; `replayed` when an earlier call with this key wrote it.

    Its fields stand in the order of the database's `ledger_movement`.
    """

    replayed: bool
    entry_id: int
    wallet_id: int
    seq: int
    kind: str
    amount: int
    held_change: int
    balance_after: int
    held_after: int
    hold_id: int | None
    lot_id: int | None

    @property
    def available(self) -> int:
        """Credits free to spend after it."""
        return self.balance_after - self.held_after


@dataclass(frozen=True, slots=True)
class HoldResult:
    """A hold: settle or release it by `hold_id`. `available` and `held` are the wallet's figures after it."""

    hold_id: int
    entry_id: int
    amount: int
    available: int
    held: int
    replayed: bool


def key_id(key: str) -> uuid.UUID:
    """Fold a text key to the 16 bytes that the journal stores."""
    return uuid.uuid5(NAMESPACE, key)


def open_wallet(*, owner_id: uuid.UUID) -> int:
    """Open the account's wallet and return its id; the one it has if it has one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_wallet(%s)", [owner_id])
        return int(cursor.fetchone()[0])


def grant(
    *,
    wallet_id: int,
    amount: int,
    source: Source | str,
    key: str,
    expires_at: datetime | None = None,
    period_start: datetime | None = None,
    reference: Reference | None = None,
    actor_id: uuid.UUID | None = None,
    description: str = "",
) -> Movement:
    """Add `amount` credits as a lot.

    An allowance needs `period_start` and `expires_at` (the period's end): it becomes the wallet's
    allowance of that period, once. Raises IdempotencyConflict, AllowanceGranted, Missing.
    """
    _positive(amount)
    if (source == Source.ALLOWANCE) != (period_start is not None) or (period_start and not expires_at):
        raise ValueError("An allowance, and nothing else, has a period: its start and its end.")
    kind, reference_id = reference or ("", None)
    moved = _moved(
        "SELECT * FROM ledger_grant(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            wallet_id,
            amount,
            str(source),
            key_id(key),
            expires_at,
            period_start,
            kind,
            reference_id,
            actor_id,
            description,
        ],
    )
    return _told(moved)


def hold(
    *,
    wallet_id: int,
    amount: int,
    key: str,
    expires_at: datetime,
    reference: Reference | None = None,
    description: str = "",
) -> HoldResult:
    """Set `amount` credits aside for work that is over by `expires_at`, within LONGEST_HOLD.

    Raises InsufficientCredits, WalletParked, CreditsOwed, IdempotencyConflict, Missing.
    """
    _positive(amount)
    if expires_at > now() + LONGEST_HOLD:
        raise ValueError("A hold ends within 24 hours.")
    kind, reference_id = reference or ("", None)
    moved = _moved(
        "SELECT * FROM ledger_hold(%s, %s, %s, %s, %s, %s, %s)",
        [wallet_id, amount, key_id(key), expires_at, kind, reference_id, description],
        needed=amount,
    )
    assert moved.hold_id is not None  # noqa: S101 - a hold's entry always names it
    return HoldResult(
        moved.hold_id, moved.entry_id, moved.held_change, moved.available, moved.held_after, moved.replayed
    )


def settle(*, hold_id: int, amount: int, key: str, description: str = "") -> Movement:
    """Spend `amount` (0 up to the hold) of a hold; the rest returns to its lots in the same step.

    Raises HoldExceeded, HoldResolved, IdempotencyConflict, Missing.
    """
    if amount < 0:
        raise ValueError("A settlement cannot be negative.")
    return _moved(
        "SELECT * FROM ledger_settle(%s, %s, %s, %s)",
        [hold_id, amount, key_id(key), description],
        needed=amount,
    )


def release(*, hold_id: int, key: str, description: str = "") -> Movement:
    """Give a whole hold back. Raises HoldResolved, IdempotencyConflict, Missing."""
    return _moved("SELECT * FROM ledger_release(%s, %s, %s)", [hold_id, key_id(key), description])


def refund(
    *, hold_id: int, amount: int, key: str, actor_id: uuid.UUID | None = None, description: str = ""
) -> Movement:
    """Give back `amount` of what a hold's settlement cost, to the lots it came from while those live.

    Raises RefundExceeded, IdempotencyConflict, Missing.
    """
    _positive(amount)
    moved = _moved(
        "SELECT * FROM ledger_refund(%s, %s, %s, %s, %s)",
        [hold_id, amount, key_id(key), actor_id, description],
        needed=amount,
    )
    return _told(moved)


def expire(*, wallet_id: int, key: str, description: str = "") -> Movement | None:
    """Take what is left of lots whose time is over; None when there is nothing to take.

    Raises IdempotencyConflict, Missing.
    """
    row = _call("SELECT * FROM ledger_expire(%s, %s, %s)", [wallet_id, key_id(key), description])
    return None if row[0] == "nothing" else _movement(row, needed=None)


def clawback(
    *,
    wallet_id: int,
    lot_ids: Collection[int],
    amount: int,
    key: str,
    reference: Reference | None = None,
    description: str,
) -> Movement | None:
    """Take back up to `amount` credits of these lots, as many as are free; None where none is.

    What open holds keep of them is left alone. The same key again returns what was taken the first time,
    even where more is free by then. Raises IdempotencyConflict, Missing.
    """
    _positive(amount)
    kind, reference_id = reference or ("", None)
    row = _call(
        "SELECT * FROM ledger_clawback(%s, %s, %s, %s, %s, %s, %s)",
        [wallet_id, sorted(lot_ids), amount, key_id(key), kind, reference_id, description],
    )
    return None if row[0] == "nothing" else _movement(row, needed=None)


def restore(*, entry_id: int, description: str) -> Movement:
    """Give back all that a clawback took, once: to its lots while those live, else as a lot without an end.

    `entry_id` is the clawback's entry, and the key: again returns the first result. Raises Missing.
    """
    return _told(_moved("SELECT * FROM ledger_restore(%s, %s)", [entry_id, description]))


def adjust(
    *, wallet_id: int, amount: int, key: str, actor_id: uuid.UUID | None = None, description: str
) -> Movement:
    """Correct a balance by hand, up or down by `amount`, never below zero; `description` is the reason.

    Raises InsufficientCredits, IdempotencyConflict, Missing.
    """
    if amount == 0 or not description:
        raise ValueError("An adjustment needs an amount and a reason.")
    moved = _moved(
        "SELECT * FROM ledger_adjust(%s, %s, %s, %s, %s)",
        [wallet_id, amount, key_id(key), actor_id, description],
        needed=-amount,
    )
    return _told(moved) if amount > 0 else moved


def _told(moved: Movement) -> Movement:
    """Tell, once it is committed, that a wallet has more to spend; return the movement."""
    if not moved.replayed:
        tell = partial(credits_arrived.send_robust, sender=None, wallet_id=moved.wallet_id)
        transaction.on_commit(tell, robust=True)
    return moved


def _positive(amount: int) -> None:
    if amount <= 0:
        raise ValueError("A movement needs a positive amount of whole credits.")


def _moved(call: str, arguments: list[Any], *, needed: int | None = None) -> Movement:
    return _movement(_call(call, arguments), needed=needed)


def _call(call: str, arguments: list[Any]) -> tuple[Any, ...]:
    """Make one call of a ledger function, by a statement that each connection prepares once.

    Django's own cursor writes the arguments into the text, which the server must then parse and plan anew:
    a third of a movement's time.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(call, [_typed(value) for value in arguments])
        return cursor.fetchone()


def _typed(value: Any) -> Any:
    """Say that whole numbers are bigints, whatever their size: a statement is prepared for one type."""
    if type(value) is int:
        return Int8(value)
    return [Int8(item) for item in value] if type(value) is list else value


def _movement(row: tuple[Any, ...], *, needed: int | None) -> Movement:
    refusal, possible, *entry = row
    if refusal is not None:
        raise _refusal(refusal, possible=possible, needed=needed)
    return Movement(*entry)


def _refusal(reason: str, *, possible: int | None, needed: int | None) -> DomainError:
    match reason:
        case "insufficient":
            return InsufficientCredits(
                f"This needs {needed} credits; {possible} are available.",
                details={"available": possible, "needed": needed},
            )
        case "conflict":
            return IdempotencyConflict("This key was already used for something else.")
        case "parked":
            return WalletParked("This account's credits are being checked. Nothing is lost; try again later.")
        case "owing":
            return CreditsOwed(
                f"This account owes {possible} {'credit' if possible == 1 else 'credits'}: spent, and their "
                "money went back. Buy credits to settle them; new work can start at once then.",
                details={"owed": possible},
            )
        case "resolved":
            return HoldResolved("This hold is already resolved.", details={"settled": possible})
        case "exceeds_hold":
            return HoldExceeded(
                "A settlement cannot exceed its hold.", details={"held": possible, "needed": needed}
            )
        case "exceeds_settled":
            return RefundExceeded(
                f"At most {possible} credits can still be given back.",
                details={"refundable": possible, "needed": needed},
            )
        case "period_granted":
            return AllowanceGranted("This period's allowance was already granted.")
        case _:
            return Missing("There is no such wallet, hold or entry.")
