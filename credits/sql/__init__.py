"""The ledger kernel: SQL files, and how a migration installs them."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

_FOLDER = Path(__file__).parent


def source(name: str) -> str:
    """Return the text of `<name>.sql`."""
    return (_FOLDER / f"{name}.sql").read_text()


def install(name: str, *, undo: str) -> RunSQL:
    """Return the operation that installs `<name>.sql`; `undo` is the SQL that takes it away."""
    return RunSQL(source(name), undo)
