"""Personal API keys: shown once, kept as digests, scoped, gated by the plan, revocable at once."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import key_gate, keys
from accounts.keys import KeyRefused, find_key, make_key, note_use, revoke_key
from accounts.models import ApiKey, AuditEntry, User
from accounts.services.suspension import suspend, unsuspend
from config.common.errors import Conflict, Invalid, Missing, Refused
from objects.services import create_document
from tests.objects.plans import put_on
from tests.support.people import PASSWORD, open_operator

API = "/api/v1/auth/keys"
ME = "/api/v1/users/me"


@pytest.fixture
def author(alice):
    """Alice on the plan that has API keys."""
    put_on(alice, "enterprise")
    return alice


@pytest.fixture
def made(author):
    """A key of alice's that may write."""
    return make_key(user=author, name="Backup", scope="write")


def with_key(secret):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def leave_plan(user):
    """Let the plan that `user` is on have run out."""
    user.subscriptions.filter(ended_at=None).update(
        started_at="2019-01-01T00:00Z", ends_at="2020-01-01T00:00Z"
    )


class TestMaking:
    """Made by services, and kept so that nobody can show a key again."""

    def test_only_a_digest_is_kept(self, author, made):
        stored = ApiKey.objects.get()
        assert made.secret.startswith("atelier_")
        assert len(made.secret) == 51
        assert bytes(stored.digest) == hashlib.sha256(made.secret.encode()).digest()
        assert made.secret.startswith(stored.prefix)
        assert len(stored.prefix) == 14
        values = ApiKey.objects.values_list().get()
        assert not any(made.secret[14:] in str(value) for value in values)

    def test_the_act_is_audited_without_the_key(self, author, made):
        revoke_key(user=author, key_id=made.key.pk)
        entries = AuditEntry.objects.filter(subject_id=str(made.key.pk)).order_by("pk")
        assert [(entry.act, entry.actor_id, entry.user_id) for entry in entries] == [
            ("key.made", author.pk, author.pk),
            ("key.revoked", author.pk, author.pk),
        ]
        assert entries[0].after == {"name": "Backup", "prefix": made.key.prefix, "scope": "write"}
        assert not ApiKey.objects.exists()

    @pytest.mark.parametrize("plan", ["free", "starter", "pro"])
    def test_a_plan_without_keys_makes_none(self, alice, plan):
        if plan != "free":
            put_on(alice, plan)
        with pytest.raises(Refused) as refused:
            make_key(user=alice, name="Backup", scope="read")
        assert refused.value.code == "feature_not_in_plan"
        assert refused.value.details["plan"]["code"] == "enterprise"
        assert not ApiKey.objects.exists()

    @pytest.mark.parametrize(("name", "scope", "field"), [(" ", "read", "name"), ("x", "all", "scope")])
    def test_a_bad_field_is_named(self, author, name, scope, field):
        with pytest.raises(Invalid) as refused:
            make_key(user=author, name=name, scope=scope)
        assert list(refused.value.details["fields"]) == [field]

    def test_an_end_in_the_past_is_refused(self, author):
        with pytest.raises(Invalid, match="in the past"):
            make_key(user=author, name="x", scope="read", expires_at=timezone.now())

    def test_there_is_a_most(self, author, monkeypatch):
        monkeypatch.setattr(keys, "MOST_KEYS", 1)
        make_key(user=author, name="One", scope="read")
        with pytest.raises(Conflict, match="at most 1"):
            make_key(user=author, name="Two", scope="read")

    def test_strangers_revoke_nothing(self, made, charlie):
        with pytest.raises(Missing):
            revoke_key(user=charlie, key_id=made.key.pk)
        assert ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": ""}, "named"),
        ({"scope": "all"}, "scope_known"),
        ({"expires_at": "2020-01-01T00:00Z"}, "expires_after_it_is_made"),
    ],
)
def test_the_database_keeps_the_rules(made, fields, name):
    with pytest.raises(IntegrityError, match=f"accounts_apikey_{name}"):
        ApiKey.objects.update(**fields)


def test_no_two_keys_are_the_same(author, made):
    with pytest.raises(IntegrityError, match="accounts_apikey_digest_unique"):
        ApiKey.objects.create(
            user=author, name="Twin", prefix="x", digest=made.key.digest, created_at=timezone.now()
        )


