"""Buying and changing by the API, at the sandbox; and what programs are told of it."""

from datetime import timedelta

import pytest

from billing.api import bodies, examples, serializers
from billing.models import StripeRequest, StripeSubscription
from config.common.clock import now
from tests.billing.paying import customer_of, invoice, past_due, pays, price_of
from tests.billing.shop import Shop

pytestmark = pytest.mark.django_db
PAYING = ["checkout", "change", "change/preview", "change/undo", "cancel", "resume", "portal"]


@pytest.fixture
def shop(at_stripe):
    return Shop(at_stripe)


@pytest.fixture
def ask(api_for):
    """Post to an operation of billing as somebody; return status and body."""

    def post(user, operation, body=None, **headers):
        answer = api_for(user).post(
            f"/api/v1/billing/{operation}", body or {}, format="json", headers=headers
        )
        return answer.status_code, answer.json()

    return post


@pytest.mark.parametrize("operation", PAYING)
def test_signed_out_callers_are_turned_away(ask, operation):
    status, body = ask(None, operation)
    assert (status, body["error"]["code"]) == (401, "not_authenticated")


def test_plan_is_bought_changed_and_cancelled(shop, alice, ask):
    status, body = ask(alice, "checkout", {"plan": "starter", "interval": "month"})
    assert (status, body["url"].startswith(shop.sandbox.url)) == (200, True)
    shop.pay(alice)
    shop.hear(alice)

    status, shown = ask(alice, "change/preview", {"plan": "pro"})
    assert (status, shown["takes_effect"], shown["next_usd_cents"]) == (200, "now", 7900)
    assert 0 < shown["due_now_usd_cents"] <= 5000
    agreed = {"plan": "pro", "proration_date": shown["proration_date"]}
    status, state = ask(alice, "change", agreed)
    assert (status, state["plan"]["code"], state["price_usd_cents"]) == (200, "pro", 7900)

    status, shown = ask(alice, "change/preview", {"plan": "starter"})
    assert (shown["takes_effect"], shown["due_now_usd_cents"], shown["proration_date"]) == (
        "at_period_end", 0, None,
    )  # fmt: skip
    status, state = ask(alice, "change", {"plan": "starter"})
    assert (state["plan"]["code"], state["scheduled"]["plan"]["code"]) == ("pro", "starter")
    status, state = ask(alice, "change/undo")
    assert (status, state["scheduled"]) == (200, None)

    status, state = ask(alice, "cancel")
    assert (state["status"], state["renews_at"]) == ("active", None)
    assert state["cancel_at"] == StripeSubscription.objects.get().cancel_at.isoformat().replace("+00:00", "Z")
    status, state = ask(alice, "resume")
    assert (state["cancel_at"], state["renews_at"] is not None) == (None, True)
    status, body = ask(alice, "portal")
    assert (status, body["url"].startswith(shop.sandbox.url)) == (200, True)


def test_change_without_an_interval_keeps_the_one_that_is_paid(shop, alice, ask):
    shop.subscribe(alice, "starter", "year")
    status, shown = ask(alice, "change/preview", {"plan": "pro"})
    assert (status, shown["interval"], shown["takes_effect"]) == (200, "year", "now")
    agreed = {"plan": "pro", "proration_date": shown["proration_date"]}
    status, state = ask(alice, "change", agreed)
    assert (status, state["plan"]["code"], state["interval"]) == (200, "pro", "year")
    assert ask(alice, "change/preview", {"plan": "pro", "interval": "month"})[1]["takes_effect"] == (
        "at_period_end"
    )


def test_product_is_bought(shop, alice, ask):
    status, body = ask(alice, "checkout", {"product": "credits-100"})
    assert (status, "url" in body) == (200, True)


