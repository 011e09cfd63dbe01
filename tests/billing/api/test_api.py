"""The API of billing."""

import pytest

from billing import usage
from billing.models import Subscription
from tests.billing.catalogues import load_shipped, unload
from tests.billing.people import comp

pytestmark = pytest.mark.django_db


@pytest.fixture
def projects_are_counted():
    """A reader, as the app that owns projects registers one."""
    before = dict(usage._readers)
    usage._readers["projects"] = lambda user: 1
    yield
    usage._readers.clear()
    usage._readers.update(before)


def test_plans_are_public_and_complete(api_for, django_assert_num_queries):
    with django_assert_num_queries(4):  # terms, prices, models, products
        answer = api_for(None).get("/api/v1/billing/plans")
    assert answer.status_code == 200
    body = answer.json()
    assert body["next"] is None
    assert [plan["code"] for plan in body["results"]] == ["free", "starter", "pro", "enterprise"]
    starter = body["results"][1]
    assert (starter["price_usd_cents"], starter["year_usd_cents"], starter["credits_per_month"]) == (
        2900,
        29000,
        150,
    )
    assert starter["limits"]["projects"] == 10
    assert starter["limits"]["tokens_per_month"] is None
    assert starter["features"]["version_history"] is True
    assert starter["features"]["api_access"] is False
    assert "o1" not in starter["models"]
    assert "o1" in body["results"][3]["models"]
    assert [(p["code"], p["price_usd_cents"], p["credits"]) for p in body["products"]] == [
        ("credits-100", 1900, 100),
        ("credits-500", 7900, 500),
        ("manuscript-review", 4900, None),
    ]


def test_plans_of_a_catalogue_without_prices_and_of_none(api_for):
    load_shipped("humanizer")
    body = api_for(None).get("/api/v1/billing/plans").json()
    assert [(p["code"], p["price_usd_cents"], p["credits_per_month"]) for p in body["results"]] == [
        ("free", 0, None),
        ("premium", None, None),
        ("enterprise", None, None),
    ]
    unload()
    assert api_for(None).get("/api/v1/billing/plans").json() == {"results": [], "next": None, "products": []}


def test_subscription_of_a_free_and_of_a_comped_user(alice, charlie, api_for):
    body = api_for(alice).get("/api/v1/billing/subscription").json()
    assert (body["plan"], body["status"], body["allowance"]) == (
        {"code": "free", "name": "Free"},
        "active",
        "granted",
    )
    assert (body["credits_per_month"], body["terms_version"], body["ends_at"]) == (20, 1, None)
    subscription = comp(alice, "pro", actor=charlie)
    body = api_for(alice).get("/api/v1/billing/subscription").json()
    assert (body["plan"]["code"], body["status"]) == ("pro", "comped")
    assert body["ends_at"] == subscription.ends_at.isoformat().replace("+00:00", "Z")
    assert "reason" not in body


def test_user_whom_no_sweep_has_reached_yet_is_told_free(alice, api_for):
    Subscription.objects.filter(user=alice).delete()
    body = api_for(alice).get("/api/v1/billing/subscription").json()
    assert (body["plan"]["code"], body["status"], body["started_at"]) == ("free", "active", None)


def test_usage_tells_what_is_counted(alice, api_for, projects_are_counted):
    body = api_for(alice).get("/api/v1/billing/usage").json()
    assert {
        "limit": "projects",
        "name": "Projects",
        "used": 1,
        "allowed": 2,
        "left": 1,
        "resets_at": None,
    } in body["results"]
    assert set(body["month"]) == {"start", "end"}


def test_entitlements_tell_every_limit_feature_and_model(alice, api_for, projects_are_counted):
    body = api_for(alice).get("/api/v1/entitlements").json()
    limits = {limit["limit"]: limit for limit in body["limits"]}
    assert (limits["projects"]["used"], limits["projects"]["allowed"]) == (1, 2)
    assert limits["sessions_per_month"]["allowed"] == 5
    assert limits["sessions_per_month"]["resets_at"] is not None
    assert limits["tokens_per_month"]["allowed"] is None
    assert body["features"]["export"] is False
    assert body["models"] == ["claude-haiku-4-5", "gemini-2.0-flash", "gpt-4o-mini", "house"]
    assert body["moderation"] == "standard"


@pytest.mark.parametrize("path", ["billing/subscription", "billing/usage", "entitlements"])
def test_signed_out_callers_are_turned_away(api_for, path):
    answer = api_for(None).get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_authenticated"


@pytest.mark.parametrize("path", ["billing/subscription", "entitlements"])
def test_without_a_catalogue_the_refusal_has_the_api_shape(alice, api_for, path):
    unload()
    answer = api_for(alice).get(f"/api/v1/{path}")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "subscription_inactive"
