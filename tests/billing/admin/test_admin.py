"""Billing in the operators' admin."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from billing.models import (
    AgentPrice,
    CatalogueVersion,
    FreeGrant,
    ModelPrice,
    Plan,
    PlanTerms,
    Product,
    StripeRequest,
    Subscription,
)
from tests.billing.catalogues import edited
from tests.billing.paying import pays
from tests.billing.people import comp
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

READ_ONLY = (Plan, PlanTerms, ModelPrice, AgentPrice, Product, FreeGrant, StripeRequest)
ALL = (*READ_ONLY, CatalogueVersion, Subscription)


def _url(model, page, *arguments):
    path = f"/admin/billing/{model._meta.model_name}/"
    return path + "".join(f"{argument}/" for argument in arguments) + (f"{page}/" if page else "")


def _errors(answer):
    return {name: list(errors) for name, errors in answer.context["adminform"].form.errors.items()}


@pytest.fixture(autouse=True)
def _asked_of_stripe(db):
    _ask_stripe("customer:1")


def _ask_stripe(key, **fields):
    moment = timezone.now()
    return StripeRequest.objects.create(
        key=key, operation="customer.create", created_at=moment, sent_at=moment, **fields
    )


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_list_and_page_opens(operators, alice, model):
    assert operators.get(_url(model, "")).status_code == 200
    assert operators.get(_url(model, "change", model.objects.first().pk)).status_code == 200


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_what_services_write_is_only_read(operators, alice, model):
    assert operators.get(_url(model, "add")).status_code == 403
    first = model.objects.first()
    assert operators.post(_url(model, "change", first.pk), {}).status_code == 403
    assert operators.post(_url(model, "delete", first.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=first.pk).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_subscriptions_list_asks_the_same_whatever_its_length(operators, rows, django_assert_num_queries):
    for number in range(rows):
        open_account(f"user{number}")
    operators.get(_url(Subscription, ""))
    with django_assert_num_queries(4):
        operators.get(_url(Subscription, ""))


def _comp(given_to, **changes):
    until = timezone.now() + timedelta(days=30)
    return {
        "user": str(given_to.pk),
        "plan": str(Plan.objects.get(code="pro").pk),
        "ends_at_0": f"{until:%Y-%m-%d}",
        "ends_at_1": "12:00:00",
        "reason": "first reader",
        **changes,
    }


def test_operator_gives_a_plan(operators, olga, alice):
    answer = operators.post(_url(Subscription, "add"), _comp(alice))
    assert answer.status_code == 302, _errors(answer)
    given = alice.subscriptions.get(source="comp")
    assert (given.terms.plan.code, given.actor, given.reason) == ("pro", olga, "first reader")
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 520


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"ends_at_0": "2020-01-01"}, "ends_at"),
        ({"ends_at_0": "", "ends_at_1": ""}, "ends_at"),
        ({"plan": ""}, "plan"),
        ({"user": ""}, "user"),
    ],
)
def test_a_plan_is_not_given_without_what_it_needs(operators, alice, changes, field):
    answer = operators.post(_url(Subscription, "add"), _comp(alice, **changes))
    assert answer.status_code == 200
    assert set(_errors(answer)) == {field}
    assert not alice.subscriptions.filter(source="comp").exists()


def test_whoever_pays_is_given_no_plan_and_the_form_says_so(operators, alice):
    pays(alice, "starter")
    answer = operators.post(_url(Subscription, "add"), _comp(alice))
    assert answer.status_code == 200
    assert "This user pays for Starter." in _errors(answer)["user"][0]
    assert "first reader" in answer.content.decode()
    assert not alice.subscriptions.filter(source="comp").exists()


def test_free_plan_is_not_offered_as_a_gift(operators, alice):
    free = Plan.objects.get(code="free")
    answer = operators.post(_url(Subscription, "add"), _comp(alice, plan=str(free.pk)))
    assert set(_errors(answer)) == {"plan"}


def test_operator_takes_a_plan_back_with_a_reason(operators, olga, alice):
    given = comp(alice, "pro", actor=olga)
    page = _url(Subscription, "change", given.pk)
    assert set(_errors(operators.post(page, {"end_reason": ""}))) == {"end_reason"}
    assert operators.post(page, {"end_reason": "over"}).status_code == 302
    given.refresh_from_db()
    assert (given.end_actor, given.end_reason) == (olga, "over")
    assert alice.subscriptions.get(ended_at=None).source == "free"
    assert operators.post(page, {"end_reason": "again"}).status_code == 403


def test_free_subscription_cannot_be_changed(operators, alice):
    page = _url(Subscription, "change", alice.subscriptions.get().pk)
    assert operators.post(page, {"end_reason": "over"}).status_code == 403


def test_operator_loads_a_catalogue(operators, olga):
    page = _url(CatalogueVersion, "add")
    source = CatalogueVersion.objects.get(is_current=True).source
    assert operators.get(page).context["adminform"].form.initial["source"] == source
    changed = edited("projects = 2\n", "projects = 3\n")
    answer = operators.post(page, {"source": changed, "reason": "more room"})
    assert answer.status_code == 302, _errors(answer)
    current = CatalogueVersion.objects.get(is_current=True)
    assert (current.actor, current.reason) == (olga, "more room")
    assert PlanTerms.objects.free().version == 2


def test_bad_catalogue_comes_back_with_its_path_and_what_was_typed(operators):
    page = _url(CatalogueVersion, "add")
    answer = operators.post(page, {"source": edited("projects = 2\n", ""), "reason": "more room"})
    assert _errors(answer) == {"source": ["plans.free.limits.projects: is missing"]}
    assert re.search(r"name = &quot;atelier&quot;", answer.content.decode())
    answer = operators.post(page, {"source": edited("# Amounts", "# Sums"), "reason": "more room"})
    assert _errors(answer) == {"source": ["These figures are in force already; there is nothing to load."]}
    assert CatalogueVersion.objects.count() == 1


def test_strangers_do_not_get_in(client_for, charlie):
    assert client_for(charlie).get(_url(Subscription, "")).status_code in {302, 403}
    assert client_for(None).get(_url(Subscription, "")).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_requests_list_asks_the_same_whatever_its_length(operators, alice, rows, django_assert_num_queries):
    for number in range(rows):
        _ask_stripe(f"k{number}", user=alice)
    operators.get(_url(StripeRequest, ""))
    with django_assert_num_queries(4):
        assert operators.get(_url(StripeRequest, "")).status_code == 200


def test_library_s_own_pages_are_not_there(operators):
    assert operators.get("/admin/djstripe/customer/").status_code == 404
    assert "djstripe" not in operators.get("/admin/").content.decode()
