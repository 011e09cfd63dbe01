"""Each kind of object that the sandbox answers is what the SDK's typed class says."""

import ast
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.billing.sandbox import shop
from tests.billing.sandbox.shapes import assert_shape, problems
from tests.support.stripe import StripeSandbox

LISTED = [
    "customers",
    "products",
    "prices",
    "coupons",
    "promotion_codes",
    "payment_methods",
    "billing_portal/configurations",
    "webhook_endpoints",
    "events",
    "test_helpers/test_clocks",
    "checkout/sessions",
    "subscriptions",
    "subscription_schedules",
    "invoices",
    "invoice_payments",
    "payment_intents",
    "charges",
    "balance_transactions",
    "refunds",
    "disputes",
]


@pytest.fixture(scope="module")
def shop_after_a_month(_stripe_process: StripeSandbox) -> StripeSandbox:
    """A sandbox in which something of every kind has happened."""
    sandbox, v1 = _stripe_process, _stripe_process.client.v1
    v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["account.updated"]})
    v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    coupon = v1.coupons.create({"percent_off": 25, "duration": "repeating", "duration_in_months": 3})
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
    subscription = shop.subscribed(sandbox, discounts=[{"coupon": coupon.id}])
    v1.subscription_schedules.create({"from_subscription": subscription["id"]})
    item = subscription["items"]["data"][0]
    sandbox.advance(subscription["customer"], item["current_period_end"] + 7_200)
    once = shop.session(sandbox, shop.price(sandbox, 900, None), mode="payment")
    bought = sandbox.pay(once["id"])
    intent = v1.payment_intents.retrieve(bought["payment_intent"])
    v1.refunds.create({"charge": str(intent.latest_charge), "amount": 100})
    v1.billing_portal.sessions.create({"customer": subscription["customer"]})
    # An upgrade waits for the next invoice, whose total then meets a credit from before.
    dearer = shop.price(sandbox, 4_900)
    lesser = shop.subscribed(sandbox)
    for price in (dearer, shop.price(sandbox, 100)):
        item = v1.subscriptions.retrieve(lesser["id"])["items"].data[0].id
        how = {"items": [{"id": item, "price": price}], "proration_behavior": "always_invoice"}
        v1.subscriptions.update(lesser["id"], how)  # type: ignore[arg-type]
    v1.invoice_items.create({"customer": lesser["customer"], "amount": 900, "currency": "usd"})
    invoice = v1.invoices.list({"customer": subscription["customer"]}).data[0]
    payments = v1.invoice_payments.list({"invoice": str(invoice.id)}).data
    paid = v1.payment_intents.retrieve(str(payments[0].payment.payment_intent))
    sandbox.act("open_dispute", charge=str(paid.latest_charge))
    return sandbox


@pytest.mark.parametrize("path", LISTED)
def test_listed_objects_have_the_sdk_shape(shop_after_a_month: StripeSandbox, path: str) -> None:
    found = get(shop_after_a_month, path, limit=100)

    assert found["data"], f"nothing at {path}"
    assert problems(found) == []


@pytest.mark.parametrize(
    ("path", "expand"),
    [
        ("checkout/sessions", ["data.line_items", "data.customer", "data.subscription.latest_invoice"]),
        ("charges", ["data.balance_transaction", "data.refunds", "data.payment_intent"]),
        ("invoices", ["data.payments", "data.customer", "data.lines.data.discounts"]),
        ("customers", ["data.subscriptions", "data.test_clock"]),
        ("prices", ["data.product"]),
    ],
)
def test_expanded_objects_have_the_sdk_shape(
    shop_after_a_month: StripeSandbox, path: str, expand: list[str]
) -> None:
    found = get(
        shop_after_a_month, path, limit=100, **{f"expand[{i}]": name for i, name in enumerate(expand)}
    )

    assert problems(found) == []


def test_account_and_portal_session_have_the_sdk_shape(shop_after_a_month: StripeSandbox) -> None:
    sandbox, v1 = shop_after_a_month, shop_after_a_month.client.v1

    assert_shape(get(sandbox, "account"))
    assert_shape(v1.billing_portal.sessions.create({"customer": shop.customer(sandbox)}).to_dict())


def test_objects_inside_events_have_the_sdk_shape(shop_after_a_month: StripeSandbox) -> None:
    found = [
        problem
        for event in get(shop_after_a_month, "events", limit=100)["data"]
        for problem in problems(event["data"]["object"])
    ]

    assert found == []


def get(sandbox: StripeSandbox, path: str, **params: Any) -> dict[str, Any]:
    """Return the plain answer, which no class of the SDK has touched."""
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    answer = httpx.get(f"{sandbox.url}/v1/{path}", params=params, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_kind_that_the_sandbox_makes_is_compared(shop_after_a_month: StripeSandbox) -> None:
    """Nothing is left out: each kind that its code names has come up here, and has the SDK's shape."""
    sandbox = shop_after_a_month
    made = sandbox.made_since(0)
    told = [event["data"]["object"] for event in made if event["object"] == "event"]
    answered = [get(sandbox, path, limit=100) for path in LISTED]
    answered += [
        get(sandbox, "account"),
        get(sandbox, "products/search", query="active:'true'"),
        get(sandbox, "checkout/sessions", **{"limit": 100, "expand[0]": "data.line_items"}),
    ]

    assert [problem for obj in (*made, *told) for problem in problems(obj)] == []
    assert kinds_in([made, told, answered]) >= kinds_named_in_the_code()


def kinds_in(value: Any) -> set[str]:
    """Return the kinds of all objects within `value`."""
    if isinstance(value, list):
        return {kind for entry in value for kind in kinds_in(entry)}
    if not isinstance(value, dict):
        return set()
    own = {value["object"]} if isinstance(value.get("object"), str) else set()
    return own | {kind for entry in value.values() for kind in kinds_in(entry)}


def kinds_named_in_the_code() -> set[str]:
    """Return what the sandbox's code writes as the `object` of something."""
    found: set[str] = set()
    for path in (Path(__file__).resolve().parents[3] / "billing/sandbox").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
                if isinstance(key, ast.Constant) and key.value == "object":
                    found.add(
                        value.value
                        if isinstance(value, ast.Constant)
                        else names.get(getattr(value, "id", ""))
                    )
    assert len(found - {None}) > 25
    return found - {None}
