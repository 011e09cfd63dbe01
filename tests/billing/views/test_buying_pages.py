"""The pages from a choice to its payment, and those that change and end a plan."""

import re
from datetime import timedelta

import pytest

from billing.models import StripeRequest, StripeSubscription
from config.common.clock import now
from tests.billing.paying import bought, customer_of, invoice, past_due, pays, price_of
from tests.billing.shop import FAILS_LATER, Shop
from tests.billing.told import name_prices

pytestmark = pytest.mark.django_db
INVOICES_ASK = 6
ATTEMPT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def shop(at_stripe):
    return Shop(at_stripe)


def _text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def _hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1]


def _asked():
    return StripeRequest.objects.filter(operation="checkout.session.create").count()


def test_choice_is_shown_by_its_address(alice, client_for):
    text = _text(client_for(alice).get("/billing/choose/?plan=pro&interval=year"))
    assert "$790 a year" in text
    assert "$158 less in a year" in text
    assert "Continue to the payment" in text
    assert "Nothing was paid" not in text
    text = _text(client_for(alice).get("/billing/choose/?product=credits-100&back=1"))
    assert "Nothing was paid" in text
    assert "$19 once" in text


@pytest.mark.parametrize("query", ["", "?plan=none", "?plan=free", "?product=none", "?plan=pro'--"])
def test_unknown_choice_leads_to_the_prices(alice, client_for, query):
    answer = client_for(alice).get(f"/billing/choose/{query}")
    assert (answer.status_code, answer["Location"]) == (302, "/pricing/")


def test_choice_is_kept_through_signing_in(client_for):
    answer = client_for(None).get("/billing/choose/?plan=pro&interval=year")
    assert answer["Location"] == "/accounts/login/?next=/billing/choose/%3Fplan%3Dpro%26interval%3Dyear"


def test_chosen_plan_leads_to_the_checkout_once_for_a_form(shop, alice, client_for):
    client, form = client_for(alice), {"plan": "pro", "interval": "year", "attempt": ATTEMPT}
    first = client.post("/billing/choose/", form)
    assert (first.status_code, first["Location"].startswith(shop.sandbox.url)) == (302, True)
    assert client.post("/billing/choose/", form)["Location"] == first["Location"]
    assert _asked() == 1
    sent = StripeRequest.objects.get(operation="checkout.session.create").parameters
    assert sent["cancel_url"].endswith("/billing/choose/?plan=pro&interval=year&back=1")
    assert sent["success_url"].endswith("/billing/paid/?session={CHECKOUT_SESSION_ID}")
    client.post("/billing/choose/", {**form, "interval": "month"})
    assert _asked() == 2


def test_subscriber_sees_what_a_change_costs_before_agreeing(shop, alice, client_for):
    shop.subscribe(alice, "starter")
    client = client_for(alice)
    shown = client.post("/billing/choose/", {"plan": "pro", "interval": "month"})
    assert shown.status_code == 200
    text = _text(shown)
    for words in (
        "Pro, for the rest of the time",
        "What you have not used of Starter",
        "Due now",
        "Next payment",
    ):
        assert words in text
    assert StripeSubscription.objects.get().price.terms.plan.code == "starter"
    agreed = {name: _hidden(shown, name) for name in ("plan", "interval", "proration_date")}
    agreed["plan"] = "pro"
    answer = client.post("/billing/change/", {**agreed, "interval": "month", "attempt": ATTEMPT}, follow=True)
    assert answer.redirect_chain == [("/billing/", 302)]
    assert "You are on Pro now." in _text(answer)
    assert StripeSubscription.objects.get().price.terms.plan.code == "pro"


def test_upgrade_prompt_keeps_the_interval_that_is_paid(shop, alice, client_for):
    shop.subscribe(alice, "starter", "year")
    client = client_for(alice)
    shown = client.post("/billing/choose/", {"plan": "pro"})  # the button of a refusal names no interval
    assert "Starter, by the year → to Pro, by the year" in _text(shown)
    assert "It begins as soon as you agree." in _text(shown)
    assert (_hidden(shown, "interval"), _hidden(shown, "proration_date").isdigit()) == ("year", True)
    assert "$790 a year" in _text(client.get("/billing/choose/?plan=pro"))
    prices = client.get("/pricing/")
    assert 'hx-get="?interval=year" aria-current="true"' in prices.content.decode()
    assert "Upgrade to Pro" in _text(prices)
    months = _text(client.get("/pricing/?interval=month"))
    assert ("Change to Pro" in months, "Upgrade to Pro" in months) == (True, False)


def test_upgrade_prompt_to_a_plan_without_years_is_by_the_month(shop, alice, client_for):
    shop.subscribe(alice, "starter", "year")
    price_of("pro", "year").delete()
    assert "Pro, by the month" in _text(client_for(alice).post("/billing/choose/", {"plan": "pro"}))


