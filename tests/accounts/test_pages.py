"""The settings pages."""

import re
from datetime import UTC, datetime

import pytest

from accounts.models import User

PAGES = ["/settings/", "/settings/preferences/", "/settings/avatars/", "/settings/security/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_sent_to_sign_in(db, client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={path}")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_and_writes_nothing(alice, client_for, path):
    client = client_for(alice)
    before = User.objects.values().get(pk=alice.pk)
    page = client.get(path)
    assert page.status_code == 200
    assert f'href="{path}" aria-current="page"' in page.content.decode()
    assert User.objects.values().get(pk=alice.pk) == before


@pytest.mark.parametrize("path", PAGES)
def test_a_page_obeys_the_content_policy(alice, client_for, path):
    html = client_for(alice).get(path).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)


def test_profile_is_saved(alice, client_for):
    client = client_for(alice)
    body = {"display_name": "Alice Munro", "time_zone": "Europe/Vienna"}
    saved = client.post("/settings/", body, follow=True)
    assert "Saved." in saved.content.decode()
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone) == ("Alice Munro", "Europe/Vienna")


def test_a_refused_profile_keeps_what_was_typed_and_changes_nothing(alice, client_for):
    page = client_for(alice).post("/settings/", {"display_name": "x" * 81, "time_zone": "Mars/Olympus"})
    assert page.status_code == 422
    assert "x" * 81 in page.content.decode()
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone) == ("Alice", "UTC")


def test_a_zone_outside_the_list_stays_choosable(alice, client_for):
    User.objects.filter(pk=alice.pk).update(time_zone="EST5EDT")
    assert '<option value="EST5EDT" selected>' in client_for(alice).get("/settings/").content.decode()


def test_preferences_are_saved_and_others_kept(alice, client_for):
    User.objects.filter(pk=alice.pk).update(
        chosen_preferences={"notifications": {"quota_80": {"email": False}}}
    )
    client = client_for(alice)
    client.post("/settings/preferences/", {"theme": "dark", "default_max_rounds": "7"})
    alice.refresh_from_db()
    assert alice.chosen_preferences == {
        "theme": "dark",
        "default_max_rounds": 7,
        "show_evaluation_details": False,
        "notifications": {"quota_80": {"email": False}},
    }
    assert 'data-theme="dark"' in client.get("/settings/").content.decode()


@pytest.mark.parametrize("body", [{"theme": "sepia", "default_max_rounds": "5"}, {"theme": "dark"}, {}])
def test_wrong_preferences_change_nothing(alice, client_for, body):
    client_for(alice).post("/settings/preferences/", body)
    alice.refresh_from_db()
    assert alice.chosen_preferences == {}


def test_the_theme_switch(alice, client_for):
    client = client_for(alice)
    assert client.post("/settings/theme/", {"theme": "dark"}).status_code == 204
    alice.refresh_from_db()
    assert alice.chosen_preferences == {"theme": "dark"}
    assert client.get("/settings/theme/").status_code == 405


def test_the_avatar_is_saved(alice, client_for):
    client_for(alice).post("/settings/avatars/", {"display_name": "A. M.", "bio": "", "voice_guide": "Dry."})
    avatar = alice.avatars.get()
    assert (avatar.display_name, avatar.voice_guide, avatar.is_primary) == ("A. M.", "Dry.", True)


def test_markup_in_names_is_text(alice, client_for):
    """G10."""
    payload = "<script>alert(1)</script>"
    User.objects.filter(pk=alice.pk).update(display_name=payload)
    alice.avatars.update(display_name=payload, bio=payload)
    for path in PAGES:
        assert payload not in client_for(alice).get(path).content.decode()


def test_pages_show_times_in_the_users_zone(alice, client_for):
    opened = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo", created_at=opened)
    assert "since 1 February 2026" in client_for(alice).get("/settings/").content.decode()


def test_a_suspended_user_is_signed_out(alice, client_for):
    client = client_for(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get("/settings/").status_code == 302
