"""Writes a statement as the file that proves itself: streamed, hashed as it goes, signed at its end."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

from credits.journal import in_batches
from credits.models import Entry
from credits.statements import form, keys
from credits.statements.reading import Statement


def file_name(statement: Statement) -> str:
    """Return what the file is called."""
    return f"atelier-statement-{statement.month}.json"


def written(statement: Statement) -> Iterator[bytes]:
    """Yield the file of `statement`, piece by piece; a thousand entries at most are in memory."""
    digest = hashlib.sha256()
    for piece in _unsigned(statement):
        digest.update(piece)
        yield piece
    yield form.end(keys.sign(form.signed_message(digest.digest()))).encode()


def _unsigned(statement: Statement) -> Iterator[bytes]:
    members = {
        "format": form.FORMAT,
        "account": {
            "wallet": statement.wallet.pk,
            "user": str(statement.owner.pk),
            "email": statement.owner.email,
        },
        "period": {
            "month": str(statement.month),
            "from": form.moment(statement.month.start),
            "to": form.moment(statement.month.end),
            "is_over": statement.is_over,
        },
        "opening": asdict(statement.opening),
        "closing": asdict(statement.closing),
        "totals": {
            kind.value: total
            for kind, total in statement.totals().items()
            if total or kind.value in form.TOTALS
        },
    }
    yield form.start(members).encode()
    entries = (entry for batch in in_batches(statement.entries, newest_first=False) for entry in batch)
    for line in form.lines(map(_entry, entries)):
        yield line.encode()
    yield form.middle(members, is_empty=not statement.count).encode()


def _entry(entry: Entry) -> dict[str, Any]:
    """Return an entry with everything that its hash covers."""
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "amount": entry.amount,
        "held_change": entry.held_change,
        "balance_after": entry.balance_after,
        "held_after": entry.held_after,
        "created_at": form.moment(entry.created_at),
        "key": str(entry.key),
        "hold": entry.hold_id,
        "lot": entry.lot_id,
        "reference_kind": entry.reference_kind,
        "reference_id": _id(entry.reference_id),
        "actor_id": _id(entry.actor_id),
        "description": entry.description,
        "hash": bytes(entry.hash).hex(),
    }


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
