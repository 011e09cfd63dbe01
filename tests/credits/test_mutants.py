"""The tests test: a kernel with a planted mistake does not pass them."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.credits import test_burn_order, test_keys, test_ledger, test_races
from tests.credits.planting import CAUGHT, install
from tests.credits.test_stateful import Movements


def replay_a_hold():
    """The hold's part of the keys' test."""
    wallet_id = test_ledger.funded_wallet(20)
    test_keys.MOVES["hold"](wallet_id, "the key")
    assert test_keys.MOVES["hold"](wallet_id, "the key").replayed


def conflict_on_a_hold():
    """The hold's part of the conflicts' test."""
    wallet_id = test_ledger.funded_wallet(20)
    test_keys.MOVES["hold"](wallet_id, "the key")
    with pytest.raises(test_keys.ledger.IdempotencyConflict):
        test_keys.OTHERWISE["hold"][0](wallet_id, "the key")


MUTANTS = {
    "no key": (
        "hold",
        "WHERE wallet_id = w.id AND key = p_key;",
        "WHERE false;",
        replay_a_hold,
    ),
    "key compared by kind only": (
        "hold",
        "e.kind = 'hold' AND e.held_change = p_amount",
        "e.kind = 'hold'",
        conflict_on_a_hold,
    ),
    "remainder leaked": (
        "settle",
        "remaining + least(unspent, d.amount)",
        "remaining",
        test_ledger.test_settle_spends_and_returns_the_rest,
    ),
    "remainder to the wrong lot": (
        "settle",
        "ORDER BY position DESC",
        "ORDER BY position",
        lambda: test_ledger.test_settle_spends_the_first_draws_first(4, [1, 5, 5]),
    ),
    "settle above the hold": (
        "settle",
        "IF p_amount > h.amount THEN",
        "IF false THEN",
        test_ledger.test_settle_above_the_hold_is_refused,
    ),
    "resolved twice": (
        "settle",
        "IF h.resolved_at IS NOT NULL THEN",
        "IF false THEN",
        test_ledger.test_a_hold_is_resolved_once,
    ),
    "refund unchecked": (
        "refund",
        "IF p_amount > coalesce(h.settled, 0) - h.refunded THEN",
        "IF false THEN",
        test_ledger.test_refund_beyond_what_was_paid_is_refused,
    ),
    "refund to a dead lot": (
        "refund",
        "IF part > 0 AND d.live THEN",
        "IF part > 0 THEN",
        test_ledger.test_refund_of_an_expired_lot_becomes_a_new_one,
    ),
    "refund forgets earlier refunds": (
        "refund",
        "untouched := h.amount - h.settled + h.refunded;",
        "untouched := h.amount - h.settled;",
        test_ledger.test_refund_goes_back_to_the_lots_last_burnt_first,
    ),
    "expired lot usable": (
        "burn",
        "AND (expires_at IS NULL OR expires_at > p_at)",
        "",
        test_ledger.test_an_expired_lot_cannot_be_spent,
    ),
    "burn order": (
        "burn",
        "source <> 'allowance', id",
        "id",
        test_burn_order.test_the_soonest_to_expire_goes_first_then_the_allowance_then_the_oldest,
    ),
    "reset keeps what was used": (
        "grant",
        "w.used := 0;",
        "",
        test_ledger.test_an_allowance_opens_the_wallets_period,
    ),
    "hash without the previous": (
        "write",
        "sha256(w.head || ledger_entry_bytes(e))",
        "sha256(ledger_entry_bytes(e))",
        test_ledger.test_release_gives_everything_back,
    ),
    "sweep takes live lots": (
        "expire",
        "AND remaining > 0 AND expires_at <= e.created_at",
        "AND remaining > 0 AND expires_at IS NOT NULL",
        test_ledger.test_expire_sweeps_what_is_over_and_nothing_else,
    ),
}


QUICKLY_SEEN = {
    "no key",
    "remainder leaked",
    "settle above the hold",
    "expired lot usable",
    "hash without the previous",
}


@pytest.mark.django_db
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_fails_its_test(mutant):
    name, instead, by, check = MUTANTS[mutant]
    install(name, instead=instead, by=by)
    with pytest.raises(CAUGHT):
        check()


@pytest.mark.django_db
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "mutant",
    [pytest.param(name, marks=[] if name in QUICKLY_SEEN else pytest.mark.slow) for name in MUTANTS],
)
def test_a_mutant_differs_from_the_model(mutant):
    name, instead, by, _ = MUTANTS[mutant]
    install(name, instead=instead, by=by)
    with pytest.raises(CAUGHT):
        run_state_machine_as_test(
            Movements,
            settings=settings(
                max_examples=1_000,
                stateful_step_count=40,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["hold", "settle", "refund"])
def test_a_kernel_without_its_lock_loses_the_races(name):
    races = {
        "hold": test_races.test_parallel_holds_admit_exactly_what_is_there,
        "settle": test_races.test_settlements_and_releases_race_for_one_resolution,
        "refund": test_races.test_partial_refunds_race_for_what_was_paid,
    }
    install(name, instead="FOR NO KEY UPDATE", by="")
    try:
        with pytest.raises(CAUGHT):
            races[name](10)
    finally:
        install(name)
