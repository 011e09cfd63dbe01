"""Me, my preferences and my avatars by the API."""

import pytest
from django.test import Client

from accounts.models import Avatar, User

ME = "/api/v1/users/me"
PREFERENCES = "/api/v1/users/me/preferences"
AVATARS = "/api/v1/avatars"


@pytest.mark.parametrize(
    "path", [ME, PREFERENCES, AVATARS, f"{AVATARS}/00000000-0000-4000-8000-000000000000"]
)
def test_a_stranger_is_not_signed_in(db, api_for, path):
    refused = api_for(None).get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_authenticated")


def test_me(alice, api_for):
    assert api_for(alice).get(ME).json() == {
        "id": str(alice.pk),
        "email": "alice@example.com",
        "display_name": "Alice",
        "time_zone": "UTC",
        "created_at": alice.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_name_and_zone_can_be_changed(alice, api_for):
    changed = api_for(alice).patch(ME, {"display_name": " Alice Munro ", "time_zone": "America/Toronto"})
    assert changed.status_code == 200
    assert (changed.json()["display_name"], changed.json()["time_zone"]) == ("Alice Munro", "America/Toronto")
    alice.refresh_from_db()
    assert alice.display_name == "Alice Munro"


def test_times_stay_in_utc_whatever_the_zone(alice, client_for):
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    assert client_for(alice).get(ME).json()["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"time_zone": "Mars/Olympus"}, "time_zone"), ({"display_name": "x" * 81}, "display_name")],
)
def test_a_wrong_value_is_refused_by_name(alice, api_for, body, field):
    refused = api_for(alice).patch(ME, body)
    assert refused.status_code == 422
    assert list(refused.json()["error"]["details"]["fields"]) == [field]


def test_no_other_field_can_be_set(alice, api_for):
    """D05: every field of the model is sent."""
    before = User.objects.values().get(pk=alice.pk)
    names = [field.name for field in User._meta.get_fields()] + ["wallet", "plan", "credits"]
    body = {name: True for name in names if name not in ("display_name", "time_zone")}
    assert api_for(alice).patch(ME, body).status_code == 200
    assert User.objects.values().get(pk=alice.pk) == before


def test_preferences_are_complete_and_replaceable(alice, api_for):
    client = api_for(alice)
    assert client.get(PREFERENCES).json()["theme"] == "system"
    put = client.put(
        PREFERENCES,
        {"theme": "dark", "default_max_rounds": 7, "notifications": {"quota_80": {"email": False}}},
    )
    assert put.status_code == 200
    assert client.get(PREFERENCES).json() == put.json()
    assert (put.json()["theme"], put.json()["default_max_rounds"]) == ("dark", 7)
    assert client.put(PREFERENCES, {}).json()["theme"] == "system"


@pytest.mark.parametrize("body", [{"colour": "red"}, {"theme": 1}, ["theme"]])
def test_wrong_preferences_change_nothing(alice, api_for, body):
    client = api_for(alice)
    client.put(PREFERENCES, {"theme": "dark"})
    refused = client.put(PREFERENCES, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid")
    assert client.get(PREFERENCES).json()["theme"] == "dark"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_avatars_costs_one_query_for_any_number(alice, api_for, rows, django_assert_num_queries):
    for number in range(rows - 1):
        Avatar.objects.create(user=alice, display_name=f"Pen name {number}")
    client = api_for(alice)
    with django_assert_num_queries(4):  # the user of the token, the avatars, those within the plan, the plan
        listed = client.get(AVATARS).json()
    assert len(listed["results"]) == rows
    assert listed["next"] is None


def test_an_avatar_can_be_changed(alice, api_for):
    avatar = alice.avatars.get()
    changed = api_for(alice).patch(
        f"{AVATARS}/{avatar.pk}", {"voice_guide": "Dry, short sentences.", "is_primary": False, "user": "x"}
    )
    assert changed.status_code == 200
    assert changed.json()["voice_guide"] == "Dry, short sentences."
    avatar.refresh_from_db()
    assert (avatar.voice_guide, avatar.is_primary, avatar.display_name) == (
        "Dry, short sentences.",
        True,
        "Alice",
    )


def test_an_avatar_keeps_a_name(alice, api_for):
    avatar = alice.avatars.get()
    refused = api_for(alice).patch(f"{AVATARS}/{avatar.pk}", {"display_name": "  "})
    assert refused.status_code == 422
    assert list(refused.json()["error"]["details"]["fields"]) == ["display_name"]


@pytest.mark.parametrize("method", ["get", "patch"])
def test_another_users_avatar_is_not_found(alice, charlie, api_for, method):
    path = f"{AVATARS}/{alice.avatars.get().pk}"
    answer = getattr(api_for(charlie), method)(path, {"display_name": "Mine"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert alice.avatars.get().display_name == "Alice"


def test_a_session_needs_the_csrf_token_to_write(alice):
    """G09."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get(ME).status_code == 200
    refused = browser.patch(ME, {"display_name": "Evil"}, content_type="application/json")
    assert refused.status_code == 403


def test_docs_and_schema_are_served(db, client):
    assert client.get("/api/v1/schema").status_code == 200
    assert b"swagger" in client.get("/api/docs/").content
