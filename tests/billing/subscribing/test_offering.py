"""Which button each plan has for whom."""

from datetime import timedelta

import pytest

from billing.comparison import gains, plans_on_sale
from billing.models import Plan, PlanTerms, Product, StripeSubscription
from billing.subscribing.membership import membership_of
from billing.subscribing.offering import has_years, plan_offers, product_offers
from config.common.clock import now
from tests.billing.catalogues import load_shipped
from tests.billing.paying import pays, price_of
from tests.billing.people import comp

pytestmark = pytest.mark.django_db


def _steps(user, *, interval="month", **more):
    offers = plan_offers(
        plans_on_sale(), interval=interval, reader=membership_of(user) if user else None, **more
    )
    return {offer.plan.code: offer.step.label if offer.step else None for offer in offers}


def _primary(user, **more):
    offers = plan_offers(
        plans_on_sale(), interval="month", reader=membership_of(user) if user else None, **more
    )
    return [offer.plan.code for offer in offers if offer.step and offer.step.is_primary]


def test_visitor_signs_up_for_each():
    assert _steps(None) == {
        "free": "Start free",
        "starter": "Get Starter",
        "pro": "Get Pro",
        "enterprise": "Get Enterprise",
    }
    assert _primary(None) == ["free"]


def test_user_on_the_free_plan_gets_the_next_one(alice):
    assert _steps(alice)["free"] == "See what you have used"
    assert _steps(alice)["starter"] == "Get Starter"
    assert _primary(alice) == ["starter"]
    assert _primary(alice, wanted="enterprise") == ["enterprise"]
    assert _primary(alice, wanted="free") == ["starter"]


def test_subscriber_changes_up_and_down_or_goes_back(alice):
    pays(alice, "pro")
    assert _steps(alice) == {
        "free": "Go back to it",
        "starter": "Change to Starter",
        "pro": "See your plan",
        "enterprise": "Upgrade to Enterprise",
    }
    assert _steps(alice, interval="year")["pro"] == "Pay it by the year"
    assert _primary(alice) == ["enterprise"]


def test_change_that_is_planned_is_said_at_its_plan(alice):
    paid = pays(alice, "pro")
    StripeSubscription.objects.filter(pk=paid.pk).update(
        next_price=price_of("starter"), next_at=paid.period_end
    )
    offers = {
        offer.plan.code: offer
        for offer in plan_offers(plans_on_sale(), interval="month", reader=membership_of(alice))
    }
    assert offers["starter"].note == f"Begins on {paid.period_end:%-d %B}"
    assert offers["starter"].step.label == "See or undo it"


def test_whoever_has_cancelled_keeps_the_plan_before_changing_it(alice):
    paid = pays(alice, "starter")
    StripeSubscription.objects.filter(pk=paid.pk).update(cancel_at=paid.period_end)
    assert _steps(alice) == {
        "free": "See or undo it",
        "starter": "See your plan",
        "pro": "Keep Starter first",
        "enterprise": "Keep Starter first",
    }


def test_plan_that_is_over_can_be_had_again(alice):
    pays(alice, "pro", status="canceled", ended_at=now(), paid_until=now() + timedelta(hours=1))
    assert _steps(alice)["pro"] == "Get Pro"


def test_user_with_a_given_plan_may_subscribe_beneath_it(alice, charlie):
    comp(alice, "pro", actor=charlie)
    assert _steps(alice)["pro"] == "See what you have used"
    assert _steps(alice)["free"] is None
    assert _steps(alice)["enterprise"] == "Get Enterprise"


def test_trial_is_offered_to_whom_it_is_open(alice):
    PlanTerms.objects.filter(plan__code="starter", is_current=True).update(trial_days=14)
    assert _steps(None)["starter"] == "Try Starter for 14 days"
    assert _steps(alice)["starter"] == "Try Starter for 14 days"
    assert _steps(alice, may_try=False)["starter"] == "Get Starter"


def test_plan_on_request_has_no_button():
    load_shipped("humanizer")
    assert _steps(None) == {"free": "Start free", "premium": None, "enterprise": None}
    assert not has_years(plans_on_sale())


def test_plan_that_has_no_yearly_price_keeps_its_monthly_one():
    price_of("starter", "year").delete()
    offers = plan_offers(plans_on_sale(), interval="year", reader=None)
    assert [(offer.plan.code, offer.interval, offer.cents) for offer in offers[1:3]] == [
        ("starter", "month", 2900),
        ("pro", "year", 79000),
    ]


def test_gains_are_what_the_next_lesser_plan_lacks():
    plans = plans_on_sale()
    assert gains(plans[0], plans) == []
    assert gains(plans[2], plans) == ["Priority support"]
    assert gains(plans[3], plans) == ["API keys"]


def test_products_lead_visitors_through_signing_up():
    products = Product.objects.filter(code="credits-100")
    (visitor,), (user,) = product_offers(products, is_in=False), product_offers(products, is_in=True)
    assert visitor.step.url == "/accounts/signup/?next=%2Fbilling%2Fchoose%2F%3Fproduct%3Dcredits-100"
    assert (user.step.label, user.step.url) == ("Buy", "")


def test_withdrawn_plan_of_ones_own_does_not_break_the_prices(alice):
    pays(alice, "starter")
    Plan.objects.filter(code="starter").update(is_offered=False)
    assert _steps(alice) == {
        "free": "Go back to it",
        "pro": "Upgrade to Pro",
        "enterprise": "Upgrade to Enterprise",
    }