def test_same_key_is_one_checkout(shop, alice, ask):
    body = {"plan": "pro", "interval": "year"}
    first = ask(alice, "checkout", body, **{"Idempotency-Key": "one"})
    again = ask(alice, "checkout", body, **{"Idempotency-Key": "one"})
    assert first == again
    assert StripeRequest.objects.filter(operation="checkout.session.create").count() == 1
    status, other = ask(alice, "checkout", {"plan": "starter"}, **{"Idempotency-Key": "one"})
    assert (status, other["error"]["code"]) == (422, "invalid")
    assert StripeRequest.objects.filter(operation="checkout.session.create").count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"plan": "pro", "product": "credits-100"},
        {"plan": "none"},
        {"plan": "free"},
        {"product": "none"},
        {"plan": "pro", "interval": "week"},
    ],
)
def test_what_is_not_sold_is_refused_and_nothing_is_asked_of_stripe(alice, ask, body):
    status, answer = ask(alice, "checkout", body)
    assert (status, answer["error"]["code"]) == (422, "invalid")
    assert not StripeRequest.objects.exists()


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        (examples.SUBSCRIPTION, serializers.SubscriptionState),
        (examples.INVOICES, serializers.InvoiceState),
        (examples.USAGE, serializers.Usage),
        (examples.ENTITLEMENTS, serializers.EntitlementsState),
        (examples.PLANS, serializers.Plans),
        (examples.PREVIEW, bodies.ChangePreview),
        (examples.AGREED, bodies.ChangeBody),
        (examples.CHOICE, bodies.PlanChoice),
        (examples.CHECKOUT, bodies.Address),
        (examples.PORTAL, bodies.Address),
    ],
    ids=lambda given: getattr(given, "summary", None) or getattr(given, "__name__", None),
)
def test_examples_have_the_fields_of_what_they_show(example, shape):
    assert set(example.value) == set(shape().fields)


def test_portal_of_who_has_bought_nothing_is_a_clear_400(alice, ask):
    status, answer = ask(alice, "portal")
    assert (status, answer) == (400, examples.NO_CUSTOMER.value)


@pytest.mark.parametrize("operation", ["cancel", "resume", "change/undo"])
def test_who_pays_for_nothing_has_nothing_to_change(alice, ask, operation):
    status, answer = ask(alice, operation)
    assert (status, answer["error"]["code"]) == (409, "not_subscribed")
    assert not StripeRequest.objects.exists()


def test_fields_that_a_body_does_not_have_reach_nobody(shop, alice, bob, ask):
    stuffed = {"user": str(bob.pk), "amount_cents": 1, "price": "price_1", "trial_days": 900, "key": "x"}
    status, _ = ask(alice, "checkout", {"plan": "pro", **stuffed})
    assert status == 200
    asked = StripeRequest.objects.get(operation="checkout.session.create")
    assert (asked.user, asked.parameters["line_items"]) == (
        alice, [{"price": price_of("pro").stripe_id, "quantity": 1}],
    )  # fmt: skip
    assert "trial_period_days" not in asked.parameters["subscription_data"]


def test_subscription_tells_what_failed_and_where_to_pay(alice, api_for):
    past_due(alice)
    body = api_for(alice).get("/api/v1/billing/subscription").json()
    assert (body["status"], body["plan"]["code"], body["renews_at"]) == ("past_due", "pro", None)
    told = body["past_due"]
    assert (told["attempts"], told["due_usd_cents"]) == (2, 7900)
    assert told["pay_url"] == "https://invoice.stripe.test/in_open"


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, "active"), ({"status": "trialing", "trial_end": now() + timedelta(days=3)}, "trialing"),
     ({"status": "canceled", "ended_at": now()}, "ended")],
)  # fmt: skip
def test_subscription_tells_how_it_stands(alice, api_for, fields, status):
    pays(alice, **fields)
    body = api_for(alice).get("/api/v1/billing/subscription").json()
    assert (body["status"], body["plan"]["code"]) == (status, "pro")
    assert (body["trial_ends_at"] is not None) == (status == "trialing")
    assert body["interval"] == (None if status == "ended" else "month")


def test_invoices_are_ones_own_in_pages(alice, bob, api_for):
    for number in range(3):
        invoice(alice, f"in_000{number}", created=now() - timedelta(days=number))
    invoice(bob, "in_hers")
    client = api_for(alice)
    first = client.get("/api/v1/billing/invoices?page_size=2").json()
    assert [one["id"] for one in first["results"]] == ["in_0000", "in_0001"]
    assert first["results"][0]["pdf_url"] == "https://pay.stripe.test/in_0000/pdf"
    rest = client.get("/api/v1/billing/invoices", {"page_size": 2, "cursor": first["next"]}).json()
    assert ([one["id"] for one in rest["results"]], rest["next"]) == (["in_0002"], None)


@pytest.mark.parametrize("rows", [1, 3])
def test_invoices_ask_the_same_whatever_their_number(alice, api_for, rows, django_assert_num_queries):
    customer_of(alice)
    for number in range(rows):
        invoice(alice, f"in_000{number}")
    client = api_for(alice)
    client.get("/api/v1/billing/invoices")
    with django_assert_num_queries(2):  # the user, the page
        client.get("/api/v1/billing/invoices")
