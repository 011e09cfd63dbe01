"""What must not happen while a transaction is open: asking somebody else's server."""

from django.db import connections


def refuse_inside(what: str) -> None:
    """Raise RuntimeError where a transaction is open: its locks would last as long as the answer takes.

    The transaction around a whole test does not count.
    """
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise RuntimeError(f"{what} inside a transaction: its locks would wait for the answer.")
