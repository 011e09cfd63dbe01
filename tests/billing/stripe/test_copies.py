"""dj-stripe's copies as Stripe's answers make them: without a call, whatever is here already."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from djstripe.models import (
    APIKey,
    Charge,
    Customer,
    Invoice,
    Price,
    Product,
    Refund,
    Subscription,
    WebhookEndpoint,
)

from billing.stripe.copies import keep

pytestmark = pytest.mark.django_db

BASE = {"livemode": False, "created": 1_900_000_000, "metadata": {}}


@pytest.fixture(autouse=True)
def _nobody_there(settings):
    settings.STRIPE_API_HOST = "http://127.0.0.1:9"


def _customer(**fields):
    return {**BASE, "id": "cus_1", "object": "customer", "email": "a@example.com", **fields}


def _invoice(**fields):
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    return {**BASE, "id": "in_1", "object": "invoice", "customer": "cus_1", "parent": parent, **fields}


def test_columns_and_the_whole_object():
    kept = keep({**BASE, "id": "prod_1", "object": "product", "name": "Ink", "active": True})
    assert kept == Product.objects.get(id="prod_1")
    kept.refresh_from_db()
    assert (kept.name, kept.active, kept.livemode) == ("Ink", True, False)
    assert kept.created == datetime.fromtimestamp(1_900_000_000, UTC)
    assert kept.stripe_data["name"] == "Ink"


def test_again_it_is_brought_up_to_date():
    keep(_customer())
    keep(_customer(email="b@example.com", metadata={"a": "b"}))
    assert list(Customer.objects.values_list("email", "metadata")) == [("b@example.com", {"a": "b"})]


@pytest.mark.parametrize("expanded", [False, True])
def test_what_it_needs_and_is_not_here_is_a_bare_row_or_the_whole_where_it_came_along(expanded):
    product = {**BASE, "id": "prod_1", "object": "product", "name": "Ink", "active": True}
    keep({
        **BASE, "id": "price_1", "object": "price", "active": True, "currency": "usd", "nickname": None,
        "product": product if expanded else "prod_1",
    })  # fmt: skip
    price = Price.objects.get()
    assert (price.product_id, price.nickname) == ("prod_1", "")
    assert price.product.name == ("Ink" if expanded else "")
    keep(product)
    assert Product.objects.get().name == "Ink"


def test_what_it_may_do_without_stays_empty_until_it_is_here():
    keep(_invoice(default_payment_method="pm_1"))
    invoice = Invoice.objects.get()
    assert (invoice.customer_id, invoice.default_payment_method_id, invoice.subscription_id) == (
        "cus_1", None, None,
    )  # fmt: skip
    keep({**BASE, "id": "sub_1", "object": "subscription", "customer": "cus_1"})
    keep(_invoice())
    assert Invoice.objects.get().subscription == Subscription.objects.get(id="sub_1")


def test_charge_with_its_balance_transaction_and_its_refund():
    transaction = {
        **BASE, "id": "txn_1", "object": "balance_transaction", "amount": 2900, "currency": "usd",
        "source": "ch_1", "type": "charge",
    }  # fmt: skip
    keep({
        **BASE, "id": "re_1", "object": "refund", "amount": 900, "currency": "usd", "charge": "ch_1",
        "balance_transaction": None,
    })  # fmt: skip
    assert Refund.objects.get().charge.amount == 0  # a bare row
    keep({
        **BASE, "id": "ch_1", "object": "charge", "amount": 2900, "currency": "usd", "customer": None,
        "status": "succeeded", "balance_transaction": transaction,
    })  # fmt: skip
    charge = Charge.objects.get()
    assert (charge.amount, charge.balance_transaction.amount) == (29, 2900)
    assert Refund.objects.get().charge == charge


def test_customer_is_whose_id_is_written_on_it(alice):
    keep(_customer(metadata={"atelier_user": str(alice.pk)}))
    assert Customer.objects.get().subscriber == alice


@pytest.mark.parametrize("written", ["", "nobody", str(uuid4())], ids=["nothing", "no_id", "an_id"])
def test_customer_of_nobody_here(written):
    keep(_customer(metadata={"atelier_user": written}))
    assert Customer.objects.get().subscriber is None


def test_deleted_customer_keeps_its_last_copy_and_is_nobody_s(alice):
    keep(_customer(metadata={"atelier_user": str(alice.pk)}))
    keep({"id": "cus_1", "object": "customer", "deleted": True})
    customer = Customer.objects.get()
    assert (customer.subscriber, customer.date_purged is None) == (None, False)
    assert (customer.stripe_data["deleted"], customer.stripe_data["email"]) == (True, "a@example.com")


def test_deletion_of_what_was_never_here_makes_nothing():
    assert keep({"id": "prod_1", "object": "product", "deleted": True}) is None
    assert not Product.objects.exists()


def test_what_comes_along_with_another_does_not_overwrite_what_is_known():
    """It may be the older: it has looks of its own, and only those are compared by their numbers."""
    product = {**BASE, "id": "prod_1", "object": "product", "name": "Ink", "active": True}
    keep({**product, "name": "Ink, black"})
    keep({
        **BASE, "id": "price_1", "object": "price", "active": True, "currency": "usd", "nickname": None,
        "product": product,
    })  # fmt: skip
    assert Product.objects.get().name == "Ink, black"
    assert Price.objects.get().product_id == "prod_1"


def test_an_endpoints_secret_is_not_written_a_second_time():
    keep({
        **BASE, "id": "we_1", "object": "webhook_endpoint", "secret": "whsec_1", "url": "https://example.com/",
        "enabled_events": ["*"], "status": "enabled", "api_version": "2026-08-26.dahlia",
    })  # fmt: skip
    assert "whsec_1" not in str(WebhookEndpoint.objects.get().stripe_data)


def test_other_kinds_are_not_kept():
    assert keep({"id": "x_1", "object": "test_helpers.test_clock"}) is None


def test_our_key_is_never_stored():
    keep(_customer())
    keep(_invoice())
    assert not APIKey.objects.exists()
