"""Loading: idempotent, versioned, all or nothing."""

import pytest
from django.core.management import CommandError, call_command

from billing.catalogue.loading import load
from billing.catalogue.reading import CatalogueError
from billing.entitlements import limits_for
from billing.models import (
    AgentPrice,
    CatalogueVersion,
    ModelPrice,
    Plan,
    PlanTerms,
    Price,
    Product,
    Subscription,
)
from tests.billing.catalogues import edited, load_shipped, unload
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


def _everything():
    models = (CatalogueVersion, Plan, PlanTerms, Price, Product, ModelPrice, AgentPrice, Subscription)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_first_load_publishes_every_plan():
    unload()
    loaded = load_shipped("atelier")
    assert [str(terms) for terms in loaded.terms] == [
        "Free, version 1",
        "Starter, version 1",
        "Pro, version 1",
        "Enterprise, version 1",
    ]
    pro = PlanTerms.objects.get(plan__code="pro")
    assert {price.interval: price.amount_cents for price in pro.prices.all()} == {
        "month": 7_900,
        "year": 79_000,
    }
    assert pro.credits_per_month == 500
    assert pro.limits.projects == 50
    assert ModelPrice.objects.count() == 13
    assert AgentPrice.objects.get(name="avatar-g").minimum_plan.code == "enterprise"
    assert Product.objects.count() == 3


def test_same_figures_again_change_nothing():
    before = _everything()
    loaded = load(source=edited("# Amounts", "# Sums"))
    assert (loaded.changed, loaded.terms) == (False, ())
    assert _everything() == before


def test_changed_plan_gets_a_new_version_and_subscribers_keep_theirs(alice, charlie):
    loaded = load(source=edited("projects = 2\n", "projects = 3\n"))
    assert [str(terms) for terms in loaded.terms] == ["Free, version 2"]
    assert PlanTerms.objects.filter(plan__code="pro").count() == 1
    assert limits_for(alice).projects == 2
    assert limits_for(open_account("dora")).projects == 3


def test_changed_price_gets_a_new_version_with_its_own_prices():
    load(source=edited("month_cents = 2_900", "month_cents = 3_100"))
    first, second = PlanTerms.objects.filter(plan__code="starter").order_by("version")
    assert [p.amount_cents for p in first.prices.all()] == [2_900, 29_000]
    assert [p.amount_cents for p in second.prices.all()] == [3_100, 29_000]
    assert (first.is_current, second.is_current) == (False, True)


def test_another_catalogue_withdraws_plans_and_models_and_keeps_subscribers(alice):
    terms = PlanTerms.objects.get(plan__code="starter")
    Subscription.objects.filter(user=alice).update(terms=terms)
    loaded = load_shipped("humanizer")
    assert sorted(loaded.withdrawn) == ["pro", "starter"]
    assert [terms.plan.code for terms in PlanTerms.objects.offered()] == ["free", "premium", "enterprise"]
    assert limits_for(alice).projects == 10
    assert not Product.objects.filter(is_offered=True).exists()


def test_free_plan_may_move_to_another_code():
    source = edited('code = "starter"', 'code = "premium"').replace(
        'price = "free"', 'price = "on request"', 1
    )
    source = source.replace('code = "premium"\nname = "Starter"', 'code = "premium"\nname = "Open"', 1)
    source = source.replace("price = { month_cents = 2_900, year_cents = 29_000 }", 'price = "free"', 1)
    load(source=source)
    assert PlanTerms.objects.free().plan.code == "premium"


def test_bad_file_changes_nothing():
    before = _everything()
    with pytest.raises(CatalogueError, match=r"^models\.house\.multiplier: "):
        load(source=edited("multiplier = 0.1", "multiplier = nan"))
    assert _everything() == before


def test_failure_late_in_a_load_changes_nothing(monkeypatch):
    before = _everything()

    def fail():
        raise RuntimeError("the last step fails")

    monkeypatch.setattr("billing.free_credits.grant_waiting_allowances", fail)
    with pytest.raises(RuntimeError, match="last step"):
        load(source=edited("projects = 2\n", "projects = 3\n"))
    assert _everything() == before


def test_load_opens_subscriptions_for_users_who_came_before_it():
    unload()
    early = open_account("early")
    unproven = open_account("unproven", verified=False)
    assert not Subscription.objects.exists()
    load_shipped("atelier")
    assert Subscription.objects.get(user=early).allowance == "granted"
    assert Subscription.objects.get(user=unproven).allowance == "waiting"
    early.wallet.refresh_from_db()
    assert early.wallet.available == 20


def test_command_says_what_it_did(capsys, tmp_path):
    call_command("load_catalogue", "atelier")
    assert capsys.readouterr().out == (
        "Atelier: 4 plans, 13 models.\nThese figures were in force already; nothing changed.\n"
    )
    path = tmp_path / "mine.toml"
    path.write_text(edited("projects = 2\n", "projects = 3\n"))
    call_command("load_catalogue", str(path))
    assert capsys.readouterr().out == "Atelier: 4 plans, 13 models.\nPublished: Free, version 2.\n"
    call_command("load_catalogue", "atelier", "--if-none")
    assert capsys.readouterr().out == "A catalogue is loaded already; it stays.\n"
    assert PlanTerms.objects.free().limits.projects == 3


def test_command_refuses_with_the_path(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(edited("projects = 2\n", ""))
    with pytest.raises(
        CommandError, match=r"^Nothing was changed\. plans\.free\.limits\.projects: is missing$"
    ):
        call_command("load_catalogue", str(path))
    with pytest.raises(CommandError, match="nowhere: is neither a catalogue of ours"):
        call_command("load_catalogue", "nowhere")


def test_trial_makes_a_new_version():
    loaded = load(source=edited("credits_per_month = 150", "credits_per_month = 150\ntrial_days = 14"))
    assert [str(terms) for terms in loaded.terms] == ["Starter, version 2"]
    assert (loaded.terms[0].trial_days, loaded.terms[0].trial_credits) == (14, 0)


def test_service_is_stored_with_what_it_brings():
    review = Product.objects.get(code="manuscript-review")
    assert (review.service, review.includes_credits, review.credits) == ("manuscript-review", 150, None)


def test_product_at_another_price_is_unknown_to_stripe_until_it_is_set_up_again():
    Product.objects.filter(code="credits-100").update(stripe_id="prod_1", stripe_price_id="price_1")
    Product.objects.filter(code="credits-500").update(stripe_id="prod_2", stripe_price_id="price_2")
    load(source=edited("price_cents = 1_900", "price_cents = 2_100"))
    assert list(Product.objects.values_list("stripe_id", "stripe_price_id")) == [
        ("prod_1", None),
        ("prod_2", "price_2"),
        (None, None),
    ]
