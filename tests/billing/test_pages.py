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
    assert "Paid plans are switched on by the operator of this studio." in text
    assert "Claude Opus 4.5 ×\u202f3" in text
    assert "100 credits" in text
    assert "Your plan" not in text


def test_start_free_leads_to_sign_up_and_no_button_is_dead(client_for):
    answer = client_for(None).get("/pricing/")
    assert 'href="/accounts/signup/">Start free' in _card(answer, "free")
    for plan in ("starter", "pro", "enterprise"):
        assert "btn" not in _card(answer, plan)


def test_own_plan_is_marked(alice, charlie, client_for):
    answer = client_for(alice).get("/pricing/")
    assert "Your plan" in _card(answer, "free")
    assert "Start free" not in _card(answer, "free")
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


def test_prices_page_costs_the_same_whoever_looks(alice, client_for, django_assert_num_queries):
    anonymous = client_for(None)
    anonymous.get("/pricing/")
    with django_assert_num_queries(5):  # terms, prices, models, products, catalogue
        anonymous.get("/pricing/")


def test_plan_page_shows_limits_and_what_is_included(alice, client_for):
    answer = client_for(alice).get("/plan/")
    assert answer.status_code == 200
    text = _text(answer)
    for words in (
        "The free plan has no end date.",
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
    text = _text(client.get("/plan/"))
    for words in (
        "Projects 1 of 2",
        "Documents and notes 1 of 100",
        "Sessions a month 0 of 5",
        "Jobs at once 0 of 1",
    ):
        assert words in text


def test_plan_page_says_until_when_a_plan_was_given(alice, charlie, client_for):
    subscription = comp(alice, "pro", actor=charlie)
    text = _text(client_for(alice).get("/plan/"))
    assert "given by the studio" in text
    assert f"Yours until {subscription.ends_at:%-d %B %Y}." in text
    assert subscription.reason not in text


def test_plan_page_says_why_there_are_no_credits(client_for, alice):
    assert "They arrive once your address is verified" in _text(
        client_for(open_account("dora", verified=False)).get("/plan/")
    )
    assert "given once to a person" in _text(client_for(open_account("alice+again")).get("/plan/"))


def test_plan_page_asks_strangers_to_sign_in(client_for):
    answer = client_for(None).get("/plan/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/plan/"


def _render(error, template="components/refusal.html", user=None):
    request = RequestFactory().get("/projects/")
    request.user = user
    return re.sub(r"[ \n]+", " ", render_to_string(template, {"error": error}, request=request))


def test_refusal_names_the_plan_with_one_button(alice):
    with pytest.raises(Refused) as refused:
        entitlements.require(user=alice, limit="projects", used=2)
    html = _render(refused.value)
    assert "Free carries 2 projects, and you have 2. Starter carries 10, for $29 a month." in html
    assert 'href="/pricing/#starter">See Starter</a>' in html
    assert html.count("btn--primary") == 1


def test_refusal_of_the_wallet_and_of_the_clock():
    html = _render(
        InsufficientCredits("This needs 9 credits; 2 are available.", details={"available": 2, "needed": 9})
    )
    assert "Nothing was started and nothing was spent." in html
    html = _render(TooMany("Too fast.", retry_after=1))
    assert "Try again in 1 second. What you typed is kept." in html


def test_refused_page_is_whole_for_the_signed_in(alice):
    html = _render(Refused("No."), "refusal.html", alice)
    assert 'href="/plan/"' in html
    assert 'href="/" data-back>Go back</a>' in html


def test_refused_page_is_whole_for_the_signed_out_too():
    html = _render(Refused("No."), "refusal.html", AnonymousUser())
    assert "Start free" in html
    assert "Sign out" not in html
