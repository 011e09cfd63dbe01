"""`manage.py stripe_setup`: repeatable, and what it leaves at Stripe."""

import pytest
from django.core.management import CommandError, call_command
from djstripe.models import Customer, WebhookEndpoint
from djstripe.models import Price as PriceCopy
from djstripe.models import Product as ProductCopy

from billing.catalogue.loading import load
from billing.models import Plan, Price, Product, StripeRequest, StripeSetup
from billing.stripe import portal as stripe_portal
from billing.stripe.catalogue import unsold
from billing.stripe.customers import customer_for
from billing.stripe.event_types import EVENT_TYPES
from tests.billing.catalogues import edited

pytestmark = pytest.mark.django_db


def _run(capsys, **options):
    call_command("stripe_setup", **options)
    return capsys.readouterr().out


def _active_prices(sandbox, product):
    prices = sandbox.client.v1.prices.list({"product": product, "active": True, "limit": 100}).data
    return sorted((p.unit_amount, p.recurring.interval if p.recurring else "once") for p in prices)


def _endpoints(sandbox):
    return {e.id: e for e in sandbox.client.v1.webhook_endpoints.list({"limit": 100}).data}


def _requests():
    return StripeRequest.objects.count()


def test_everything_on_sale_is_at_stripe(at_stripe, capsys):
    assert unsold() == ["Starter", "Pro", "Enterprise", "100 credits", "500 credits", "Manuscript review"]
    assert "Stripe (test mode) is as the catalogue says." in _run(capsys)
    assert unsold() == []
    sold = {
        plan.code: _active_prices(at_stripe, plan.stripe_id) for plan in Plan.objects.exclude(code="free")
    }
    assert sold == {
        "starter": [(2_900, "month"), (29_000, "year")],
        "pro": [(7_900, "month"), (79_000, "year")],
        "enterprise": [(19_900, "month"), (199_000, "year")],
    }
    once = {thing.code: _active_prices(at_stripe, thing.stripe_id) for thing in Product.objects.all()}
    assert once == {
        "credits-100": [(1_900, "once")],
        "credits-500": [(7_900, "once")],
        "manuscript-review": [(4_900, "once")],
    }
    assert Plan.objects.get(code="free").stripe_id is None
    price = Price.objects.get(terms__plan__code="pro", interval="year")
    there = at_stripe.client.v1.prices.retrieve(price.stripe_id)
    assert (there.metadata["atelier_price"], there.metadata["atelier_plan"]) == (str(price.pk), "pro")
    product = at_stripe.client.v1.products.retrieve(Plan.objects.get(code="pro").stripe_id)
    assert (product.name, product.metadata["atelier_plan"]) == ("Pro", "pro")
    assert ProductCopy.objects.filter(active=True).count() == 6
    assert PriceCopy.objects.filter(active=True, product__metadata__has_key="atelier_plan").count() == 6


def test_second_run_does_nothing(at_stripe, capsys):
    _run(capsys)
    before, endpoints = _requests(), _endpoints(at_stripe)
    assert _run(capsys) == "Stripe (test mode) is as the catalogue says.\n"
    assert (_requests(), _endpoints(at_stripe)) == (before, endpoints)


def test_what_was_lost_here_is_found_there(at_stripe, capsys):
    _run(capsys)
    before = list(Price.objects.values_list("pk", "stripe_id"))
    for model in (Plan, Price):
        model.objects.update(stripe_id=None)
    Product.objects.update(stripe_id=None, stripe_price_id=None)
    count = _requests()
    _run(capsys)
    assert list(Price.objects.values_list("pk", "stripe_id")) == before
    assert _requests() == count


def test_other_amount_is_a_new_price_and_the_former_is_archived(at_stripe, capsys):
    _run(capsys)
    former = Price.objects.get(terms__plan__code="starter", interval="month")
    load(source=edited("month_cents = 2_900", "month_cents = 3_100"))
    assert unsold() == ["Starter"]
    _run(capsys)
    plan = Plan.objects.get(code="starter")
    assert _active_prices(at_stripe, plan.stripe_id) == [(3_100, "month"), (29_000, "year")]
    former.refresh_from_db()
    kept = at_stripe.client.v1.prices.retrieve(former.stripe_id)
    assert (kept.active, kept.unit_amount) == (False, 2_900)
    assert PriceCopy.objects.get(id=former.stripe_id).active is False
    new = Price.objects.get(terms__plan=plan, terms__is_current=True, interval="month")
    assert new.stripe_id not in (None, former.stripe_id)


