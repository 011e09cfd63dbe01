"""The audit log's guard: SQL, and how a migration installs it."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

_FOLDER = Path(__file__).parent


def install(name: str, *, undo: str) -> RunSQL:
    """Return the operation that installs `<name>.sql`; `undo` is the SQL that takes it away."""
    return RunSQL((_FOLDER / f"{name}.sql").read_text(), undo)
