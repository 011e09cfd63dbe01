"""What the studio asks of Stripe is what the SDK's typed parameters say: the sandbox alone might not know."""

import re
import types
import typing
from collections.abc import Mapping
from typing import Any

import pytest
import stripe.params as known
import typing_extensions

from accounts.models import User
from billing.models import Payment
from billing.payments import refunding
from billing.services import changes, portal
from billing.stripe import catalogue, customers, endpoints, gateway
from tests.billing.shop import Shop
from tests.support.people import open_operator

pytestmark = pytest.mark.django_db

TAKES: dict[str, Any] = {
    "post billing_portal/configurations": known.billing_portal.ConfigurationCreateParams,
    "post billing_portal/configurations/*": known.billing_portal.ConfigurationUpdateParams,
    "post billing_portal/sessions": known.billing_portal.SessionCreateParams,
    "post checkout/sessions": known.checkout.SessionCreateParams,
    "post checkout/sessions/*/expire": known.checkout.SessionExpireParams,
    "post customers": known.CustomerCreateParams,
    "post customers/*": known.CustomerUpdateParams,
    "post invoices/create_preview": known.InvoiceCreatePreviewParams,
    "post prices": known.PriceCreateParams,
    "post prices/*": known.PriceUpdateParams,
    "post products": known.ProductCreateParams,
    "post products/*": known.ProductUpdateParams,
    "post refunds": known.RefundCreateParams,
    "post subscription_schedules": known.SubscriptionScheduleCreateParams,
    "post subscription_schedules/*": known.SubscriptionScheduleUpdateParams,
    "post subscription_schedules/*/release": known.SubscriptionScheduleReleaseParams,
    "post subscriptions/*": known.SubscriptionUpdateParams,
    "delete subscriptions/*": known.SubscriptionCancelParams,
    "post webhook_endpoints": known.WebhookEndpointCreateParams,
    "delete webhook_endpoints/*": known.WebhookEndpointDeleteParams,
}


@pytest.fixture
def asked(monkeypatch) -> list[tuple[str, dict[str, Any]]]:
    """Every change that the studio asks for: what, and with which parameters."""
    said: list[tuple[str, dict[str, Any]]] = []
    send = gateway.send

    def noting(method: str, path: str, parameters: Any, **more: Any) -> dict[str, Any]:
        if method != "get":
            said.append((f"{method} {re.sub('/[a-z]+_[A-Za-z0-9_]{12,}', '/*', path[4:])}", dict(parameters)))
        return send(method, path, parameters, **more)

    monkeypatch.setattr(gateway, "send", noting)
    return said


def test_every_change_is_asked_for_in_terms_that_the_sdk_knows(
    asked: list[tuple[str, dict[str, Any]]], at_stripe: Any, alice: User
) -> None:
    at_stripe.close_shop()  # another test may have opened it: then nothing would be made
    shop = Shop(at_stripe)
    work = catalogue.Work()
    endpoints.arrange(work)
    endpoints.arrange(work, retire=True, rotate=True)
    live = shop.subscribe(alice, "starter")
    coupon = shop.client.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
    shop.client.v1.subscriptions.update(live.pk, {"discounts": [{"coupon": coupon}]})
    shop.hear(alice)
    shop.change(alice, "pro")
    shop.change(alice, "starter")
    changes.undo(user=alice, key="undo")
    changes.cancel(user=alice, key="cancel")
    changes.resume(user=alice, key="resume")
    shop.client.v1.subscriptions.update(live.pk, {"cancel_at": "max_period_end"})
    shop.hear(alice)
    changes.resume(user=alice, key="again")
    portal.open(user=alice)
    shop.buy(alice, "credits-100")
    alice.display_name = "Alice Liddell"
    alice.save()
    customers.keep_in_step(alice)
    payment = Payment.objects.latest("paid_at")
    refunding.refund(
        payment=payment, cents=100, reason="For this test, in part.", actor=open_operator("olga"), key="r"
    )
    gateway.request(
        operation="subscription.cancel", key="end", target=live.pk,
        parameters={"prorate": False, "invoice_now": False}, user=alice,
    )  # fmt: skip

    found = [problem for what, parameters in asked for problem in wrong(TAKES[what], parameters, what)]
    assert found == []
    left_right = {
        "post billing_portal/configurations/*",
        "post prices/*",
        "post products/*",
        "post checkout/sessions/*/expire",
    }
    assert {what for what, _ in asked} >= set(TAKES) - left_right


def test_a_parameter_that_the_sdk_does_not_know_is_found() -> None:
    phase = {"items": [{"price": "p", "quantity": "1"}], "coupon": "c", "proration_behavior": "later"}

    assert sorted(wrong(known.SubscriptionScheduleUpdateParams, {"phases": [phase]}, "")) == [
        ".phases[0].coupon: unknown",
        ".phases[0].items[0].quantity: '1'",
        ".phases[0].proration_behavior: 'later'",
    ]


def wrong(hint: Any, value: Any, path: str) -> list[str]:
    """Return what of `value` the SDK's typed parameters do not know, or take otherwise."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return []
    if origin in (typing.Union, types.UnionType):
        # Enumerations are open for later versions; what is asked for has to be in this one.
        named = any(_names(one) and typing.get_args(one) != ("",) for one in arguments)
        closed = [one for one in arguments if one is not str] if named else arguments
        return min((wrong(one, value, path) for one in closed), key=len)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        return wrong(arguments[0], value, path)
    if _names(hint):
        return [] if value in arguments else [f"{path}: {value!r}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: {value!r}"]
        return [it for i, entry in enumerate(value) for it in wrong(arguments[0], entry, f"{path}[{i}]")]
    if origin in (dict, Mapping) and isinstance(value, dict):
        return [it for name, entry in value.items() for it in wrong(arguments[1], entry, f"{path}.{name}")]
    if typing_extensions.is_typeddict(hint):
        if not isinstance(value, dict):
            return [f"{path}: {value!r}"]
        hints = typing.get_type_hints(hint, localns={"StripeContext": Any, "Mapping": typing.Mapping})
        found = [f"{path}.{name}: unknown" for name in value if name not in hints]
        for name in value.keys() & hints.keys():
            found += wrong(hints[name], value[name], f"{path}.{name}")
        return found
    hint = origin or hint
    fits = isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
    return [] if fits else [f"{path}: {value!r}"]


def _names(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Literal, typing_extensions.Literal)