def test_pack_at_another_price_and_back_again(at_stripe, capsys):
    _run(capsys)
    pack = Product.objects.get(code="credits-100")
    first = pack.stripe_price_id
    for amount in (2_100, 1_900):
        written = "price_cents = 1_900", f"price_cents = {amount:_}"
        load(source=edited(*written))
        assert unsold() == ["100 credits"]
        _run(capsys)
        pack.refresh_from_db()
        assert _active_prices(at_stripe, pack.stripe_id) == [(amount, "once")]
    assert pack.stripe_price_id == first


def test_renamed_plan_is_renamed_there(at_stripe, capsys):
    _run(capsys)
    before = Plan.objects.get(code="pro").stripe_id
    load(source=edited('name = "Pro"', 'name = "Studio"'))
    assert f"Changed the product Studio: {before}." in _run(capsys)
    assert at_stripe.client.v1.products.retrieve(before).name == "Studio"
    assert Plan.objects.get(code="pro").stripe_id == before


def test_product_switched_off_there_is_switched_on(at_stripe, capsys):
    _run(capsys)
    plan = Plan.objects.get(code="pro")
    at_stripe.client.v1.products.update(plan.stripe_id, {"active": False})
    _run(capsys)
    assert at_stripe.client.v1.products.retrieve(plan.stripe_id).active is True


def test_prices_of_others_are_not_touched(at_stripe, capsys):
    other = at_stripe.client.v1.products.create({"name": "Mugs"})
    price = at_stripe.client.v1.prices.create({"product": other.id, "unit_amount": 900, "currency": "usd"})
    _run(capsys)
    assert at_stripe.client.v1.prices.retrieve(price.id).active is True


def test_another_account_begins_anew(at_stripe, capsys, alice):
    _run(capsys)
    customer = customer_for(alice)
    Plan.objects.exclude(code="free").update(stripe_id=None)
    Plan.objects.filter(code="pro").update(stripe_id="prod_of_another_account")
    Product.objects.update(stripe_id=None, stripe_price_id=None)
    Price.objects.filter(terms__plan__code="pro", interval="month").update(stripe_id="price_of_another")
    assert "Forgot the ids of another account." in _run(capsys)
    assert unsold() == []
    assert not Price.objects.filter(stripe_id="price_of_another").exists()
    assert Customer.objects.get(id=customer).subscriber is None
    assert customer_for(alice) == customer  # which is there after all, and is found by its request
    assert Customer.objects.get(id=customer).subscriber == alice


def test_portal_offers_what_is_done_there_and_no_change_of_plan(at_stripe, capsys):
    assert stripe_portal.configuration() is None
    _run(capsys)
    setup = StripeSetup.objects.get()
    assert (setup.livemode, setup.portal_configuration) == (False, stripe_portal.configuration())
    there = at_stripe.client.v1.billing_portal.configurations.retrieve(setup.portal_configuration)
    features = there.features
    assert (features.invoice_history.enabled, features.payment_method_update.enabled) == (True, True)
    assert (features.subscription_cancel.enabled, features.subscription_cancel.mode) == (
        True,
        "at_period_end",
    )
    assert features.subscription_update.enabled is False


def test_portal_follows_the_address_of_the_studio(at_stripe, capsys, settings):
    _run(capsys)
    before = stripe_portal.configuration()
    settings.SITE_URL = "https://atelier.example.com"
    _run(capsys)
    assert stripe_portal.configuration() == before
    there = at_stripe.client.v1.billing_portal.configurations.retrieve(before)
    assert there.default_return_url == "https://atelier.example.com/billing/"


# Webhook endpoints.


def test_endpoint_is_told_of_exactly_what_is_handled(at_stripe, capsys, settings):
    settings.SITE_URL = "https://atelier.example.com/"
    _run(capsys)
    (there,) = _endpoints(at_stripe).values()
    row = WebhookEndpoint.objects.get()
    assert there.url == f"https://atelier.example.com/stripe/webhook/{row.djstripe_uuid}/" == row.url
    assert tuple(sorted(there.enabled_events)) == EVENT_TYPES
    assert there.api_version == "2026-08-26.dahlia"
    assert (row.id, row.secret.startswith("whsec_"), row.livemode) == (there.id, True, False)
    assert (row.djstripe_tolerance, row.djstripe_validation_method) == (300, "verify_signature")


