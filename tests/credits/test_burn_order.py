"""Which credits go first: random portfolios against the model (A13)."""

import random
from datetime import timedelta

import pytest

from credits import ledger
from credits.models import HoldDraw, Lot
from tests.credits.books import assert_whole, fresh_key, fund, hold, in_minutes, ownerless_wallet
from tests.credits.oracle import Oracle

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

PORTFOLIOS = [pytest.param(150, id="fast"), pytest.param(1_000, marks=pytest.mark.slow, id="full")]
LIFETIMES = [None, None, 10, 20, 20, 30]
SOURCES = ["allowance", "purchase", "bonus"]


def test_the_soonest_to_expire_goes_first_then_the_allowance_then_the_oldest():
    wallet_id = ownerless_wallet()
    for amount, source, minutes in [
        (1, "purchase", None),
        (2, "bonus", None),
        (3, "purchase", 20),
        (4, "bonus", 10),
    ]:
        fund(wallet_id, amount, source=source, minutes=minutes)
    same_end = Lot.objects.get(granted=3).expires_at
    ledger.grant(
        wallet_id=wallet_id,
        amount=5,
        source="allowance",
        key="allowance",
        expires_at=same_end,
        period_start=Lot.objects.get(granted=3).created_at,
    )
    held = hold(wallet_id, 15)
    drawn = Lot.objects.filter(draws__hold=held.hold_id).order_by("draws__position")
    assert [lot.granted for lot in drawn] == [4, 5, 3, 1, 2]
    assert list(Lot.objects.in_burn_order()) == list(drawn)


@pytest.mark.parametrize("portfolios", PORTFOLIOS)
def test_random_portfolios_burn_as_the_model_says(portfolios):
    seed = random.randrange(10**6)
    print("seed", seed)
    chance, noon = random.Random(seed), in_minutes(0)
    for _ in range(portfolios):
        wallet_id, oracle = ownerless_wallet(), Oracle()
        lots = [
            (chance.randrange(1, 9), chance.choice(SOURCES), chance.choice(LIFETIMES))
            for _ in range(chance.randrange(1, 7))
        ]
        for amount, source, lifetime in lots:
            minutes = 30 if source == "allowance" and lifetime is None else lifetime
            oracle.grant(amount, source, minutes)
            ledger.grant(
                wallet_id=wallet_id,
                amount=amount,
                source=source,
                key=fresh_key(),
                expires_at=minutes and noon + timedelta(minutes=minutes),
                period_start=noon - timedelta(days=oracle.lots[-1].number) if source == "allowance" else None,
            )
        amount = chance.randrange(1, oracle.available + 1)
        expected = [(lot.number, part) for lot, part in oracle.hold(0, amount)]
        hold(wallet_id, amount)
        numbers = {
            lot.pk: number for number, lot in enumerate(Lot.objects.filter(wallet=wallet_id).order_by("id"))
        }
        draws = HoldDraw.objects.filter(lot__wallet=wallet_id).order_by("position")
        assert [(numbers[draw.lot_id], draw.amount) for draw in draws] == expected
    assert_whole()