def test_smaller_plan_is_planned_and_undone(shop, alice, client_for):
    shop.subscribe(alice, "pro")
    client = client_for(alice)
    shown = client.post("/billing/choose/", {"plan": "starter", "interval": "month"})
    assert "Until then everything stays as it is" in _text(shown)
    assert "proration_date" not in shown.content.decode()
    answer = client.post("/billing/change/", {"plan": "starter", "interval": "month"}, follow=True)
    assert "Starter begins on" in _text(answer)
    assert "Undo the change" in _text(answer)
    answer = client.post("/billing/undo/", follow=True)
    assert "The change is undone." in _text(answer)
    assert StripeSubscription.objects.get().next_price is None


def test_plan_is_cancelled_and_kept_after_all(shop, alice, client_for):
    shop.subscribe(alice, "pro")
    client = client_for(alice)
    text = _text(client.get("/billing/cancel/"))
    assert "Nothing is deleted. All of it is back with the larger plan." in text
    assert StripeSubscription.objects.get().cancel_at is None
    answer = client.post("/billing/cancel/", follow=True)
    assert "Nothing more is charged" in _text(answer)
    assert "Keep the plan" in _text(answer)
    assert client.get("/billing/cancel/")["Location"] == "/billing/"
    answer = client.post("/billing/resume/", follow=True)
    assert "Your plan goes on." in _text(answer)
    assert StripeSubscription.objects.get().cancel_at is None


def test_whoever_pays_for_nothing_has_nothing_to_cancel(alice, client_for):
    client = client_for(alice)
    assert client.get("/billing/cancel/")["Location"] == "/billing/"
    answer = client.post("/billing/cancel/")
    assert (answer.status_code, "See the plans" in _text(answer)) == (409, True)
    answer = client.post("/billing/portal/")
    assert (answer.status_code, "See the plans" in _text(answer)) == (400, True)


def test_change_that_waits_for_a_payment_leads_to_it(shop, alice, client_for):
    paid = shop.subscribe(alice, "starter", card="4000000000000341")
    with shop.at(paid.period_end + timedelta(hours=2), alice):
        answer = client_for(alice).post("/billing/choose/", {"plan": "pro", "interval": "month"})
        assert (answer.status_code, "See what is due" in _text(answer)) == (409, True)


def test_declined_card_changes_nothing_and_leads_to_another(shop, alice, client_for):
    shop.subscribe(alice, "starter", card=FAILS_LATER)
    client = client_for(alice)
    shown = client.post("/billing/choose/", {"plan": "pro"})
    agreed = {name: _hidden(shown, name) for name in ("plan", "interval", "proration_date", "attempt")}
    answer = client.post("/billing/change/", {**agreed, "plan": "pro"})
    text = _text(answer)
    assert (answer.status_code, "Your card was declined." in text) == (402, True)
    assert "Nothing was paid, and your plan stays as it was." in text
    assert "Use another card" in text
    assert 'action="/billing/portal/"' in answer.content.decode()
    assert StripeSubscription.objects.get().price.terms.plan.code == "starter"


def test_change_that_was_seen_too_long_ago_is_looked_at_again(shop, alice, client_for):
    shop.subscribe(alice, "starter")
    sent = {"plan": "pro", "interval": "month", "proration_date": "1000"}
    answer = client_for(alice).post("/billing/change/", sent)
    assert answer.status_code == 409
    assert 'href="/billing/choose/?plan=pro&amp;interval=month">Look at it again' in answer.content.decode()
    assert StripeSubscription.objects.get().price.terms.plan.code == "starter"


def test_cancelled_plan_is_kept_before_it_is_changed(shop, alice, client_for):
    shop.subscribe(alice, "pro")
    client = client_for(alice)
    client.post("/billing/cancel/")
    page = _text(client.get("/billing/"))
    assert ("Keep the plan" in page, "Upgrade or change" in page) == (True, False)
    answer = client.post("/billing/choose/", {"plan": "enterprise"})
    assert (answer.status_code, "Keep it first, then change it." in _text(answer)) == (409, True)
    assert '<a class="btn btn--primary" href="/billing/">See your plan</a>' in answer.content.decode()


@pytest.mark.parametrize("path", ["/billing/choose/", "/billing/cancel/", "/billing/portal/"])
def test_stripe_that_is_away_is_said_and_nothing_is_lost(alice, client_for, settings, path):
    name_prices()
    paid = pays(alice) if path != "/billing/choose/" else None
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_HOST = "sk_test_away", "http://127.0.0.1:9"
    answer = client_for(alice).post(path, {"plan": "pro"})
    text = _text(answer)
    assert (answer.status_code, "Nothing was charged" in text, "See your plan" in text) == (503, True, True)
    if paid is not None:
        paid.refresh_from_db()
        assert (paid.cancel_at, paid.status) == (None, "active")


