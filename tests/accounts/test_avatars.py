"""Several avatars: room in the plan, one active, one click to switch."""

import uuid
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from accounts import avatar_room
from accounts.models import Avatar, User
from accounts.services.avatars import (
    activate_avatar,
    add_avatar,
    create_avatar,
    delete_avatar,
    switchable,
    update_avatar,
    writing_as,
)
from billing.models import PlanTerms
from config.common.errors import Conflict, Invalid, Missing, Refused
from objects.services import create_document
from tests.objects.plans import put_on
from tests.support.sessions import race

PAGE = "/settings/avatars/"
API = "/api/v1/avatars"


@pytest.fixture
def author(alice):
    """Alice on a plan with several avatars."""
    put_on(alice, "starter")
    return alice


def primary(user):
    return user.avatars.get(is_primary=True)


def leave_plan(user):
    """Let the plan that `user` is on have run out."""
    user.subscriptions.filter(ended_at=None).update(
        started_at="2019-01-01T00:00Z", ends_at="2020-01-01T00:00Z"
    )


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_one_avatar_needs_no_switch(author):
    assert (switchable(author), writing_as(author)) == ([], primary(author))


def test_a_second_avatar_brings_the_switch_and_changes_nothing_else(author):
    second = add_avatar(user=author, display_name=" A. M. ", voice_guide="Dry.")
    assert (second.display_name, second.voice_guide, second.is_primary) == ("A. M.", "Dry.", False)
    assert switchable(author) == [primary(author), second]
    assert writing_as(fresh(author)) == primary(author)


def test_the_free_plan_has_one_and_the_refusal_names_the_plan_with_more(alice):
    with pytest.raises(Refused) as refused:
        add_avatar(user=alice, display_name="A. M.")
    assert (refused.value.code, refused.value.details["plan"]["code"]) == ("feature_not_in_plan", "starter")
    assert alice.avatars.count() == 1


def test_a_nameless_avatar_is_refused(author):
    with pytest.raises(Invalid):
        add_avatar(user=author, display_name="  ")
    assert (author.avatars.count(), fresh(author).active_avatar) == (1, None)


def test_somebody_guards_the_avatars_once():
    with pytest.raises(ValueError, match="already"):
        avatar_room.register(lambda user, held: None)


def test_new_documents_are_the_active_avatars_and_old_ones_stay(author):
    before = create_document(owner=author, title="Before")
    second = add_avatar(user=author, display_name="A. M.")
    activate_avatar(user=author, avatar_id=second.pk)
    after = create_document(owner=fresh(author), title="After")
    before.refresh_from_db()
    assert (before.avatar, after.avatar) == (primary(author), second)


def test_only_ones_own_avatars_can_be_activated_or_deleted(author, charlie):
    put_on(charlie, "starter")
    other = add_avatar(user=charlie, display_name="C.")
    for act in (activate_avatar, delete_avatar):
        for key in (other.pk, uuid.uuid4()):
            with pytest.raises(Missing):
                act(user=author, avatar_id=key)
    assert charlie.avatars.count() == 2


def test_on_a_smaller_plan_the_others_are_kept_and_only_read(author):
    second = add_avatar(user=author, display_name="A. M.")
    activate_avatar(user=author, avatar_id=second.pk)
    leave_plan(author)
    left = fresh(author)
    assert (writing_as(left), switchable(left)) == (primary(author), [])
    for act in (
        partial(activate_avatar, user=left, avatar_id=second.pk),
        partial(update_avatar, avatar=left.avatars.get(pk=second.pk), bio="x"),
        partial(add_avatar, user=left, display_name="B."),
    ):
        with pytest.raises(Refused):
            act()
    update_avatar(avatar=primary(left), bio="x")
    assert left.avatars.count() == 2


def test_deleting_falls_back_to_the_primary_and_keeps_the_work(author):
    second, third = (add_avatar(user=author, display_name=name) for name in ("A. M.", "B. N."))
    activate_avatar(user=author, avatar_id=second.pk)
    document = create_document(owner=fresh(author), title="Ledger")
    delete_avatar(user=author, avatar_id=second.pk)
    assert fresh(author).active_avatar == primary(author)
    document.refresh_from_db()
    assert document.avatar is None
    delete_avatar(user=author, avatar_id=third.pk)
    assert fresh(author).active_avatar is None
    with pytest.raises(Conflict, match="primary"):
        delete_avatar(user=author, avatar_id=primary(author).pk)


