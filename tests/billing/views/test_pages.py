"""The pages about plans, and refusals on pages."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from billing import entitlements
from config.common.errors import Refused, TooMany
from credits.ledger import InsufficientCredits
from objects.services import create_document, create_project
from tests.billing.catalogues import load_shipped, unload
from tests.billing.people import comp
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


def _text(answer):
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def _card(answer, plan):
    return re.search(rf'<article[^>]*id="{plan}".*?</article>', answer.content.decode(), re.DOTALL)[0]


def test_prices_are_public_and_come_from_the_catalogue(client_for):
    answer = client_for(None).get("/pricing/")
    assert answer.status_code == 200
    text = _text(answer)
    for words in (
        "$29 a month",
        "or $290 a year: 2 months free",
        "$79 a month",
        "$199 a month",
        "500 credits",
    ):
        assert words in text.replace("</b>", "")
    assert "2 months free by the year" in text
    assert "promotion codes are entered where you pay" in text
    assert "Claude Opus 4.5 ×\u202f3" in text
    assert "100 credits" in text
    assert "Your plan" not in text


def test_prices_by_the_year_say_what_they_save(client_for):
    answer = client_for(None).get("/pricing/?interval=year")
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _card(answer, "starter")))
    assert "$290 a year $24.17 a month, saves $58" in words
    assert 'href="?interval=month"' in answer.content.decode()
    assert 'href="?interval=year" hx-get="?interval=year" aria-current="true"' in answer.content.decode()


def test_visitor_signs_up_and_comes_back_to_the_plan(client_for):
    answer = client_for(None).get("/pricing/?interval=year")
    assert 'href="/accounts/signup/">Start free' in _card(answer, "free")
    back = "/accounts/signup/?next=%2Fbilling%2Fchoose%2F%3Fplan%3Dpro%26interval%3Dyear"
    assert f'href="{back}">Get Pro' in _card(answer, "pro")
    assert "/accounts/signup/?next=%2Fbilling%2Fchoose%2F%3Fproduct%3Dcredits-100" in answer.content.decode()
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert "csrftoken" not in answer.cookies


def test_each_plan_has_one_button_and_the_page_one_that_stands_out(alice, client_for):
    for reader in (None, alice):
        answer = client_for(reader).get("/pricing/")
        for plan in ("free", "starter", "pro", "enterprise"):
            assert _card(answer, plan).count('class="btn ') == 1
        assert answer.content.decode().count("btn--primary") == 1


def test_own_plan_is_marked(alice, charlie, client_for):
    answer = client_for(alice).get("/pricing/")
    assert "Your plan" in _card(answer, "free")
    assert "See what you have used" in _card(answer, "free")
    assert 'name="plan" value="starter"' in _card(answer, "starter")
    comp(alice, "pro", actor=charlie)
    answer = client_for(alice).get("/pricing/")
    assert "Your plan" in _card(answer, "pro")
    assert "Your plan" not in _card(answer, "free")


@pytest.mark.parametrize(
    ("name", "words"), [("humanizer", "On request"), ("avatar-g", "$499 a month"), (None, "No plans yet")]
)
def test_prices_of_every_catalogue(client_for, name, words):
    if name:
        load_shipped(name)
    else:
        unload()
    answer = client_for(None).get("/pricing/")
    assert answer.status_code == 200
    assert words in _text(answer)


def test_prices_page_asks_little(alice, client_for, django_assert_num_queries):
    anonymous, client = client_for(None), client_for(alice)
    anonymous.get("/pricing/")
    with django_assert_num_queries(5):  # terms, prices, models, products, catalogue
        anonymous.get("/pricing/")
    client.get("/pricing/")
    with django_assert_num_queries(8):  # and the user, what is paid for, the terms one is on
        client.get("/pricing/")


def test_plan_page_shows_limits_and_what_is_included(alice, client_for):
    answer = client_for(alice).get("/billing/")
    assert answer.status_code == 200
    text = _text(answer)
    for words in (
        "The free plan has no end date.",
        "20 credits available",
        "Words in a document 3\u202f000",
        "Versions are kept 30 days",
    ):
        assert words in text
    assert "Claude Haiku 4.5" in text
    assert "Claude Opus" not in text


def test_plan_page_shows_what_is_used_of_what(alice, client_for):
    create_document(
        owner=alice, project=create_project(owner=alice, fields={"title": "Harbour"}), title="One"
    )
    client = client_for(alice)
    text = _text(client.get("/billing/"))
    for words in (
        "Projects 1 of 2",
        "Documents and notes 1 of 100",
        "Sessions a month 0 of 5",
        "Jobs at once 0 of 1",
    ):
        assert words in text


def test_plan_page_says_until_when_a_plan_was_given(alice, charlie, client_for):
    subscription = comp(alice, "pro", actor=charlie)
    text = _text(client_for(alice).get("/billing/"))
    assert "given by the studio" in text
    assert f"Yours until {subscription.ends_at:%-d %B %Y}." in text
    assert subscription.reason not in text


def test_plan_page_says_why_there_are_no_credits(client_for, alice):
    assert "They arrive once your address is verified" in _text(
        client_for(open_account("dora", verified=False)).get("/billing/")
    )
    assert "given once to a person" in _text(client_for(open_account("alice+again")).get("/billing/"))


def test_former_address_of_the_plan_page_leads_on(alice, client_for):
    answer = client_for(alice).get("/plan/")
    assert (answer.status_code, answer["Location"]) == (301, "/billing/")


def test_plan_page_asks_strangers_to_sign_in(client_for):
    answer = client_for(None).get("/billing/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/billing/"


def _render(error, template="components/refusal.html", user=None):
    request = RequestFactory().get("/projects/")
    request.user = user
    return re.sub(r"[ \n]+", " ", render_to_string(template, {"error": error}, request=request))


def test_refusal_names_the_plan_with_one_button(alice):
    with pytest.raises(Refused) as refused:
        entitlements.require(user=alice, limit="projects", used=2)
    html = _render(refused.value, user=alice)
    assert "Free carries 2 projects, and you have 2. Starter carries 10, for $29 a month." in html
    assert 'form="choose" name="plan" value="starter">Get Starter for $29 a month</button>' in html
    assert html.count("btn--primary") == 1


def test_refusal_leads_whoever_is_signed_out_to_the_prices():
    refused = Refused("No.", details={"plan": {"code": "pro", "name": "Pro", "price_usd_cents": 7900}})
    html = _render(refused, user=AnonymousUser())
    assert 'href="/pricing/?plan=pro#pro">See Pro</a>' in html
    assert "<button" not in html


def test_button_of_a_refusal_belongs_to_the_form_of_the_page(alice, client_for):
    for title in ("One", "Two"):
        create_project(owner=alice, fields={"title": title})
    answer = client_for(alice).post("/projects/new/", {"title": "Three"})
    html = answer.content.decode()
    assert '<button class="btn btn--primary" form="choose" name="plan" value="starter">' in html
    form = re.search(r'<form id="choose".*?</form>', html, re.DOTALL)[0]
    assert 'action="/billing/choose/"' in form
    assert 'name="interval"' not in form  # it is changed as it is paid, and bought by the month
    assert re.search(r'name="attempt" value="[0-9a-f]{32}"', form)


def test_refusal_of_the_wallet_and_of_the_clock(alice):
    html = _render(
        InsufficientCredits("This needs 9 credits; 2 are available.", details={"available": 2, "needed": 9}),
        user=alice,
    )
    assert "Nothing was started and nothing was spent." in html
    assert "Starter brings 150 credits a month, for $29." in html
    assert 'href="/billing/choose/?plan=starter">Get Starter</a>' in html
    assert html.count("btn--primary") == 1
    html = _render(TooMany("Too fast.", retry_after=1))
    assert "Try again in 1 second. What you typed is kept." in html


def test_refused_page_is_whole_for_the_signed_in(alice):
    html = _render(Refused("No."), "refusal.html", alice)
    assert 'href="/billing/"' in html
    assert 'href="/" data-back>Go back</a>' in html


def test_refused_page_is_whole_for_the_signed_out_too():
    html = _render(Refused("No."), "refusal.html", AnonymousUser())
    assert "Start free" in html
    assert "Sign out" not in html
