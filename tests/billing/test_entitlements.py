"""The checker, over every limit and feature of every plan, at its boundaries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import entitlements
from billing.limits import FEATURES, LIMITS, Kind
from billing.models import ModelPrice, PlanTerms, Subscription
from billing.offers import month_cents
from config.common.errors import Refused, TooMany
from tests.billing.catalogues import load_shipped, shipped, unload
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

CATALOGUES = ("atelier", "humanizer", "avatar-g")
EVERY_PLAN = [(name, plan.code) for name in CATALOGUES for plan in shipped(name).plans]


def _on(user, plan):
    Subscription.objects.filter(user=user).update(terms=PlanTerms.objects.offered().get(plan__code=plan))
    entitlements.forget(user)
    return user


def _oracle(mine, would_do):
    """The cheapest other plan, told the slow way: none is cheaper among those that would do."""
    best = None
    for terms in PlanTerms.objects.offered():
        if terms.plan.code == mine or not would_do(terms.limits):
            continue
        cents = month_cents(terms)
        key = (float("inf") if cents is None else cents, terms.plan.rank)
        if best is None or key < best[0]:
            best = (key, {"code": terms.plan.code, "name": terms.name, "price_usd_cents": cents})
    return best[1] if best else None


@pytest.fixture(params=EVERY_PLAN, ids="-".join)
def subscriber(request, db):
    """A user on each plan of each catalogue."""
    name, plan = request.param
    load_shipped(name)
    return _on(open_account("dora"), plan), plan


def test_every_limit_at_its_boundary(subscriber):
    user, plan = subscriber
    for limit in LIMITS:
        allowed = entitlements.limits_for(user).of(limit)
        if allowed is None:
            assert entitlements.check(user=user, limit=limit, used=10**15).allowed
            assert not entitlements.is_over(user=user, limit=limit, used=10**15)
            continue
        if allowed:
            entitlements.require(user=user, limit=limit, used=allowed - 1)
        entitlements.require(user=user, limit=limit, used=allowed, adding=0)
        assert not entitlements.is_over(user=user, limit=limit, used=allowed)
        assert entitlements.is_over(user=user, limit=limit, used=allowed + 1)
        with pytest.raises((Refused, TooMany)) as refused:
            entitlements.require(user=user, limit=limit, used=allowed)
        details = refused.value.details
        assert (details["limit"], details["used"], details["allowed"]) == (limit, allowed, allowed)
        assert details["your_plan"] == plan
        assert details["plan"] == _oracle(
            plan,
            lambda limits, least=allowed + 1, name=limit: limits.of(name) is None or limits.of(name) >= least,
        )
        assert refused.value.code == _code(limit, allowed)


def _code(limit, allowed):
    kind = LIMITS[limit].kind
    if kind is Kind.CONCURRENT:
        return "too_many_jobs"
    if kind is Kind.HOURLY:
        return "rate_limited"
    return "limit_reached" if allowed else "plan_required"


def test_every_feature(subscriber):
    user, plan = subscriber
    for feature in FEATURES:
        if entitlements.limits_for(user).has(feature):
            entitlements.require_feature(user=user, feature=feature)
            continue
        with pytest.raises(Refused) as refused:
            entitlements.require_feature(user=user, feature=feature)
        assert (refused.value.status, refused.value.code) == (403, "feature_not_in_plan")
        assert refused.value.details == {
            "feature": feature,
            "your_plan": plan,
            "plan": _oracle(plan, lambda limits, name=feature: limits.has(name)),
        }


def test_every_model(subscriber):
    user, plan = subscriber
    for model in ModelPrice.objects.all():
        if entitlements.limits_for(user).includes_model(model.name):
            assert entitlements.require_model(user=user, model=f"{model.name}-20250110") == model.name
            continue
        with pytest.raises(Refused) as refused:
            entitlements.require_model(user=user, model=model.name)
        assert (refused.value.status, refused.value.code) == (403, "model_not_allowed")
        assert refused.value.details["plan"] == _oracle(
            plan, lambda limits, name=model.name: limits.includes_model(name)
        )


def test_refusal_names_the_use_the_plan_and_its_price(alice):
    with pytest.raises(Refused) as refused:
        entitlements.require(user=alice, limit="projects", used=2)
    assert refused.value.status == 403
    assert refused.value.message == (
        "Free carries 2 projects, and you have 2. Starter carries 10, for $29 a month."
    )
    assert refused.value.details == {
        "limit": "projects",
        "used": 2,
        "allowed": 2,
        "resets_at": None,
        "your_plan": "free",
        "plan": {"code": "starter", "name": "Starter", "price_usd_cents": 2_900},
    }


def test_refusal_names_the_plan_that_is_enough_not_the_next(alice):
    with pytest.raises(Refused) as refused:
        entitlements.require(user=alice, limit="projects", used=2, adding=20)
    assert refused.value.details["plan"]["code"] == "pro"


def test_monthly_refusal_resets_with_the_wallets_month(alice):
    with pytest.raises(Refused) as refused:
        entitlements.require(user=alice, limit="sessions_per_month", used=5)
    assert refused.value.details["resets_at"] == alice.wallet.period_end.isoformat()


def test_too_much_at_once_and_too_often_say_when_to_try_again(alice):
    with pytest.raises(TooMany) as many:
        entitlements.require(user=alice, limit="concurrent_jobs", used=1)
    assert (many.value.status, many.value.code, many.value.retry_after) == (429, "too_many_jobs", 15)
    soon = timezone.now() + timedelta(seconds=90)
    with pytest.raises(TooMany) as often:
        entitlements.require(user=alice, limit="ai_requests_per_hour", used=10, resets_at=soon)
    assert (often.value.code, often.value.retry_after) == ("rate_limited", 90)


def test_agents_need_their_plan(alice):
    assert entitlements.require_agent(user=alice, agent="chat").price == 1
    with pytest.raises(Refused) as refused:
        entitlements.require_agent(user=alice, agent="voice-lab")
    assert refused.value.code == "agent_not_allowed"
    assert refused.value.details["plan"]["code"] == "pro"
    with pytest.raises(Refused) as unknown:
        entitlements.require_agent(user=alice, agent="ghost")
    assert (unknown.value.code, unknown.value.details["plan"]) == ("agent_not_allowed", None)


def test_limits_cost_one_query_a_user(alice, django_assert_num_queries):
    entitlements.forget(alice)
    with django_assert_num_queries(1):
        for _ in range(3):
            assert entitlements.limits_for(alice).projects == 2
            entitlements.require(user=alice, limit="projects", used=1)
            entitlements.require_feature(user=alice, feature="single_sign_on")


def test_without_a_catalogue_every_question_is_refused(alice):
    unload()
    entitlements.forget(alice)
    with pytest.raises(Refused) as refused:
        entitlements.limits_for(alice)
    assert (refused.value.status, refused.value.code) == (403, "subscription_inactive")


def test_user_without_a_subscription_is_on_the_free_plan(alice):
    Subscription.objects.filter(user=alice).delete()
    entitlements.forget(alice)
    assert entitlements.entitlements_of(alice).plan_code == "free"
