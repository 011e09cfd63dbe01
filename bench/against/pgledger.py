"""pgledger, called from Django: one transfer per movement. Its SQL is named by PGLEDGER_SQL."""

import random
from pathlib import Path

ACCOUNTS = 10_000


def install(files: list[Path]) -> list[str]:
    """Install pgledger's SQL `files` in our database, open the accounts and return their ids."""
    from django.db import connection

    with connection.cursor() as cursor:
        for file in files:
            cursor.execute(file.read_text().replace("%", "%%"), [])
        cursor.execute(
            "SELECT (pgledger_create_account('wallet ' || n, 'EUR')).id FROM generate_series(1, %s) n",
            [ACCOUNTS],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("VACUUM ANALYZE")
    return ids


def transfer(ids: list[str]) -> None:
    """Move ten from one account to another."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pgledger_create_transfer(%s, %s, %s)", [*random.sample(ids, 2), 10])
        cursor.fetchone()
