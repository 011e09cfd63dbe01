"""What the database itself refuses, by the name of the constraint."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from billing.models import (
    AgentPrice,
    CatalogueVersion,
    FreeGrant,
    ModelPrice,
    Plan,
    PlanTerms,
    Price,
    Product,
    StripeRequest,
    StripeSetup,
    Subscription,
)
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


def _change(model, **fields):
    model.objects.filter(pk=model.objects.first().pk).update(**fields)


@pytest.mark.parametrize(
    ("model", "fields", "name"),
    [
        (CatalogueVersion, {"tokens_per_credit": 0}, "billing_catalogueversion_credit_has_tokens"),
        (CatalogueVersion, {"output_weight": 0}, "billing_catalogueversion_output_weight_positive"),
        (CatalogueVersion, {"rollover_cap": -1}, "billing_catalogueversion_rollover_not_negative"),
        (ModelPrice, {"multiplier": 0}, "billing_modelprice_multiplier_positive"),
        (ModelPrice, {"multiplier": Decimal(-1)}, "billing_modelprice_multiplier_positive"),
        (ModelPrice, {"usd_in": -1}, "billing_modelprice_cost_not_negative"),
        (AgentPrice, {"price": -1}, "billing_agentprice_price_not_negative"),
        (Product, {"price_cents": 0}, "billing_product_price_positive"),
        (Product, {"credits": 0}, "billing_product_credits_positive"),
        (Product, {"service": "manuscript-review"}, "billing_product_pack_or_service"),
        (Product, {"includes_credits": 1}, "billing_product_pack_or_service"),
        (Product, {"credits": None}, "billing_product_pack_or_service"),
        (PlanTerms, {"trial_days": 731}, "billing_planterms_trial_at_most_two_years"),
        (PlanTerms, {"trial_credits": 5}, "billing_planterms_trial_credits_in_a_trial"),
        (
            PlanTerms,
            {"trial_credits": 5, "trial_days": 7, "credits_per_month": None},
            "billing_planterms_trial_credits_in_a_trial",
        ),
        (PlanTerms, {"version": 0}, "billing_planterms_version_from_one"),
        (PlanTerms, {"credits_per_month": 0}, "billing_planterms_credits_positive"),
        (Price, {"amount_cents": 0}, "billing_price_amount_positive"),
        (Price, {"interval": "week"}, "billing_price_interval_known"),
    ],
)
def test_money_and_credits_are_bounded(model, fields, name):
    with pytest.raises(IntegrityError, match=name):
        _change(model, **fields)


@pytest.mark.parametrize(
    ("table", "column", "name"),
    [
        ("billing_catalogueversion", "output_weight", "billing_catalogueversion_output_weight_positive"),
        ("billing_modelprice", "multiplier", "billing_modelprice_multiplier_positive"),
        ("billing_modelprice", "usd_in", "billing_modelprice_cost_not_negative"),
        ("billing_modelprice", "usd_out", "billing_modelprice_cost_not_negative"),
    ],
)
def test_not_a_number_is_refused_by_the_database_too(table, column, name):
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=name):
        cursor.execute(f"update {table} set {column} = 'NaN'")  # noqa: S608  names from above


def _subscription(user, **fields):
    moment = timezone.now()
    defaults = {"user": user, "terms": PlanTerms.objects.free(), "source": "free", "allowance": "none"}
    return Subscription.objects.create(**{**defaults, "started_at": moment, "ended_at": moment, **fields})


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"ended_at": None}, "billing_subscription_one_current"),
        ({"source": "gift"}, "billing_subscription_source_known"),
        ({"source": "paid"}, "billing_subscription_paid_is_of_stripe"),
        ({"allowance": "lost"}, "billing_subscription_allowance_known"),
        (
            {"source": "comp", "ends_at": timezone.now() + timedelta(days=9)},
            "billing_subscription_comp_has_reason_and_end",
        ),
        ({"source": "comp", "reason": "a gift"}, "billing_subscription_comp_has_reason_and_end"),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "billing_subscription_ends_after_start"),
        ({"ended_at": timezone.now() - timedelta(days=1)}, "billing_subscription_ended_after_start"),
    ],
)
def test_subscription_rules(alice, fields, name):
    with pytest.raises(IntegrityError, match=name):
        _subscription(alice, **fields)


def test_one_current_catalogue():
    current = CatalogueVersion.objects.get(is_current=True)
    current.pk = None
    current._state.adding = True
    with pytest.raises(IntegrityError, match="billing_catalogueversion_one_current"):
        current.save(force_insert=True)


def test_one_free_plan():
    with pytest.raises(IntegrityError, match="billing_plan_one_free"):
        Plan.objects.filter(code="starter").update(is_free=True)


def test_one_current_version_and_no_version_twice():
    terms = PlanTerms.objects.free()
    copy = {"plan": terms.plan, "catalogue": terms.catalogue, "limits_json": terms.limits_json}
    with pytest.raises(IntegrityError, match="billing_planterms_one_current"):
        PlanTerms.objects.create(**copy, version=2, published_at=timezone.now())


def test_version_numbers_are_unique():
    terms = PlanTerms.objects.free()
    copy = {"plan": terms.plan, "catalogue": terms.catalogue, "limits_json": terms.limits_json}
    with pytest.raises(IntegrityError, match="billing_planterms_version_unique"):
        PlanTerms.objects.create(**copy, version=1, is_current=False, published_at=timezone.now())


def test_one_price_an_interval():
    price = Price.objects.first()
    with pytest.raises(IntegrityError, match="billing_price_interval_unique"):
        Price.objects.create(terms=price.terms, interval=price.interval, amount_cents=1)


def test_free_grants_are_of_credits():
    with pytest.raises(IntegrityError, match="billing_freegrant_credits_positive"):
        FreeGrant.objects.create(person="x", credits=0, granted_at=timezone.now())


def test_terms_are_saved_only_with_limits_that_can_be_read():
    terms = PlanTerms.objects.free()
    terms.limits_json = {**terms.limits_json, "projects": -1}
    with pytest.raises(ValidationError, match="projects: -1 is not allowed here"):
        terms.save()


def test_stranger_has_a_subscription_of_their_own(alice):
    assert open_account("charlie").subscriptions.get() != alice.subscriptions.get()


@pytest.mark.parametrize("model", [Plan, Price, Product])
def test_what_stripe_calls_a_thing_is_one_thing(model):
    rows = list(model.objects.all()[:2])
    model.objects.filter(pk=rows[0].pk).update(stripe_id="x_1")
    with pytest.raises(IntegrityError, match="stripe_id"):
        model.objects.filter(pk=rows[1].pk).update(stripe_id="x_1")


def _request(**fields):
    moment = timezone.now()
    given = {"key": "k", "operation": "customer.create", "created_at": moment, "sent_at": moment}
    return StripeRequest.objects.create(**{**given, **fields})


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "maybe", "finished_at": timezone.now()}, "billing_striperequest_state_known"),
        ({"finished_at": timezone.now()}, "billing_striperequest_finished_with_outcome"),
        ({"state": "done", "result_id": "cus_1"}, "billing_striperequest_finished_with_outcome"),
        ({"state": "done", "finished_at": timezone.now()}, "billing_striperequest_done_has_result"),
        ({"state": "refused", "finished_at": timezone.now()}, "billing_striperequest_refused_has_error"),
    ],
)
def test_request_to_stripe_is_settled_with_its_outcome(fields, name):
    with pytest.raises(IntegrityError, match=name):
        _request(**fields)


def test_business_key_stands_for_one_request():
    _request()
    with pytest.raises(IntegrityError, match="key"):
        _request()


def test_one_setup_for_each_mode():
    StripeSetup.objects.create(livemode=False, portal_configuration="bpc_1", ran_at=timezone.now())
    with pytest.raises(IntegrityError, match="livemode"):
        StripeSetup.objects.create(livemode=False, portal_configuration="bpc_2", ran_at=timezone.now())
