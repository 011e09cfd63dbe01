"""Coupons and promotion codes on subscriptions: how much they take off, and for how long."""

import pytest

from billing.sandbox import engine
from billing.sandbox.engine.discounts import cuts
from billing.sandbox.errors import InvalidError
from tests.billing.sandbox.engine.shop import Shop, at


@pytest.mark.parametrize(
    ("amounts", "coupons", "taken"),
    [
        ([1000], [{"percent_off": 25}], [[250]]),
        ([999], [{"percent_off": 33.33}], [[333]]),  # 332.9667
        ([5], [{"percent_off": 10}], [[1]]),  # half a cent goes up
        ([1000], [{"amount_off": 250}], [[250]]),
        ([100], [{"amount_off": 250}], [[100]]),
        ([1000, 3000], [{"amount_off": 400}], [[100, 300]]),
        ([10, 10, 10], [{"amount_off": 10}], [[4, 3, 3]]),
        ([1000], [{"percent_off": 50}, {"amount_off": 600}], [[500], [500]]),
        ([1000, -500], [{"percent_off": 100}], [[1000, 0]]),
    ],
)
def test_what_coupons_take_off(
    amounts: list[int], coupons: list[dict[str, float]], taken: list[list[int]]
) -> None:
    blank = {"percent_off": None, "amount_off": None}

    assert cuts([(cents, "prod") for cents in amounts], [{**blank, **each} for each in coupons]) == taken


def test_coupon_takes_off_its_own_products_only() -> None:
    coupon = {"percent_off": 50, "amount_off": None, "applies_to": {"products": ["prod_b"]}}

    assert cuts([(1000, "prod_a"), (1000, "prod_b")], [coupon]) == [[0, 500]]


def totals(shop: Shop) -> list[int]:
    """Return the totals of all invoices, oldest first."""
    return [invoice["total"] for invoice in shop.invoices()]


def test_discount_is_shown_on_the_invoice(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="25", duration="forever")
    subscription = shop.subscribe(discounts=[{"coupon": coupon}])

    invoice, discount = shop.last_invoice(), subscription["discounts"][0]
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"]) == (1000, 750, 750)
    assert invoice["total_discount_amounts"] == [{"amount": 250, "discount": discount}]
    assert invoice["lines"]["data"][0]["discount_amounts"] == [{"amount": 250, "discount": discount}]
    assert shop.store.get("discount", discount)["source"] == {"coupon": coupon, "type": "coupon"}
    assert shop.store.get("coupon", coupon)["times_redeemed"] == 1
    assert "customer.discount.created" in shop.events()


def test_coupon_for_ever(shop: Shop) -> None:
    shop.subscribe(discounts=[{"coupon": shop.coupon(percent_off="10", duration="forever")}])
    shop.advance("2026-06-01")

    assert totals(shop) == [900, 900, 900, 900]


def test_coupon_once(shop: Shop) -> None:
    coupon = shop.coupon(amount_off="300", currency="usd", duration="once")
    subscription = shop.subscribe(discounts=[{"coupon": coupon}])
    shop.advance("2026-05-01")

    assert totals(shop) == [700, 1000, 1000]
    assert shop.subscription(subscription)["discounts"] == []
    assert shop.events("customer.discount.") == ["customer.discount.created", "customer.discount.deleted"]


def test_coupon_once_waits_for_the_end_of_a_trial(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="50", duration="once")
    shop.subscribe(discounts=[{"coupon": coupon}], trial_period_days="14")
    shop.advance("2026-04-15")

    assert totals(shop) == [0, 500, 1000]


def test_repeating_coupon_runs_out(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="50", duration="repeating", duration_in_months="3")
    subscription = shop.subscribe(discounts=[{"coupon": coupon}])
    shop.advance("2026-07-01")

    assert totals(shop) == [500, 500, 500, 1000, 1000]
    assert shop.subscription(subscription)["discounts"] == []