def test_two_primary_ones_are_refused_by_the_database(author):
    with pytest.raises(IntegrityError, match="accounts_avatar_one_primary"), transaction.atomic():
        Avatar.objects.create(user=author, display_name="x", is_primary=True)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_no_more_come_than_there_is_room(alice):
    """Without the held row each would count the same avatars."""
    put_on(alice, "starter")
    terms = PlanTerms.objects.get(plan__code="starter", is_current=True)
    PlanTerms.objects.filter(pk=terms.pk).update(limits_json={**terms.limits_json, "avatar_creations": 3})
    add = [partial(add_avatar, user=fresh(alice), display_name=f"{n}") for n in range(6)]
    results = race(*add)
    assert sorted(type(result).__name__ for result in results) == ["Avatar"] * 2 + ["Refused"] * 4
    assert alice.avatars.count() == 3


def test_the_header_switches_in_one_click_and_stays_where_one_was(author, client_for):
    client = client_for(author)
    assert 'class="personas"' not in client.get("/settings/").content.decode()
    second = add_avatar(user=author, display_name="A. M.")
    page = client.get("/settings/").content.decode()
    assert f'action="{PAGE}{second.pk}/activate/"' in page
    there = {"HTTP_REFERER": "http://testserver/documents/?q=x"}
    assert client.post(f"{PAGE}{second.pk}/activate/", **there).url == "http://testserver/documents/?q=x"
    assert fresh(author).active_avatar == second
    elsewhere = {"HTTP_REFERER": "https://evil.example/"}
    assert client.post(f"{PAGE}{second.pk}/activate/", **elsewhere).url == PAGE


@pytest.mark.parametrize("rows", [2, 4])
def test_the_switch_costs_the_same_however_many(author, client_for, rows, django_assert_num_queries):
    for number in range(rows - 1):
        add_avatar(user=author, display_name=f"{number}")
    client = client_for(author)
    client.get("/settings/security/")
    with django_assert_num_queries(10):
        client.get("/settings/security/")


def test_avatars_are_made_changed_and_deleted_on_their_page(author, client_for):
    client = client_for(author)
    assert client.get(f"{PAGE}new/").status_code == 200
    assert client.post(f"{PAGE}new/", {"display_name": ""}).status_code == 422
    client.post(f"{PAGE}new/", {"display_name": "A. M.", "voice_guide": "Dry."})
    second = author.avatars.get(is_primary=False)
    page = client.get(PAGE).content.decode()
    assert "Write as A. M." in page
    assert "writing now" in page
    client.post(f"{PAGE}{second.pk}/", {"display_name": "A. Marrow", "voice_guide": "Drier."})
    second.refresh_from_db()
    assert (second.display_name, second.voice_guide) == ("A. Marrow", "Drier.")
    client.post(f"{PAGE}{second.pk}/delete/")
    assert author.avatars.count() == 1


def test_the_page_asks_the_plan_before_anything_is_typed(alice, client_for):
    answer = client_for(alice).get(f"{PAGE}new/")
    assert answer.status_code == 403
    assert "Starter" in answer.content.decode()


def test_an_avatar_beyond_the_plan_can_only_be_read(author, client_for):
    second = create_avatar(user=author, display_name="A. M.")
    leave_plan(author)
    client = client_for(author)
    page = client.get(f"{PAGE}{second.pk}/").content.decode()
    assert "waits for your plan" in page
    assert ">Save</button>" not in page
    assert client.post(f"{PAGE}{second.pk}/", {"display_name": "x"}).status_code == 403


def test_avatars_over_the_api(author, api_for):
    api = api_for(author)
    made = api.post(API, {"display_name": "A. M.", "is_primary": True, "is_active": True})
    assert (made.status_code, made.data["is_primary"], made.data["is_active"]) == (201, False, False)
    second = f"{API}/{made.data['id']}"
    switched = api.post(f"{second}/activate")
    assert (switched.status_code, switched.data["is_active"]) == (200, True)
    assert [row["is_active"] for row in api.get(API).data["results"]] == [True, False]
    assert api.delete(second).status_code == 204
    assert api.delete(f"{API}/{primary(author).pk}").status_code == 409


def test_the_api_names_the_plan_that_has_room(alice, api_for):
    refused = api_for(alice).post(API, {"display_name": "A. M."})
    assert (refused.status_code, refused.data["error"]["code"]) == (403, "feature_not_in_plan")
    assert refused.data["error"]["details"]["plan"]["code"] == "starter"
