"""The tests test: a kernel with a planted mistake does not pass them."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.credits import test_burn_order, test_clawbacks, test_keys, test_ledger, test_races
from tests.credits.planting import CAUGHT, install
from tests.credits.stories import STORIES, tell
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
    "clawback of the whole lot": (
        "clawback",
        "least(remaining, p_amount - before)",
        "remaining",
        test_clawbacks.test_a_clawback_takes_from_its_lots_and_from_no_others,
    ),
    "clawback from any lot": (
        "clawback",
        "AND id = ANY (p_lots)",
        "",
        test_clawbacks.test_a_clawback_takes_at_most_what_is_free_of_its_lots,
    ),
    "clawback of ended lots": (
        "clawback",
        "AND (expires_at IS NULL OR expires_at > e.created_at)",
        "",
        test_clawbacks.test_an_ended_lot_is_left_to_the_sweep,
    ),
    "restored again and again": (
        "clawback",
        "e.key := ledger_restore_key(w.id, p_entry);",
        "e.key := gen_random_uuid();",
        test_clawbacks.test_a_restoration_happens_once_whoever_asks,
    ),
    "restored to a dead lot": (
        "clawback",
        "l.expires_at IS NULL OR l.expires_at > e.created_at AS live",
        "true AS live",
        test_clawbacks.test_what_was_taken_from_a_lot_that_has_ended_comes_back_without_an_end,
    ),
    "spending while owing": (
        "hold",
        "IF w.owed > 0 THEN",
        "IF false THEN",
        test_clawbacks.test_a_wallet_that_owes_takes_no_new_hold,
    ),
}


SEEN_AT_ONCE = "hash without the previous"


@pytest.mark.django_db
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_fails_its_test(mutant):
    name, instead, by, check = MUTANTS[mutant]
    install(name, instead=instead, by=by)
    with pytest.raises(CAUGHT):
        check()


@pytest.mark.django_db
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_parts_from_the_model_in_its_story(mutant):
    name, instead, by, _ = MUTANTS[mutant]
    tell(STORIES[mutant])
    install(name, instead=instead, by=by)
    with pytest.raises(CAUGHT):
        tell(STORIES[mutant])


@pytest.mark.django_db
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "mutant",
    [pytest.param(name, marks=[] if name == SEEN_AT_ONCE else pytest.mark.slow) for name in MUTANTS],
)
def test_the_search_finds_a_mutant(mutant):
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
@pytest.mark.parametrize("name", ["hold", "settle", "refund", "clawback"])
def test_a_kernel_without_its_lock_loses_the_races(name):
    races = {
        "hold": test_races.test_parallel_holds_admit_exactly_what_is_there,
        "settle": test_races.test_settlements_and_releases_race_for_one_resolution,
        "refund": test_races.test_partial_refunds_race_for_what_was_paid,
        "clawback": test_races.test_clawbacks_race_for_what_is_free,
    }
    install(name, instead="FOR NO KEY UPDATE", by="")
    try:
        with pytest.raises(CAUGHT):
            races[name](10)
    finally:
        install(name)