class TestUsing:
    """What a key opens, and what it does not."""

    def test_a_key_acts_for_its_owner(self, author, made):
        client = with_key(made.secret)
        assert client.get(ME).json()["email"] == author.email
        assert client.post("/api/v1/projects", {"title": "By a key"}).status_code == 201
        assert author.projects.get().title == "By a key"

    def test_a_reading_key_changes_nothing(self, author):
        client = with_key(make_key(user=author, name="Reader", scope="read").secret)
        document = create_document(owner=author, title="One", body="Two.")
        assert client.get(f"/api/v1/documents/{document.pk}").status_code == 200
        assert client.options(ME).status_code == 200
        for send, path in (
            (client.post, "/api/v1/projects"),
            (client.patch, f"/api/v1/documents/{document.pk}"),
            (client.delete, f"/api/v1/documents/{document.pk}"),
            (client.put, "/api/v1/users/me/preferences"),
        ):
            assert error_of(send(path, {"title": "Mine"})) == (403, "permission_denied")
        document.refresh_from_db()
        assert (document.title, author.projects.count()) == ("One", 0)

    @pytest.mark.parametrize("secret", ["atelier_", "atelier_unknown", "atelier_é"])
    def test_an_unknown_key_is_nobody(self, made, secret):
        answer = with_key(secret).get(ME)
        assert error_of(answer) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'

    def test_a_revoked_key_ends_at_once(self, author, made):
        client = with_key(made.secret)
        assert client.get(ME).status_code == 200
        revoke_key(user=author, key_id=made.key.pk)
        assert client.get(ME).status_code == 401

    def test_an_expired_key_is_nobody(self, author, time_machine):
        at = timezone.now()
        made = make_key(user=author, name="Short", scope="read", expires_at=at + timedelta(hours=1))
        time_machine.move_to(at + timedelta(minutes=59), tick=False)
        assert find_key(made.secret) == made.key
        time_machine.move_to(at + timedelta(hours=1), tick=False)
        with pytest.raises(KeyRefused):
            find_key(made.secret)

    def test_a_suspended_user_is_shut_out_and_let_in_again(self, author, made):
        suspend(user=author)
        answer = with_key(made.secret).get(ME)
        assert error_of(answer) == (401, "not_authenticated")
        assert "suspended" in answer.json()["error"]["message"]
        unsuspend(user=author)
        assert with_key(made.secret).get(ME).status_code == 200

    def test_a_downgraded_plan_refuses_until_it_returns(self, author, made):
        leave_plan(author)
        answer = with_key(made.secret).get(ME)
        assert error_of(answer) == (403, "feature_not_in_plan")
        assert answer.json()["error"]["details"]["plan"]["code"] == "enterprise"
        assert key_gate.refusal(user=User.objects.get(pk=author.pk)).code == "feature_not_in_plan"
        put_on(author, "enterprise")
        assert with_key(made.secret).get(ME).status_code == 200

    def test_the_last_use_is_written_at_most_once_a_minute(
        self, author, made, time_machine, django_assert_num_queries
    ):
        at = timezone.now()
        client = with_key(made.secret)

        def last_used():
            return ApiKey.objects.values_list("last_used_at", flat=True).get()

        for seconds, noted in ((0, 0), (59, 0), (60, 60), (119, 60), (121, 121)):
            time_machine.move_to(at + timedelta(seconds=seconds), tick=False)
            client.get(ME)
            assert last_used() == at + timedelta(seconds=noted)
        with django_assert_num_queries(0):
            note_use(ApiKey(last_used_at=timezone.now()))

    def test_a_key_costs_two_questions(self, made, django_assert_num_queries):
        client = with_key(made.secret)
        client.get(ME)
        with django_assert_num_queries(2):  # the key with its owner, the plan
            client.get(ME)

    def test_requests_count_for_the_owner(self, author, made, settings, api_for):
        settings.REQUESTS_PER_HOUR = {**settings.REQUESTS_PER_HOUR, "read": (2, 1)}
        assert [with_key(made.secret).get(ME).status_code for _ in range(3)] == [200, 200, 429]
        assert api_for(author).get(ME).status_code == 429

    def test_no_key_manages_keys(self, author, made):
        client = with_key(made.secret)
        for answer in (
            client.get(API),
            client.post(API, {"name": "More", "scope": "write", "password": PASSWORD}),
            client.delete(f"{API}/{made.key.pk}"),
        ):
            assert error_of(answer) == (401, "not_authenticated")
        assert ApiKey.objects.count() == 1

    def test_no_key_opens_the_operators_api(self, alice):
        olga = open_operator()
        put_on(olga, "enterprise")
        made = make_key(user=olga, name="Ops", scope="write")
        path = f"/api/v1/admin/users/{alice.pk}/credits"
        body = {"amount": 5, "reason": "Goodwill for the outage"}
        assert error_of(with_key(made.secret).post(path, body)) == (403, "permission_denied")

    def test_pages_know_nothing_of_keys(self, client, made):
        answer = client.get("/studio/", headers={"Authorization": f"Bearer {made.secret}"})
        assert answer.status_code == 302


