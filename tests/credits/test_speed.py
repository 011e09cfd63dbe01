"""A23: one wallet that everybody moves, and many at once, keep their pace."""

import random
import statistics
import time

import pytest

from credits import ledger
from tests.credits.books import assert_whole, figures, fresh_key, funded_wallet, hold
from tests.credits.races import at_once, kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300), pytest.mark.slow]

THREADS = 8


@pytest.mark.parametrize(
    "pairs", [pytest.param(15, id="fast"), pytest.param(100, marks=pytest.mark.slow, id="full")]
)
@pytest.mark.parametrize(
    ("wallets", "least_pairs_a_second", "longest_hold_ms"),
    [pytest.param(1, 50, 100, id="hot"), pytest.param(2_000, 150, 30, id="many")],
)
def test_holds_and_settlements_keep_their_pace(wallets, least_pairs_a_second, longest_hold_ms, pairs):
    count = min(wallets, pairs * 20)
    ids = [funded_wallet(10_000) for _ in range(count)]

    def work(seed):
        chance, waited = random.Random(seed), []
        for _ in range(pairs):
            began = time.perf_counter()
            held = hold(chance.choice(ids), 2)
            waited.append((time.perf_counter() - began) * 1_000)
            ledger.settle(hold_id=held.hold_id, amount=1, key=fresh_key())
        return waited

    began = time.perf_counter()
    results = at_once(*[lambda seed=seed: work(seed) for seed in range(THREADS)])
    took = time.perf_counter() - began
    assert kinds(results) == []
    waited = [one for result in results for one in result]
    a_second, slow_hold = len(waited) / took, statistics.quantiles(waited, n=20)[-1]
    print(f"{count} wallet(s): {a_second:.0f} pairs a second, 95 % of holds within {slow_hold:.1f} ms")
    assert a_second >= least_pairs_a_second
    assert slow_hold <= longest_hold_ms
    assert sum(sum(figures(wallet_id)) for wallet_id in ids) == 10_000 * count - len(waited)
    assert_whole()
