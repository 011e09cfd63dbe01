"""The history as a file, CSV or JSON: streamed, and harmless to the spreadsheet that opens it."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from accounts.models import User
from credits.causes import Cause, causes_of
from credits.history import Wanted
from credits.journal import in_batches
from credits.models import Entry

COLUMNS = (
    "number", "time", "kind", "description", "cause", "cause_url", "credits", "held_change", "balance_after",
    "available_after", "reference_kind", "reference_id", "id", "hash",
)  # fmt: skip
CSV = "text/csv; charset=utf-8"
JSON = "application/json"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""
_NOTHING = UUID(int=0)


def as_csv(user: User, wanted: Wanted, *, site: str) -> Iterator[bytes]:
    """Yield the wanted entries of `user` as CSV, newest first; `site` goes before the addresses of causes."""
    yield _csv([COLUMNS])
    for batch in in_batches(wanted.entries_of(user), newest_first=True):
        rows = _rows(user, batch, site)
        yield _csv([[_cell(row[column]) for column in COLUMNS] for row in rows])


def as_json(user: User, wanted: Wanted, *, site: str) -> Iterator[bytes]:
    """Yield the wanted entries of `user` as `{"entries": […]}`, newest first, each on its own line."""
    yield b'{"entries": ['
    mark = "\n"
    for batch in in_batches(wanted.entries_of(user), newest_first=True):
        for row in _rows(user, batch, site):
            yield (mark + json.dumps(row, ensure_ascii=False)).encode()
            mark = ",\n"
    yield b"\n]}\n"


def _rows(user: User, batch: Sequence[Entry], site: str) -> list[dict[str, Any]]:
    causes = causes_of(user, batch)
    return [
        _row(entry, causes.get((entry.reference_kind, entry.reference_id or _NOTHING)), site)
        for entry in batch
    ]


def _row(entry: Entry, cause: Cause | None, site: str) -> dict[str, Any]:
    return {
        "number": entry.seq,
        "time": entry.created_at.isoformat(),
        "kind": entry.kind,
        "description": entry.description,
        "cause": cause.label if cause else None,
        "cause_url": site + cause.url if cause else None,
        "credits": entry.amount,
        "held_change": entry.held_change,
        "balance_after": entry.balance_after,
        "available_after": entry.available_after,
        "reference_kind": entry.reference_kind or None,
        "reference_id": entry.reference_id and str(entry.reference_id),
        "id": str(entry.key),
        "hash": bytes(entry.hash).hex(),
    }


def _cell(value: Any) -> Any:
    """Return what a cell holds: a text that would begin a formula is quoted; our own numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
