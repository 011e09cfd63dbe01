"""Disputes: opened, won, lost; what they move, and what they forbid."""

import pytest

from billing.sandbox import engine
from billing.sandbox.errors import InvalidError
from tests.billing.sandbox.engine.shop import DISPUTES, Shop


def test_dispute_withdraws_the_amount_and_a_fee(shop: Shop) -> None:
    shop.subscribe()
    charge = shop.last_charge()
    before = len(shop.events())
    dispute = engine.open_dispute(shop.world, charge["id"], "product_not_received")

    entry = dispute["balance_transactions"][0]
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 1000)
    assert (dispute["reason"], dispute["payment_intent"]) == (
        "product_not_received",
        charge["payment_intent"],
    )
    assert (entry["amount"], entry["fee"], entry["net"]) == (-1000, 1500, -2500)
    assert shop.store.get("charge", charge["id"])["disputed"] is True
    assert shop.events()[before:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def test_won_dispute_brings_the_amount_back(shop: Shop) -> None:
    shop.subscribe()
    dispute = engine.open_dispute(shop.world, shop.last_charge()["id"])
    closed = engine.close_dispute(shop.world, dispute["id"], True)

    assert closed["status"] == "won"
    assert [entry["net"] for entry in closed["balance_transactions"]] == [-2500, 1000]
    assert shop.events()[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert shop.last_event("charge.dispute.closed")["previous_attributes"] == {"status": "needs_response"}


def test_lost_dispute_brings_nothing_back(shop: Shop) -> None:
    shop.subscribe()
    dispute = engine.open_dispute(shop.world, shop.last_charge()["id"])
    closed = engine.close_dispute(shop.world, dispute["id"], False)

    assert (closed["status"], len(closed["balance_transactions"])) == ("lost", 1)
    assert shop.events()[-1] == "charge.dispute.closed"
    assert "charge.dispute.funds_reinstated" not in shop.events()


def test_dispute_is_closed_once(shop: Shop) -> None:
    shop.subscribe()
    dispute = engine.open_dispute(shop.world, shop.last_charge()["id"])
    engine.close_dispute(shop.world, dispute["id"], False)

    with pytest.raises(InvalidError, match="already closed"):
        engine.close_dispute(shop.world, dispute["id"], True)


def test_disputed_charge_is_neither_disputed_again_nor_refunded(shop: Shop) -> None:
    shop.subscribe()
    charge = shop.last_charge()["id"]
    engine.open_dispute(shop.world, charge)
    before = shop.everything()

    with pytest.raises(InvalidError, match="nothing left"):
        engine.open_dispute(shop.world, charge)
    with pytest.raises(InvalidError, match="charged back"):
        engine.refund(shop.world, {"charge": charge})

    assert shop.everything() == before


def test_dispute_takes_what_refunds_have_left(shop: Shop) -> None:
    shop.subscribe()
    charge = shop.last_charge()["id"]
    engine.refund(shop.world, {"charge": charge, "amount": "300"})

    with pytest.raises(InvalidError):
        engine.open_dispute(shop.world, charge, amount=701)
    assert engine.open_dispute(shop.world, charge)["amount"] == 700


def test_card_that_disputes_does_so_at_once(shop: Shop) -> None:
    subscription = shop.subscribe(card=DISPUTES)

    assert subscription["status"] == "active"
    assert shop.store.find("dispute")[0]["charge"] == shop.last_charge()["id"]
    assert shop.last_charge()["disputed"] is True
