"""How a statement is written, byte for byte. Plain Python: a verifier needs nothing else of ours."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

FORMAT = "atelier-statement/1"
GENESIS = "0" * 64
"""The head of a chain without an entry: the hash before the first."""

MEMBERS = ("format", "account", "period", "opening", "entries", "closing", "totals", "signature")
"""What a statement has, in this order."""
ACCOUNT = {"wallet": int, "user": str, "email": str}
PERIOD = {"month": str, "from": str, "to": str, "is_over": bool}
STAND = {"seq": int, "balance": int, "held": int, "head": str}
SIGNATURE = {"algorithm": str, "key": str, "value": str}
HASHED: dict[str, Any] = {
    "seq": int,
    "kind": str,
    "amount": int,
    "held_change": int,
    "balance_after": int,
    "held_after": int,
    "created_at": str,
    "key": str,
    "hold": int | None,
    "lot": int | None,
    "reference_kind": str,
    "reference_id": str | None,
    "actor_id": str | None,
    "description": str,
}
"""The fields of an entry that its hash covers, in the order of its text; the wallet stands before them."""
ENTRY = {**HASHED, "hash": str}
TOTALS = {"grant": int, "refund": int, "settle": int, "expire": int, "adjust": int}
"""What each kind that changes the balance summed up to; holds and releases change none."""
RARE_TOTALS = {"clawback": int, "restore": int}
"""Those that stand behind the others in a month that has such entries, and in no other."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Stand:
    """A wallet after entry `seq` (0: before the first): what it owns, what is held of it, its chain's end."""

    seq: int
    balance: int
    held: int
    head: str


BEGINNING = Stand(0, 0, 0, GENESIS)


def totals_of(kinds: Collection[str]) -> dict[str, type[int]]:
    """Return the totals of a month that has entries of `kinds`, in the order in which they are written."""
    return TOTALS | {kind: fields for kind, fields in RARE_TOTALS.items() if kind in kinds}


def hashed_text(wallet: int, entry: dict[str, Any]) -> bytes:
    """Return the bytes of an entry that its hash covers besides the hash before it (docs/ledger.md)."""
    fields = {**entry, "created_at": microseconds(entry["created_at"])}
    values = ("" if fields[name] is None else str(fields[name]) for name in HASHED)
    return "|".join(("1", str(wallet), *values)).encode()


def moment(at: datetime) -> str:
    """Write a moment to the microsecond, in UTC."""
    return at.astimezone(UTC).strftime(_MOMENT)


def read_moment(text: str) -> datetime:
    """Read what `moment` wrote; ValueError for anything else."""
    at = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    if moment(at) != text:
        raise ValueError(text)
    return at


def microseconds(text: str) -> int:
    """Return the microseconds since 1970 of a written moment."""
    return (read_moment(text) - _EPOCH) // timedelta(microseconds=1)


def start(members: dict[str, Any]) -> str:
    """Write everything before the entries; `members` has the first four."""
    lines = "".join(f"{_text(name)}: {_text(members[name])},\n" for name in MEMBERS[:4])
    return "{\n" + lines + '"entries": [\n'


def lines(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write entries, each on its own line; what stands between them belongs to the later one."""
    for number, entry in enumerate(entries):
        yield (",\n" if number else "") + _text(entry)


def middle(members: dict[str, Any], *, is_empty: bool) -> str:
    """Write what stands between the entries and the signature: closing and totals."""
    tail = "".join(f",\n{_text(name)}: {_text(members[name])}" for name in ("closing", "totals"))
    return ("" if is_empty else "\n") + "]" + tail


def end(signature: dict[str, Any]) -> str:
    """Write the signature, over everything before it."""
    return f',\n"signature": {_text(signature)}\n}}\n'


def signed_message(digest: bytes) -> bytes:
    """Return what is signed: the format, and the SHA-256 of the statement up to its signature."""
    return FORMAT.encode() + b"\n" + digest


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
