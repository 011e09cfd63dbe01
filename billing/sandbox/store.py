"""Keeps the sandbox's objects in one SQLite file: the very dicts that the API answers."""

import contextlib
import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from billing.sandbox.errors import NoSuchError

Object = dict[str, Any]

_ALPHABET = string.ascii_letters + string.digits
_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS object_id ON object (id);
CREATE INDEX IF NOT EXISTS object_customer ON object (kind, json_extract(body, '$.customer'), seq);
CREATE INDEX IF NOT EXISTS object_clock ON object (kind, json_extract(body, '$.test_clock'), seq);
CREATE TABLE IF NOT EXISTS note (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    due REAL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS request (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL
);
"""


class Store:
    """One file, one connection, one thread at a time: readers wait for a change, and never see half of it."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._after: list[Callable[[], None]] = []
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other thread read or change anything meanwhile; each change inside commits by itself."""
        with self._lock:
            yield

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Make what happens inside one transaction; a change inside a change is part of the outer one.

        An exception undoes everything, unless it says `keeps_changes` (a declined payment is remembered).
        """
        with self._lock:
            if self._depth:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            self._depth = 1
            kept = False
            try:
                yield
                kept = True
            except BaseException as error:
                kept = getattr(error, "keeps_changes", False)
                raise
            finally:
                self._database.execute("COMMIT" if kept else "ROLLBACK")
                self._depth = 0
                after, self._after = self._after, []
                for action in after if kept else []:
                    action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do `action` once the running change has been committed; never when it is undone."""
        self._after.append(action)

    def get(self, kind: str, object_id: str, *, param: str = "id") -> Object:
        """Return the object, a copy of one's own; NoSuchError (404) naming `param` when there is none."""
        found = self.look(kind, object_id)
        if found is None:
            raise NoSuchError(kind, object_id, param=param)
        return found

    def look(self, kind: str, object_id: str) -> Object | None:
        """Return the object, or None when there is none."""
        rows = self.query("SELECT body FROM object WHERE kind = ? AND id = ?", kind, object_id)
        return json.loads(rows[0]["body"]) if rows else None

    def put(self, obj: Object) -> Object:
        """Keep `obj` as it now is (its kind is `obj["object"]`) and return it."""
        self.execute(
            "INSERT INTO object (kind, id, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            obj["object"],
            obj["id"],
            json.dumps(obj),
        )
        return obj

    def remove(self, obj: Object) -> None:
        """Forget `obj` and what was noted about it."""
        self.execute("DELETE FROM object WHERE kind = ? AND id = ?", obj["object"], obj["id"])
        self.execute("DELETE FROM note WHERE id = ?", obj["id"])

    def anything(self, object_id: str) -> Object | None:
        """Return the object with this id, whatever its kind; of a deleted one, the stub that says so."""
        rows = self.query("SELECT body FROM object WHERE id = ?", object_id)
        if rows:
            return json.loads(rows[0]["body"])
        kind = self.notes(object_id).get("deleted")
        return {"id": object_id, "object": kind, "deleted": True} if kind else None

    def delete(self, obj: Object) -> Object:
        """Forget `obj`, remember that it was there, and return the stub that the API answers from now on."""
        self.remove(obj)
        self.note(obj["id"], deleted=obj["object"])
        return {"id": obj["id"], "object": obj["object"], "deleted": True}

    def find(self, kind: str, **equal: Any) -> list[Object]:
        """Return the objects whose members equal these values, newest first.

        Two underscores descend: `parent__subscription_details__subscription="sub_1"`.
        """
        where, values = conditions(equal)
        rows = self.query(f"SELECT body FROM object WHERE kind = ?{where} ORDER BY seq DESC", kind, *values)  # noqa: S608
        return [json.loads(row["body"]) for row in rows]

    def newest(self, kind: str, count: int) -> list[Object]:
        """Return the newest `count` objects of a kind."""
        rows = self.query("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC LIMIT ?", kind, count)
        return [json.loads(row["body"]) for row in rows]

    def notes(self, object_id: str) -> Object:
        """Return what the sandbox keeps about an object without ever answering it; empty when nothing."""
        rows = self.query("SELECT body FROM note WHERE id = ?", object_id)
        return json.loads(rows[0]["body"]) if rows else {}

    def note(self, object_id: str, **values: Any) -> None:
        """Add `values` to the notes about an object; None takes one away."""
        notes = {**self.notes(object_id), **values}
        kept = {name: value for name, value in notes.items() if value is not None}
        self.execute(
            "INSERT INTO note (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            object_id,
            json.dumps(kept),
        )

    def query(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return the rows of a SELECT."""
        with self._lock:
            return self._database.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: Any) -> int:
        """Do one statement, within the running change or in one of its own; return how many rows it met."""
        with self.change():
            return self._database.execute(sql, values).rowcount

    @staticmethod
    def new_id(prefix: str) -> str:
        """Return a fresh id such as `cus_…`."""
        return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(24))}"


def conditions(equal: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the SQL (beginning with AND) and the values that hold members of a body to `equal`."""
    where, values = "", []
    for name, value in equal.items():
        member = f"json_extract(body, '$.{name.replace('__', '.')}')"
        if value is None:
            where += f" AND {member} IS NULL"
        else:
            where += f" AND {member} = ?"
            values.append(int(value) if isinstance(value, bool) else value)
    return where, values