def test_coupon_of_100_percent_makes_a_paid_invoice_of_nothing(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="100", duration="once")
    subscription = shop.subscribe(card=None, discounts=[{"coupon": coupon}])

    invoice = shop.last_invoice()
    assert subscription["status"] == "active"
    assert (invoice["status"], invoice["amount_due"], invoice["amount_paid"]) == ("paid", 0, 0)
    assert invoice["payments"]["data"] == []


def test_upgrade_gives_back_no_more_than_was_paid(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="50", duration="once")
    subscription = shop.subscribe(discounts=[{"coupon": coupon}])
    shop.advance("2026-03-11")
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    # 500 was paid: 500 × 21 ÷ 31 = 338.7; the coupon is used up, so 3000 × 21 ÷ 31 = 2032.3.
    assert [line["amount"] for line in shop.last_invoice()["lines"]["data"]] == [-339, 2032]


def test_upgrade_under_a_lasting_coupon_bills_the_discounted_rest(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="50", duration="forever")
    subscription = shop.subscribe(discounts=[{"coupon": coupon}])
    shop.advance("2026-03-11")
    preview = shop.preview(subscription, shop.pro, proration_behavior="always_invoice")
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")

    assert [line["amount"] for line in shop.last_invoice()["lines"]["data"]] == [-339, 1016]
    assert shop.last_invoice()["total"] == preview["total"] == 677
    shop.advance("2026-04-01")
    assert shop.last_invoice()["total"] == 1500


def test_promotion_code_counts_its_uses(shop: Shop) -> None:
    code = shop.code(shop.coupon(percent_off="10", duration="forever"), code="SPRING", max_redemptions="1")
    subscription = shop.subscribe(discounts=[{"promotion_code": code}])

    discount = shop.store.get("discount", subscription["discounts"][0])
    assert discount["promotion_code"] == code
    assert shop.store.get("promotion_code", code)["times_redeemed"] == 1
    with pytest.raises(InvalidError, match="not active"):
        shop.subscribe(discounts=[{"promotion_code": code}])


def test_code_for_first_customers_refuses_one_who_has_paid(shop: Shop) -> None:
    restrictions = {"first_time_transaction": "true"}
    code = shop.code(shop.coupon(percent_off="10", duration="once"), restrictions=restrictions)
    shop.subscribe()

    with pytest.raises(InvalidError, match="prior transactions"):
        shop.subscribe(discounts=[{"promotion_code": code}])


def test_used_up_and_expired_coupons_are_refused(shop: Shop) -> None:
    once = shop.coupon(percent_off="10", duration="once", max_redemptions="1")
    old = shop.coupon(percent_off="10", duration="once", redeem_by=str(at("2026-02-01")))
    shop.subscribe(discounts=[{"coupon": once}])

    for coupon in (once, old):
        with pytest.raises(InvalidError) as caught:
            shop.subscribe(discounts=[{"coupon": coupon}])
        assert caught.value.code == "coupon_expired"
    assert shop.store.get("coupon", once)["valid"] is False


def test_deleted_coupon_goes_on_for_those_who_have_it(shop: Shop) -> None:
    coupon = shop.coupon(percent_off="10", duration="forever")
    shop.subscribe(discounts=[{"coupon": coupon}])
    shop.store.delete(shop.store.get("coupon", coupon))
    shop.advance("2026-04-01")

    assert totals(shop) == [900, 900]


def test_discounts_of_a_running_subscription_can_be_replaced_and_removed(shop: Shop) -> None:
    ten, twenty = (shop.coupon(percent_off=each, duration="forever") for each in ("10", "20"))
    subscription = shop.subscribe(discounts=[{"coupon": ten}])
    engine.update_subscription(shop.world, subscription["id"], {"discounts": [{"coupon": twenty}]})
    shop.advance("2026-04-01")
    engine.update_subscription(shop.world, subscription["id"], {"discounts": ""})
    shop.advance("2026-05-01")

    assert totals(shop) == [900, 800, 1000]
