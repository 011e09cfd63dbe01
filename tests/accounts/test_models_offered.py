"""A preferred model is one that the person's plan carries and this studio can reach."""

import pytest

from accounts import models_offered
from accounts.models import User
from accounts.models_offered import offered_to
from accounts.services.profile import change_preferences, replace_preferences
from config.common.errors import Invalid
from tests.objects.plans import put_on

PAGE = "/settings/preferences/"
FILLED = {"theme": "dark", "default_max_rounds": "5", "show_evaluation_details": "on"}


@pytest.fixture
def keys(settings):
    """This studio has keys of OpenAI and Anthropic."""
    settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = "scripted"


def names(user):
    return [choice.name for choice in offered_to(user)]


def test_what_is_offered_follows_plan_and_keys(alice, settings):
    assert names(alice) == ["house"]
    settings.OPENAI_API_KEY = "scripted"
    assert names(alice) == ["house", "gpt-4o-mini"]
    put_on(alice, "starter")
    assert {"gpt-4o", "gpt-4o-mini"} <= set(names(User.objects.get(pk=alice.pk)))


def test_somebody_tells_the_models_once():
    with pytest.raises(ValueError, match="already"):
        models_offered.register(lambda user: [])


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"default_model": "gpt-4o"}, "default_model"),
        ({"default_model": "nobody-knows-it"}, "default_model"),
        ({"default_provider": "google"}, "default_provider"),
        ({"default_provider": "house", "default_model": "gpt-4o-mini"}, "default_model"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(alice, keys, document, field):
    with pytest.raises(Invalid) as refused:
        replace_preferences(user=alice, document=document)
    assert list(refused.value.details["fields"]) == [field]
    alice.refresh_from_db()
    assert alice.chosen_preferences == {}


@pytest.mark.parametrize(
    "document",
    [
        {"default_model": "gpt-4o-mini"},
        {"default_provider": "openai"},
        {"default_provider": "openai", "default_model": "gpt-4o-mini"},
        {"default_provider": None, "default_model": None},
    ],
)
def test_what_is_offered_is_kept(alice, keys, document):
    replace_preferences(user=alice, document=document)
    alice.refresh_from_db()
    assert alice.chosen_preferences == document


def test_a_model_that_is_no_longer_offered_hinders_no_other_change(alice):
    User.objects.filter(pk=alice.pk).update(chosen_preferences={"default_model": "gpt-4o"})
    alice.refresh_from_db()
    change_preferences(user=alice, theme="dark")
    assert alice.chosen_preferences == {"default_model": "gpt-4o", "theme": "dark"}
    with pytest.raises(Invalid):
        change_preferences(user=alice, default_model="gpt-4o-mini")


def test_the_page_offers_and_saves_them(alice, keys, client_for):
    client = client_for(alice)
    page = client.get(PAGE).content.decode()
    assert '<optgroup label="OpenAI">' in page
    assert 'value="gpt-4o-mini"' in page
    assert 'value="gpt-4o"' not in page
    client.post(PAGE, {**FILLED, "default_provider": "openai", "default_model": "gpt-4o-mini"})
    alice.refresh_from_db()
    chosen = alice.chosen_preferences
    assert (chosen["default_provider"], chosen["default_model"]) == ("openai", "gpt-4o-mini")
    assert 'value="gpt-4o-mini" selected' in client.get(PAGE).content.decode()
    client.post(PAGE, {**FILLED, "default_provider": "", "default_model": ""})
    alice.refresh_from_db()
    assert (alice.preferences.default_provider, alice.preferences.default_model) == (None, None)


def test_the_page_refuses_beside_the_field_and_keeps_what_was_typed(alice, keys, client_for):
    answer = client_for(alice).post(
        PAGE, {**FILLED, "default_provider": "anthropic", "default_model": "gpt-4o-mini"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "gpt-4o-mini is served by OpenAI" in page
    assert 'value="anthropic" selected' in page
    alice.refresh_from_db()
    assert alice.chosen_preferences == {}


def test_the_page_shows_a_choice_that_is_no_longer_offered_and_keeps_it(alice, client_for):
    User.objects.filter(pk=alice.pk).update(chosen_preferences={"default_model": "gpt-4o"})
    client = client_for(alice)
    assert "gpt-4o (not offered now)" in client.get(PAGE).content.decode()
    client.post(PAGE, {**FILLED, "default_model": "gpt-4o"})
    alice.refresh_from_db()
    assert (alice.preferences.theme, alice.preferences.default_model) == ("dark", "gpt-4o")


def test_the_api_refuses_it_too(alice, api_for):
    refused = api_for(alice).put("/api/v1/users/me/preferences", {"default_model": "gpt-4o"})
    assert refused.status_code == 422
    assert list(refused.json()["error"]["details"]["fields"]) == ["default_model"]
