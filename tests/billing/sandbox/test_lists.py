"""Lists, filters, expansion and search."""

import pytest
import stripe

from tests.billing.sandbox import shop
from tests.billing.sandbox.shapes import assert_shape
from tests.support.stripe import StripeSandbox


@pytest.fixture
def products(stripe_sandbox: StripeSandbox) -> tuple[StripeSandbox, str, list[str]]:
    """A product with five prices, their ids newest first."""
    product = stripe_sandbox.client.v1.products.create({"name": "Counted"}).id
    prices = [
        stripe_sandbox.client.v1.prices.create(
            {"currency": "usd", "unit_amount": 100 + n, "product": product}
        ).id
        for n in range(5)
    ]
    return stripe_sandbox, product, prices[::-1]


def ids(found: stripe.ListObject[stripe.Price]) -> list[str]:
    return [price.id for price in found.data]


def test_list_of_ids_is_expanded_to_any_depth(stripe_sandbox: StripeSandbox) -> None:
    v1 = stripe_sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 25, "duration": "forever"}).id
    subscription = shop.subscribed(stripe_sandbox, discounts=[{"coupon": coupon}])
    plain = v1.subscriptions.retrieve(subscription["id"]).to_dict()
    asked = {"expand": ["discounts.source.coupon"]}
    whole = v1.subscriptions.retrieve(subscription["id"], asked).to_dict()  # type: ignore[arg-type]

    assert [discount["id"] for discount in whole["discounts"]] == plain["discounts"]
    assert whole["discounts"][0]["source"]["coupon"]["percent_off"] == 25.0
    assert_shape(whole["discounts"][0])


def test_list_is_newest_first_in_pages(products: tuple[StripeSandbox, str, list[str]]) -> None:
    sandbox, product, expected = products
    prices = sandbox.client.v1.prices

    first = prices.list({"product": product, "limit": 2})
    second = prices.list({"product": product, "limit": 2, "starting_after": expected[1]})
    back = prices.list({"product": product, "limit": 2, "ending_before": expected[3]})

    assert (ids(first), first.has_more) == (expected[:2], True)
    assert (ids(second), second.has_more) == (expected[2:4], True)
    assert (ids(back), back.has_more) == (expected[1:3], True)
    assert first.url == "/v1/prices"


def test_sdk_pages_through_everything(products: tuple[StripeSandbox, str, list[str]]) -> None:
    sandbox, product, expected = products

    found = sandbox.client.v1.prices.list({"product": product, "limit": 2}).auto_paging_iter()

    assert [price.id for price in found] == expected


def test_cursor_that_does_not_exist_is_refused(stripe_sandbox: StripeSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_sandbox.client.v1.prices.list({"starting_after": "price_none"})

    assert caught.value.param == "starting_after"


@pytest.mark.parametrize("limit", [0, 101])
def test_limit_has_bounds(stripe_sandbox: StripeSandbox, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="between 1 and 100"):
        stripe_sandbox.client.v1.prices.list({"limit": limit})


def test_created_bounds_hold(products: tuple[StripeSandbox, str, list[str]]) -> None:
    sandbox, product, expected = products
    prices = sandbox.client.v1.prices
    newest = prices.retrieve(expected[0]).created

    assert len(prices.list({"product": product, "created": {"lte": newest}}).data) == 5
    assert prices.list({"product": product, "created": {"gt": newest}}).data == []
    assert expected[0] in ids(prices.list({"product": product, "created": newest}))


def test_filters_hold(products: tuple[StripeSandbox, str, list[str]]) -> None:
    sandbox, product, expected = products
    prices = sandbox.client.v1.prices
    prices.update(expected[0], {"active": False, "lookup_key": f"key_{product}"})

    assert ids(prices.list({"product": product, "active": False})) == [expected[0]]
    assert ids(prices.list({"lookup_keys": [f"key_{product}"]})) == [expected[0]]
    assert prices.list({"product": product, "type": "recurring"}).data == []


def test_expansion_goes_as_deep_as_asked(stripe_sandbox: StripeSandbox) -> None:
    subscription = shop.subscribed(stripe_sandbox)
    v1 = stripe_sandbox.client.v1

    plain = v1.subscriptions.retrieve(subscription["id"]).to_dict()
    deep = v1.subscriptions.retrieve(
        subscription["id"], {"expand": ["customer", "latest_invoice.payments", "items.data.price.product"]}
    ).to_dict()

    assert plain["customer"] == subscription["customer"]
    assert deep["customer"]["id"] == subscription["customer"]
    assert deep["latest_invoice"]["payments"]["object"] == "list"
    assert deep["items"]["data"][0]["price"]["product"]["name"] == "Starter"


def test_expansion_of_what_is_not_there_is_refused(stripe_sandbox: StripeSandbox) -> None:
    customer = shop.customer(stripe_sandbox)
    with pytest.raises(stripe.InvalidRequestError, match=r"cannot be expanded \(nonsense\)"):
        stripe_sandbox.client.v1.customers.retrieve(customer, {"expand": ["nonsense"]})


def test_search_by_metadata(stripe_sandbox: StripeSandbox) -> None:
    customer = shop.customer(stripe_sandbox, metadata={"atelier_request": "r-1"})
    shop.customer(stripe_sandbox, metadata={"atelier_request": "r-2"})
    search = stripe_sandbox.client.v1.customers.search

    assert [c.id for c in search({"query": "metadata['atelier_request']:'r-1'"}).data] == [customer]
    both = "metadata['atelier_request']:'r-1' OR metadata['atelier_request']:'r-2'"
    assert len(search({"query": both}).data) == 2
    none = "metadata['atelier_request']:'r-1' AND email:'bob@example.com'"
    assert search({"query": none}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="unable to parse"):
        search({"query": "nonsense"})


def test_deleted_customer_is_a_stub_and_in_no_list(stripe_sandbox: StripeSandbox) -> None:
    subscription = shop.subscribed(stripe_sandbox)
    v1 = stripe_sandbox.client.v1
    v1.customers.delete(subscription["customer"])

    assert v1.customers.retrieve(subscription["customer"]).to_dict() == {
        "id": subscription["customer"],
        "object": "customer",
        "deleted": True,
    }
    assert subscription["customer"] not in [c.id for c in v1.customers.list({"limit": 100}).data]
    assert v1.subscriptions.retrieve(subscription["id"]).status == "canceled"
    assert v1.payment_methods.list({"customer": subscription["customer"]}).data == []
