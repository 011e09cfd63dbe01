"""The ledger against pgbench: bare rows, the same functions, and one hot wallet."""

import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from bench import pgbench
from bench.crew import Crew
from bench.harness import Result, alternate, ratio, row, spread

WALLETS = 10_000
HELD, SETTLED = 10, 7

_BARE_TABLES = """
CREATE TABLE bench_account (id bigint PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO bench_account SELECT n, 1000000000 FROM generate_series(1, {count}) n;
CREATE TABLE bench_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL, amount bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
);
"""
_WALLETS = """
CREATE TABLE bench_wallet AS SELECT n, ledger_open_wallet(NULL) AS id FROM generate_series(1, {count}) n;
SELECT count(ledger_grant(id, 1000000000, source, gen_random_uuid(), expires, starts, '', NULL, NULL, ''))
FROM bench_wallet, (VALUES
    ('allowance', now(), now() + interval '30 days'), ('purchase', NULL, now() + interval '1 year')
) lot (source, starts, expires);
SELECT count(ledger_settle(held.hold_id, 1, gen_random_uuid(), ''))
FROM bench_wallet, ledger_hold(
    id, 1, gen_random_uuid(), now() + interval '1 hour', 'bench', gen_random_uuid(), '') held;
"""
"""Wallets with a history: statistics of empty tables would make PostgreSQL read the growing ones whole."""
_BARE = """
\\set account random({first}, {last})
BEGIN;
UPDATE bench_account SET balance = balance - 10 WHERE id = :account;
INSERT INTO bench_line (account_id, amount) VALUES (:account, -10);
END;
"""
_CYCLE = """
\\set wallet random({first}, {last})
SELECT hold_id FROM ledger_hold(
    :wallet, {held}, gen_random_uuid(), now() + interval '1 hour', 'bench', gen_random_uuid(), '') \\gset
SELECT entry_id FROM ledger_settle(:hold_id, {settled}, gen_random_uuid(), '');
"""


@cache
def wallets() -> range:
    """Make the wallets, each with an allowance and a purchase, and the bare rows; return the wallets' ids."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_BARE_TABLES.format(count=WALLETS))
        cursor.execute(_WALLETS.format(count=WALLETS))
        cursor.execute("SELECT min(id), max(id) FROM bench_wallet")
        first, last = cursor.fetchone()
        cursor.execute("VACUUM ANALYZE")
    return range(first, last + 1)


def cycle(ids: range) -> None:
    """Hold and settle through the door, on one of the wallets."""
    from config.common.clock import now
    from credits import ledger

    held = ledger.hold(
        wallet_id=random.choice(ids),
        amount=HELD,
        key=f"bench:{uuid.uuid4()}:hold",
        reference=ledger.Reference("bench", uuid.uuid4()),
        expires_at=now() + timedelta(hours=1),
    )
    ledger.settle(hold_id=held.hold_id, amount=SETTLED, key=f"bench:{held.hold_id}:settle")


@row("ledger")
def rows() -> Iterator[Result]:
    """Measure movements, life cycles and the hot wallet."""
    ids = wallets()
    bare = _BARE.format(first=1, last=WALLETS)
    same = _CYCLE.format(first=ids[0], last=ids[-1], held=HELD, settled=SETTLED)
    with Crew(lambda _: cycle(ids)) as crew:
        cycles, floor, functions = alternate(
            crew.per_second, lambda: pgbench.run(bare), lambda: pgbench.run(same)
        )
    movements = [2 * one for one in cycles]
    yield Result(
        "ledger: movement / bare UPDATE + INSERT", ratio(movements, floor), 0.60, "higher",
        detail=f"{spread(movements)} against {spread(floor)} a second",
    )  # fmt: skip
    yield Result(
        "ledger: life cycle / same SQL by pgbench", ratio(cycles, functions), 0.70, "higher",
        detail=f"{spread(cycles)} against {spread(functions)} a second",
    )  # fmt: skip
    hot = ids[:1]
    bare = _BARE.format(first=1, last=1)
    with Crew(lambda _: cycle(hot)) as crew:
        cycles, floor = alternate(crew.per_second, lambda: pgbench.run(bare))
    movements = [2 * one for one in cycles]
    yield Result(
        "ledger: one hot wallet / one hot row", ratio(movements, floor), 0.80, "higher",
        detail=f"{spread(movements)} against {spread(floor)} a second",
    )  # fmt: skip
