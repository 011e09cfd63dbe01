"""Payments, subscriptions at Stripe and requests to it, in the operators' admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Payment, StripeRequest, StripeSubscription
from config.common.clock import now
from tests.billing.paying import bought, pays
from tests.support.people import open_account

pytestmark = pytest.mark.django_db
MODELS = (Payment, StripeSubscription, StripeRequest)


def _url(model, *rest):
    return f"/admin/billing/{model._meta.model_name}/" + "".join(f"{part}/" for part in rest)


@pytest.fixture
def rows(alice):
    """One of each."""
    pays(alice)
    bought(alice)
    _asked(alice, "one")


def _asked(user, key):
    StripeRequest.objects.create(
        key=key, operation="refund.create", user=user, parameters={"reason": "<b>duplicate</b>"},
        state="refused", error="No such charge", created_at=now(), sent_at=now(), finished_at=now(),
    )  # fmt: skip


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_list_search_and_page_open_and_nothing_is_written(operators, model):
    first = model.objects.first()
    listed = operators.get(_url(model), {"q": "alice@example.com"})
    assert listed.status_code == 200
    assert "alice@example.com" in listed.content.decode()
    page = operators.get(_url(model, first.pk, "change"))
    assert page.status_code == 200
    assert "<b>duplicate</b>" not in page.content.decode()
    assert operators.get(_url(model, "add")).status_code == 403
    assert operators.post(_url(model, first.pk, "change"), {}).status_code == 403
    assert operators.post(_url(model, first.pk, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_ask_the_same_whatever_their_length(operators, model):
    counts = []
    for name in ("one", "two", "three"):
        user = open_account(name)
        pays(user)
        bought(user)
        _asked(user, name)
        if name != "two":
            operators.get(_url(model))
            with CaptureQueriesContext(connection) as asked:
                operators.get(_url(model))
            counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("rows")
def test_account_shows_what_it_pays_for(operators, alice):
    text = operators.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    assert "Pro by the month" in text
    assert f"/admin/billing/stripesubscription/sub_{alice.pk.hex}/change/" in text
    assert "$19" in text
    assert "All payments" in text


@pytest.mark.usefixtures("rows")
def test_dashboard_of_stripe_is_linked_where_it_is_stripe(operators, settings):
    paid = StripeSubscription.objects.first()
    url = _url(StripeSubscription, paid.pk.replace("_", "_5F"), "change")
    assert (
        f"https://dashboard.stripe.com/test/customers/{paid.customer_id}"
        in operators.get(url).content.decode()
    )
    settings.STRIPE_API_HOST = "http://127.0.0.1:12111"
    assert "dashboard.stripe.com" not in operators.get(url).content.decode()