@pytest.mark.parametrize("date", ["soon", "99999999999999999999"])
def test_agreement_to_no_moment_changes_nothing(alice, client_for, date):
    pays(alice, "starter")
    answer = client_for(alice).post("/billing/change/", {"plan": "pro", "proration_date": date})
    assert answer.status_code == 422
    assert not StripeRequest.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["/pricing/", "/billing/", "/billing/invoices/", "/billing/choose/?plan=pro", "/billing/cancel/", "/billing/paid/?session=cs_1"],
)  # fmt: skip
def test_no_page_asks_stripe_to_be_shown(alice, client_for, settings, path):
    settings.STRIPE_API_HOST = "http://127.0.0.1:9"
    pays(alice)
    assert client_for(alice).get(path).status_code in (200, 302)
    assert not StripeRequest.objects.exists()


def test_page_after_the_checkout_waits_and_then_says_what_came(alice, client_for):
    session = f"cs_credits-100_{alice.pk.hex}"
    StripeRequest.objects.create(
        key="k", operation="checkout.session.create", user=alice, parameters={"mode": "payment"},
        state="done", result_id=session, created_at=now(), sent_at=now(), finished_at=now(),
    )  # fmt: skip
    client, path = client_for(alice), f"/billing/paid/?session={session}"
    waiting = client.get(path).content.decode()
    assert "Waiting for Stripe" in waiting
    assert f'hx-get="/billing/paid/?session={session}" hx-trigger="every 1s"' in waiting
    bought(alice)
    arrived = client.get(path)
    assert "100 credits have arrived" in _text(arrived)
    assert "hx-trigger" not in re.search(r'id="arrival".*?>', arrived.content.decode())[0]
    assert client.get("/billing/paid/?session=cs_other")["Location"] == "/billing/"


def test_billing_page_tells_what_failed_and_how_to_pay(alice, client_for):
    past_due(alice)
    answer = client_for(alice).get("/billing/")
    text = _text(answer)
    assert "Your payment of $79 for Pro did not go through" in text
    assert "2 times by now" in text
    assert 'href="https://invoice.stripe.test/in_open">Pay $79 now' in answer.content.decode()
    assert "Use another card" in text


def test_billing_page_shows_price_renewal_and_invoices(alice, client_for):
    paid = pays(alice, "starter", "year")
    for number in range(7):
        invoice(alice, f"in_000{number}", created=now() - timedelta(days=number))
    text = _text(client_for(alice).get("/billing/"))
    assert f"Renews on {paid.period_end:%-d %B %Y} for $290." in text
    assert text.count("A1B2C3-000") == 6
    assert "All invoices" in text


@pytest.mark.parametrize("rows", [1, 3])
def test_billing_page_asks_the_same_whatever_was_paid(alice, client_for, rows, django_assert_num_queries):
    pays(alice)
    customer_of(alice)
    codes = ["credits-100", "credits-500", "manuscript-review"][:rows]
    for number, code in enumerate(codes):
        invoice(alice, f"in_000{number}")
        bought(alice, code)
    client = client_for(alice)
    client.get("/billing/")
    with django_assert_num_queries(26):
        client.get("/billing/")


@pytest.mark.parametrize("rows", [1, 3])
def test_invoices_page_asks_the_same_whatever_their_number(
    alice, client_for, rows, django_assert_num_queries
):
    for number in range(rows):
        invoice(alice, f"in_000{number}")
    client = client_for(alice)
    client.get("/billing/invoices/")
    with django_assert_num_queries(INVOICES_ASK):
        assert _text(client.get("/billing/invoices/")).count("A1B2C3-000") == rows


def test_invoices_of_others_are_not_shown(alice, bob, client_for):
    invoice(bob, "in_0007")
    assert "No invoices yet" in _text(client_for(alice).get("/billing/invoices/"))
    assert "0007" not in _text(client_for(alice).get("/billing/"))


def test_planned_change_is_said_with_its_undoing(alice, client_for):
    paid = pays(alice)
    StripeSubscription.objects.update(next_price=price_of("starter"), next_at=paid.period_end)
    text = _text(client_for(alice).get("/billing/"))
    assert f"On {paid.period_end:%-d %B %Y} you change to Starter, by the month" in text
    assert f"It works as it is until {paid.period_end:%-d %B %Y}." in text


def test_one_who_owes_is_told_how_to_settle_it(alice, client_for):
    alice.wallet.__class__.objects.filter(owner=alice).update(owed=40)
    assert "Your account owes 40 credits" in _text(client_for(alice).get("/billing/"))
