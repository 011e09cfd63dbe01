"""Refunds: whole, in parts, too much, late, and failing afterwards."""

import pytest

from billing.sandbox import engine
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from tests.billing.sandbox.engine.shop import REFUND_FAILS, REFUNDS_LATE, Shop


def charged(shop: Shop, card: str | None = None) -> Object:
    """Let the customer pay 10.00 and return the charge."""
    shop.subscribe(**({"card": card} if card else {}))
    return shop.last_charge()


def test_whole_refund(shop: Shop) -> None:
    charge = charged(shop)
    before = len(shop.events())
    made = engine.refund(
        shop.world, {"charge": charge["id"], "reason": "requested_by_customer", "metadata": {"case": "1"}}
    )

    after = shop.store.get("charge", charge["id"])
    entry = shop.store.get("balance_transaction", made["balance_transaction"])
    assert (made["amount"], made["status"], made["charge"]) == (1000, "succeeded", charge["id"])
    assert (made["payment_intent"], made["metadata"]) == (charge["payment_intent"], {"case": "1"})
    assert (after["amount_refunded"], after["refunded"], after["paid"]) == (1000, True, True)
    assert [each["id"] for each in after["refunds"]["data"]] == [made["id"]]
    assert (entry["amount"], entry["fee"], entry["type"]) == (-1000, 0, "refund")
    assert shop.events()[before:] == ["refund.created", "charge.refunded"]
    assert shop.last_event("charge.refunded")["previous_attributes"] == {
        "amount_refunded": 0,
        "refunded": False,
    }
    assert shop.last_invoice()["status"] == "paid"


def test_refund_in_parts(shop: Shop) -> None:
    charge = charged(shop)
    for cents in ("300", "300", "400"):
        engine.refund(shop.world, {"payment_intent": charge["payment_intent"], "amount": cents})

    after = shop.store.get("charge", charge["id"])
    assert (after["amount_refunded"], after["refunded"]) == (1000, True)
    assert [
        event["data"]["object"]["refunded"]
        for event in shop.all_events()
        if event["type"] == "charge.refunded"
    ] == [
        False,
        False,
        True,
    ]
    with pytest.raises(InvalidError) as caught:
        engine.refund(shop.world, {"charge": charge["id"]})
    assert caught.value.code == "charge_already_refunded"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"amount": "701"}, r"Refund amount \(701\) is greater than unrefunded amount on charge \(700\)"),
        ({"amount": "0"}, "positive integer"),
        ({"amount": "-1"}, "positive integer"),
        ({"reason": "whim"}, "reason"),
        ({"charge": ""}, "payment_intent or charge"),
        ({"refund_application_fee": "true"}, "unknown parameter"),
    ],
)
def test_wrong_refund_is_refused(shop: Shop, params: dict[str, str], message: str) -> None:
    charge = charged(shop)
    engine.refund(shop.world, {"charge": charge["id"], "amount": "300"})
    before = shop.everything()

    with pytest.raises(InvalidError, match=message):
        engine.refund(shop.world, {"charge": charge["id"], **params})

    assert shop.everything() == before


def test_failed_charge_has_nothing_to_refund(shop: Shop) -> None:
    shop.subscribe(card="4000 0000 0000 0002")

    with pytest.raises(InvalidError):
        engine.refund(shop.world, {"charge": shop.last_charge()["id"]})
    with pytest.raises(InvalidError):
        engine.refund(shop.world, {"payment_intent": shop.last_charge()["payment_intent"]})


def test_refund_that_fails_afterwards_brings_the_amount_back(shop: Shop) -> None:
    charge = charged(shop, REFUND_FAILS)
    made = engine.refund(shop.world, {"charge": charge["id"], "amount": "400"})
    assert made["status"] == "succeeded"
    before = len(shop.events())
    shop.advance(shop.began + 180)

    failed, after = shop.store.get("refund", made["id"]), shop.store.get("charge", charge["id"])
    entry = shop.store.get("balance_transaction", failed["failure_balance_transaction"])
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert (entry["amount"], entry["type"]) == (400, "refund_failure")
    assert (after["amount_refunded"], after["refunded"]) == (0, False)
    assert after["refunds"]["data"][0]["status"] == "failed"
    assert shop.events()[before:] == [
        "refund.updated",
        "charge.refund.updated",
        "refund.failed",
        "charge.updated",
    ]
    engine.refund(shop.world, {"charge": charge["id"]})
    assert shop.store.get("charge", charge["id"])["amount_refunded"] == 1000


def test_refund_fails_once(shop: Shop) -> None:
    made = engine.refund(shop.world, {"charge": charged(shop)["id"]})
    engine.fail_refund(shop.world, made["id"], reason="lost_or_stolen_card")

    with pytest.raises(InvalidError):
        engine.fail_refund(shop.world, made["id"])


def test_refund_that_is_pending_first_succeeds_by_the_clock(shop: Shop) -> None:
    made = engine.refund(shop.world, {"charge": charged(shop, REFUNDS_LATE)["id"]})
    assert made["status"] == "pending"
    shop.advance(shop.began + 180)

    assert shop.store.get("refund", made["id"])["status"] == "succeeded"
    assert shop.events()[-2:] == ["refund.updated", "charge.refund.updated"]


def test_dial_makes_the_next_refund_fail(shop: Shop) -> None:
    charge = charged(shop)
    shop.world.dials.turn({"failing_refunds": 1})
    first, second = (engine.refund(shop.world, {"charge": charge["id"], "amount": "100"}) for _ in range(2))
    shop.advance(shop.began + 180)

    assert shop.store.get("refund", first["id"])["status"] == "failed"
    assert shop.store.get("refund", second["id"])["status"] == "succeeded"
    assert shop.store.get("charge", charge["id"])["amount_refunded"] == 100
