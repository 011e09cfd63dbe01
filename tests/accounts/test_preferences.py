"""The document of preferences: typed, complete, strict by name."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from accounts.notifications import Channel, Kind
from accounts.preferences import Preferences, Theme, parse, stored
from config.common.errors import Invalid


def test_defaults():
    assert parse({}).model_dump(mode="json") == {
        "default_provider": None,
        "default_model": None,
        "default_max_rounds": 5,
        "show_evaluation_details": True,
        "theme": "system",
        "notifications": {},
    }


def test_only_what_was_chosen_is_stored():
    assert stored(parse({"theme": "dark", "notifications": {"quota_80": {"email": False}}})) == {
        "theme": "dark",
        "notifications": {"quota_80": {"email": False}},
    }


def test_a_stored_document_reads_back():
    chosen = parse({"theme": "light", "default_model": "claude-sonnet-4-5", "default_max_rounds": 12})
    assert parse(stored(chosen)) == chosen
    assert chosen.theme is Theme.LIGHT


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"theme": "sepia"}, "theme"),
        ({"theme": None}, "theme"),
        ({"default_max_rounds": "5"}, "default_max_rounds"),
        ({"default_max_rounds": True}, "default_max_rounds"),
        ({"default_max_rounds": 0}, "default_max_rounds"),
        ({"default_max_rounds": 21}, "default_max_rounds"),
        ({"show_evaluation_details": 1}, "show_evaluation_details"),
        ({"show_evaluation_details": "yes"}, "show_evaluation_details"),
        ({"default_model": "<script>"}, "default_model"),
        ({"default_provider": 7}, "default_provider"),
        ({"notifications": []}, "notifications"),
        ({"notifications": {"quota_80": False}}, "notifications.quota_80"),
        ({"notifications": {"quota_80": {"email": "off"}}}, "notifications.quota_80.email"),
        ({"notifications": {"quota_80": {"pigeon": True}}}, "notifications.quota_80.pigeon"),
        ({"notifications": {"gossip": True}}, "notifications.gossip"),
    ],
)
def test_what_is_wrong_is_refused_by_name(document, field):
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert list(refused.value.details["fields"]) == [field]


def test_all_wrong_fields_are_named_at_once():
    with pytest.raises(Invalid) as refused:
        parse({"colour": "red", "theme": "sepia", "default_max_rounds": 5})
    assert refused.value.details["fields"] == {
        "theme": ["Input should be 'light', 'dark' or 'system'"],
        "colour": ["There is no such preference."],
    }


def test_preferences_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="frozen"):
        Preferences().theme = Theme.DARK


class TestOldSwitches:
    """Switches from before there was one for each kind and channel."""

    steps = import_module("accounts.migrations.0003_preferences_by_channel")

    def test_they_are_turned_into_those_of_today_and_back(self, alice, bob):
        old = {"theme": "dark", "notifications": {"quota": False, "run_failed": True, "payment": False}}
        User.objects.filter(pk=alice.pk).update(chosen_preferences=old)
        self.steps.by_channel(apps, None)
        alice.refresh_from_db()
        off, on = {"in_app": False, "email": False}, {"in_app": True, "email": True}
        assert alice.chosen_preferences == {
            "theme": "dark",
            "notifications": {
                "quota_80": off,
                "quota_100": off,
                "run_failed": on,
                "payment_succeeded": off,
            },
        }
        assert not alice.preferences.wants(Kind.QUOTA_80, Channel.EMAIL)
        self.steps.by_topic(apps, None)
        alice.refresh_from_db()
        assert alice.chosen_preferences == old

    def test_what_may_no_longer_be_switched_off_is_left_out(self, alice):
        old = {"notifications": {"subscription": False, "moderation": False, "welcome": False}}
        User.objects.filter(pk=alice.pk).update(chosen_preferences=old)
        self.steps.by_channel(apps, None)
        alice.refresh_from_db()
        assert alice.chosen_preferences == {"notifications": {}}
        assert alice.preferences.wants(Kind.SUBSCRIPTION_CHANGED, Channel.EMAIL)
