"""What the database holds, as one hash a table: to tell that nothing was written."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

UNWATCHED = {"django_session", "usersessions_usersession"}
"""Sessions are the one thing that reading may write."""


def fingerprint() -> dict[str, str]:
    """Return a hash of every row of each table, whatever their order; the last sign-in left out."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - UNWATCHED)
        return {table: _hash(cursor, table) for table in tables}


def _hash(cursor: Any, table: str) -> str:
    row = "(to_jsonb(t) - 'last_login')::text" if table == "accounts_user" else "t::text"
    name = connection.ops.quote_name(table)
    cursor.execute(
        f"SELECT md5(coalesce(string_agg({row}, chr(10) ORDER BY {row}), '')) FROM {name} t"  # noqa: S608
    )
    return str(cursor.fetchone()[0])


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.+:Z]*")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@contextmanager
def changes() -> Iterator[dict[str, list[str]]]:
    """Collect, a table each, the rows that are new or other after the block, as text.

    New ids, times and serial numbers are left out of it: two equal acts give equal changes.
    """
    before, known = _rows(), set()
    for rows in before.values():
        for row in rows:
            known.update(_ID.findall(row))
    found: dict[str, list[str]] = {}
    yield found
    for table, rows in _rows().items():
        other = sorted(_timeless(row, known) for row in rows - before[table])
        if other:
            found[table] = other


def _rows() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - UNWATCHED)
        return {table: _texts(cursor, table) for table in tables}


def _texts(cursor: Any, table: str) -> set[str]:
    cursor.execute(f"SELECT to_jsonb(t)::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608
    return {row[0] for row in cursor.fetchall()}


def _timeless(row: str, known: set[str]) -> str:
    without_ids = _ID.sub(lambda match: match[0] if match[0] in known else "new", row)
    kept = json.loads(_TIME.sub("then", without_ids))
    return json.dumps(
        {key: value for key, value in kept.items() if not _is_serial(key, value)}, sort_keys=True
    )


def _is_serial(key: str, value: object) -> bool:
    return (isinstance(value, int) and (key == "id" or key.endswith("_id"))) or key in ("hash", "head", "key")