def test_endpoint_follows_the_studio_and_keeps_its_secret(at_stripe, capsys, settings):
    _run(capsys)
    before = WebhookEndpoint.objects.get()
    at_stripe.client.v1.webhook_endpoints.update(
        before.id, {"enabled_events": ["invoice.paid"], "disabled": True}
    )
    settings.SITE_URL = "https://elsewhere.example.com"
    assert f"Changed the webhook endpoint: {before.id}." in _run(capsys)
    (there,) = _endpoints(at_stripe).values()
    row = WebhookEndpoint.objects.get()
    assert (row.secret, row.djstripe_uuid) == (before.secret, before.djstripe_uuid)
    assert there.url == f"https://elsewhere.example.com/stripe/webhook/{row.djstripe_uuid}/" == row.url
    assert (there.status, len(there.enabled_events)) == ("enabled", len(EVENT_TYPES))


def test_rotation_has_two_side_by_side_until_the_old_one_is_retired(at_stripe, capsys):
    _run(capsys)
    old = WebhookEndpoint.objects.get()
    _run(capsys, rotate_webhook=True)
    both = set(WebhookEndpoint.objects.values_list("id", flat=True))
    assert both == set(_endpoints(at_stripe))
    (new,) = WebhookEndpoint.objects.exclude(id=old.id)
    assert len({old.secret, new.secret, ""}) == 3
    before = _requests()
    _run(capsys)  # a run in between leaves both
    assert (set(_endpoints(at_stripe)), _requests()) == (both, before)
    assert f"Removed the webhook endpoint {old.id}." in _run(capsys, retire_webhooks=True)
    assert set(_endpoints(at_stripe)) == {new.id}
    assert list(WebhookEndpoint.objects.values_list("id", "secret")) == [(new.id, new.secret)]


def test_endpoint_whose_secret_was_lost_is_replaced(at_stripe, capsys):
    _run(capsys)
    lost = WebhookEndpoint.objects.get().id
    WebhookEndpoint.objects.all().delete()
    _run(capsys)
    row = WebhookEndpoint.objects.get()
    assert (row.id != lost, set(_endpoints(at_stripe))) == (True, {row.id})


def test_endpoint_removed_at_stripe_is_made_again(at_stripe, capsys):
    _run(capsys)
    gone = WebhookEndpoint.objects.get().id
    at_stripe.client.v1.webhook_endpoints.delete(gone)
    _run(capsys)
    assert WebhookEndpoint.objects.get().id != gone


def test_endpoints_of_others_are_not_touched(at_stripe, capsys):
    other = at_stripe.client.v1.webhook_endpoints.create(
        {"url": "https://shop.example.com/hook", "enabled_events": ["invoice.paid"]}
    )
    _run(capsys, rotate_webhook=True)
    _run(capsys, retire_webhooks=True)
    assert other.id in _endpoints(at_stripe)


def test_answer_with_the_secret_that_was_cut_off_is_asked_for_again(at_stripe, capsys, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    at_stripe.dials(cut=3, cut_path="/v1/webhook_endpoints")
    with pytest.raises(CommandError, match="run it again"):
        _run(capsys)
    assert not WebhookEndpoint.objects.exists()
    (made,) = _endpoints(at_stripe)
    _run(capsys)
    row = WebhookEndpoint.objects.get()
    assert (row.id, set(_endpoints(at_stripe)), row.secret.startswith("whsec_")) == (made, {made}, True)


def test_run_that_was_cut_off_is_finished_by_the_next(at_stripe, capsys, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    load(source=edited("month_cents = 2_900", "month_cents = 3_300"))
    at_stripe.dials(cut=3, cut_path="/v1/prices")
    with pytest.raises(CommandError):
        _run(capsys)
    assert "Starter" in unsold()
    _run(capsys)
    plan = Plan.objects.get(code="starter")
    assert _active_prices(at_stripe, plan.stripe_id) == [(3_300, "month"), (29_000, "year")]


def test_forwarded_events_are_accepted_under_the_command_line_s_secret(at_stripe, capsys):
    told = _run(capsys, listen_secret="whsec_of_the_cli")
    row = WebhookEndpoint.objects.get()
    assert (row.secret, _endpoints(at_stripe)) == ("whsec_of_the_cli", {})
    assert f"--forward-to http://localhost:8000/stripe/webhook/{row.djstripe_uuid}/" in told
    _run(capsys, listen_secret="whsec_another")
    assert WebhookEndpoint.objects.get().djstripe_uuid == row.djstripe_uuid
    _run(capsys)
    assert set(WebhookEndpoint.objects.values_list("secret", flat=True)) > {"whsec_another"}


def test_without_an_answer_it_says_so(at_stripe, capsys, settings):
    settings.STRIPE_API_HOST, settings.STRIPE_TIMEOUT = "http://127.0.0.1:9", 0.2
    with pytest.raises(CommandError, match="could not be reached"):
        _run(capsys)
    assert unsold() != []