class TestApi:
    """Listing, making with the password, revoking."""

    def test_a_key_is_made_with_the_password_and_shown_once(self, author, api_for):
        client = api_for(author)
        answer = client.post(API, {"name": "Backup", "password": PASSWORD})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
        body = answer.json()
        assert (body["scope"], body["expires_at"]) == ("read", None)
        assert with_key(body["key"]).get(ME).status_code == 200
        [listed] = client.get(API).json()["results"]
        assert set(listed) == set(body) - {"key"}
        assert client.delete(f"{API}/{body['id']}").status_code == 204
        assert client.get(API).json()["results"] == []

    @pytest.mark.parametrize("password", ["", "not hers at all"])
    def test_without_the_password_nothing_is_made(self, author, api_for, password):
        answer = api_for(author).post(API, {"name": "Backup", "password": password})
        assert (error_of(answer), ApiKey.objects.count()) == ((422, "invalid"), 0)
        assert list(answer.json()["error"]["details"]["fields"]) == ["password"]

    def test_guessing_the_password_is_stopped(self, author, api_for):
        client = api_for(author)
        codes = [client.post(API, {"name": "x", "password": "a guess"}).status_code for _ in range(11)]
        assert codes == [422] * 10 + [429]
        assert client.post(API, {"name": "x", "password": PASSWORD}).status_code == 429

    def test_whoever_has_no_password_is_sent_to_the_page(self, author, api_for):
        author.set_unusable_password()
        author.save()
        answer = api_for(User.objects.get(pk=author.pk)).post(API, {"name": "x", "password": "any"})
        assert (answer.status_code, "settings page" in answer.json()["error"]["message"]) == (422, True)

    def test_a_plan_without_keys_still_lists_and_revokes(self, author, made, api_for):
        leave_plan(author)
        client = api_for(author)
        assert error_of(client.post(API, {"name": "x", "password": PASSWORD})) == (403, "feature_not_in_plan")
        assert len(client.get(API).json()["results"]) == 1
        assert client.delete(f"{API}/{made.key.pk}").status_code == 204

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_asks_the_same_for_any_number(self, author, api_for, rows, django_assert_num_queries):
        for number in range(rows):
            make_key(user=author, name=f"Key {number}", scope="read")
        client = api_for(author)
        with django_assert_num_queries(2):
            assert len(client.get(API).json()["results"]) == rows


class TestPages:
    """Settings: the plan first, then the password, then the key."""

    PAGE = "/settings/keys/"

    def _sure(self, client):
        """Let the password have been given a moment ago."""
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        return client

    def test_the_password_is_asked_before_a_key_is_made(self, author, client_for):
        client = client_for(author)
        for answer in (client.get(f"{self.PAGE}new/"), client.post(f"{self.PAGE}new/", {"name": "x"})):
            assert answer.status_code == 302
            assert "reauthenticate" in answer.url
        assert not ApiKey.objects.exists()

    def test_a_key_is_made_and_shown_on_that_page_alone(self, author, client_for):
        client = self._sure(client_for(author))
        answer = client.post(f"{self.PAGE}new/", {"name": "Backup", "scope": "write", "days": "30"})
        key = ApiKey.objects.get()
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        secret = answer.text.split('id="new-key">')[1].split("<")[0]
        assert with_key(secret).get(ME).status_code == 200
        assert (key.scope, round((key.expires_at - key.created_at).total_seconds() / 86400)) == ("write", 30)
        listed = client.get(self.PAGE).text
        assert ("Backup" in listed, key.prefix in listed, secret in listed) == (True, True, False)

    def test_what_is_missing_is_said_beside_the_field(self, author, client_for):
        client = self._sure(client_for(author))
        answer = client.post(f"{self.PAGE}new/", {"name": "", "scope": "write", "days": "0"})
        assert (answer.status_code, ApiKey.objects.count()) == (422, 0)

    def test_a_key_is_revoked_after_asking(self, author, made, client_for):
        client = self._sure(client_for(author))
        page = f"{self.PAGE}{made.key.pk}/revoke/"
        assert "Revoke Backup?" in client.get(page).text
        assert ApiKey.objects.exists()
        assert client.post(page).url == self.PAGE
        assert not ApiKey.objects.exists()

    def test_a_plan_without_keys_is_told_which_has_them(self, alice, client_for):
        page = client_for(alice).get(self.PAGE).text
        assert ("Free does not include API keys" in page, "New key" in page) == (True, False)

    def test_a_key_left_from_another_plan_says_why_it_does_not_work(self, author, made, client_for):
        leave_plan(author)
        page = client_for(author).get(self.PAGE).text
        assert ("not in your plan" in page, f"{made.key.pk}/revoke/" in page) == (True, True)
        refused = self._sure(client_for(author)).get(f"{self.PAGE}new/")
        assert (refused.status_code, "feature_not_in_plan" in refused.text) == (403, True)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_page_asks_the_same_for_any_number(self, author, client_for, rows, django_assert_num_queries):
        for number in range(rows):
            make_key(user=author, name=f"Key {number}", scope="read")
        client = client_for(author)
        client.get(self.PAGE)
        with django_assert_num_queries(6):
            assert client.get(self.PAGE).text.count(">Revoke<") == rows

    def test_operators_see_keys_without_what_makes_them_keys(self, operators, author, made):
        page = operators.get(f"/admin/accounts/user/{author.pk}/change/").text
        assert (made.key.prefix in page, made.secret in page) == (True, False)
