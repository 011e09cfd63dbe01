"""A page of the history and the balance in a journal of ten million entries, and of ten thousand."""

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.harness import Result, alternate, ratio, row, spread

if TYPE_CHECKING:
    from accounts.models import User

ENTRIES = int(os.environ.get("HISTORY_ENTRIES", "10000000"))
FEW = 10_000
WALLETS = 100
"""Who share the journal evenly: one history is a hundredth of it."""
SECONDS = 1.0

_COPY = """
CREATE SCHEMA {name};
CREATE TABLE {name}.credits_wallet (LIKE public.credits_wallet INCLUDING ALL);
CREATE TABLE {name}.credits_lot (LIKE public.credits_lot INCLUDING ALL);
CREATE TABLE {name}.credits_entry (LIKE public.credits_entry INCLUDING DEFAULTS);
INSERT INTO {name}.credits_wallet SELECT * FROM public.credits_wallet WHERE owner_id = '{owner}';
INSERT INTO {name}.credits_wallet (id, available, held, allowance, used, seq, head, opened_at, parked_reason)
SELECT -n, 0, 0, 0, 0, 0, '', now(), '' FROM generate_series(1, {others}) n;
INSERT INTO {name}.credits_lot
SELECT l.* FROM public.credits_lot l JOIN {name}.credits_wallet w ON w.id = l.wallet_id;
INSERT INTO {name}.credits_entry (id, wallet_id, seq, kind, amount, held_change, balance_after, held_after,
                                  created_at, key, reference_kind, reference_id, description, hash)
SELECT n, w.id, step + 1, CASE step % 2 WHEN 0 THEN 'hold' ELSE 'settle' END,
       -(step % 2), 5 - 10 * (step % 2), 1000000000 - step / 2, 0,
       now() - ({entries} - n) * interval '1 second',
       gen_random_uuid(), 'turn', gen_random_uuid(), 'Writer, round 2', sha256(int8send(n))
FROM (SELECT n, n / {wallets} AS step FROM generate_series(0::bigint, {entries} - 1) n) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM {name}.credits_wallet) w
    ON w.place = n % {wallets};
"""
_INDEXES = """
SELECT replace(pg_get_indexdef(indexrelid), 'public.', '{name}.')
FROM pg_index WHERE indrelid = 'public.credits_entry'::regclass
"""


@row("history")
def rows() -> Iterator[Result]:
    """Measure both journals in turn, through what the page and the API call."""
    from accounts.models import User
    from config.management.commands.seed_demo import EMAIL

    user = User.objects.get(email=EMAIL)
    for name, entries in (("few", FEW), ("many", ENTRIES)):
        _build(name, entries, user)
    few, many = alternate(lambda: _milliseconds("few", user), lambda: _milliseconds("many", user))
    yield Result(
        f"history: {ENTRIES:,} entries / {FEW:,}", ratio(many, few), 1.5, "lower",
        detail=f"{spread(many, digits=2)} against {spread(few, digits=2)} ms: page, old page, balance",
    )  # fmt: skip


def _build(name: str, entries: int, user: "User") -> None:
    """Make a journal in a schema of its own: rows first, then the product's indexes."""
    from django.db import connection

    figures = {"name": name, "entries": entries, "owner": user.pk, "wallets": WALLETS, "others": WALLETS - 1}
    with connection.cursor() as cursor:
        cursor.execute(_COPY.format(**figures))
        cursor.execute(_INDEXES.format(name=name))
        for (index,) in cursor.fetchall():
            cursor.execute(index)
        for table in ("credits_entry", "credits_wallet", "credits_lot"):
            cursor.execute(f"VACUUM ANALYZE {name}.{table}")


def _milliseconds(schema: str, user: "User") -> float:
    """Return the mean time of the newest page, one from the middle and the balance."""
    from django.db import connection

    from credits import history, selectors

    middle = (FEW if schema == "few" else ENTRIES) // WALLETS // 2
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, public")
        try:
            began, times = time.perf_counter(), 0
            while time.perf_counter() - began < SECONDS:
                assert len(history.page_of(user).lines) == history.PAGE
                assert len(history.page_of(user, older_than=middle).lines) == history.PAGE
                selectors.balance_of(user)
                times += 1
            return 1000 * (time.perf_counter() - began) / times
        finally:
            cursor.execute("RESET search_path")
