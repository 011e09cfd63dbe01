"""Signing in by the API: tokens for the right credentials, one silence for all others."""

from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.services.suspension import suspend, unsuspend
from tests.support.people import PASSWORD, open_account

SIGN_IN = "/api/v1/auth/token"


def sign_in(email="alice@example.com", password=PASSWORD, **more):
    return APIClient().post(SIGN_IN, {"email": email, "password": password, **more}, format="json")


def refresh(token: str):
    return APIClient().post(f"{SIGN_IN}/refresh", {"refresh": token}, format="json")


def me(access: str):
    return APIClient().get("/api/v1/users/me", headers={"Authorization": f"Bearer {access}"})


def code_of(response) -> str:
    return response.json()["error"]["code"]


def test_right_credentials_get_tokens_that_work(alice):
    tokens = sign_in("Alice@Example.com ").json()
    assert set(tokens) == {"access", "refresh", "expires_in"}
    assert tokens["expires_in"] == 900
    assert me(tokens["access"]).json()["email"] == "alice@example.com"
    alice.refresh_from_db()
    assert alice.last_login is not None


def test_unknown_and_wrong_get_one_answer(alice):
    wrong, unknown = sign_in(password="not hers at all"), sign_in("nobody@example.com")
    assert (wrong.status_code, code_of(wrong)) == (401, "invalid_credentials")
    assert wrong.content == unknown.content
    assert wrong.status_code == unknown.status_code


def test_an_unproven_address_gets_no_token(db):
    open_account("ann", verified=False)
    refused = sign_in("ann@example.com")
    assert (refused.status_code, code_of(refused)) == (401, "email_unverified")
    assert code_of(sign_in("ann@example.com", "wrong")) == "invalid_credentials"


@pytest.mark.parametrize(
    "body", [{}, {"email": "alice@example.com"}, {"email": "no address", "password": "x"}]
)
def test_an_incomplete_request_is_named(db, body):
    assert APIClient().post(SIGN_IN, body, format="json").status_code == 422


def test_too_many_wrong_passwords_are_stopped_even_for_the_right_one(alice):
    for _ in range(5):
        assert sign_in(password="not hers at all").status_code == 401
    stopped = sign_in()
    assert (stopped.status_code, code_of(stopped)) == (429, "rate_limited")
    assert stopped.headers["Retry-After"] == "300"


def test_the_limit_of_an_address_does_not_depend_on_whether_it_exists(alice):
    statuses = {
        email: [sign_in(email, "wrong").status_code for _ in range(6)]
        for email in ("alice@example.com", "x@y.org")
    }
    assert statuses["alice@example.com"][:5] == [401] * 5
    assert statuses["alice@example.com"][5] == 429


def test_a_network_is_limited_too(db):
    statuses = [sign_in(f"n{number}@example.com", "wrong").status_code for number in range(11)]
    assert statuses == [401] * 10 + [429]


def test_a_forged_forwarding_header_does_not_widen_the_limit(db):
    """G02."""
    client = APIClient()
    statuses = [
        client.post(
            SIGN_IN,
            {"email": f"n{number}@example.com", "password": "wrong"},
            format="json",
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(11)
    ]
    assert statuses == [401] * 10 + [429]


class TestSecondFactor:
    """Where two-step sign-in is on, the password alone gets nothing."""

    @pytest.fixture
    def secret(self, alice) -> str:
        secret = generate_totp_secret()
        TOTP.activate(alice, secret)
        return secret

    def now(self, secret: str) -> str:
        return format_hotp_value(hotp_value(secret, next(iter(counters()))))

    def test_the_secret_is_sealed_in_the_database(self, alice, secret):
        assert secret not in str(alice.authenticator_set.get().data)

    def test_a_code_is_asked_for_only_after_the_right_password(self, secret):
        asked = sign_in()
        assert (asked.status_code, code_of(asked)) == (401, "mfa_required")
        assert code_of(sign_in(password="wrong")) == "invalid_credentials"

    def test_a_code_works_once(self, secret):
        code = self.now(secret)
        assert sign_in(code=code).status_code == 200
        assert code_of(sign_in(code=code)) == "invalid_code"

    def test_a_recovery_code_works_once(self, alice, secret):
        code = RecoveryCodes.activate(alice).get_unused_codes()[0]
        assert sign_in(code=code).status_code == 200
        assert code_of(sign_in(code=code)) == "invalid_code"

    def test_codes_cannot_be_guessed(self, secret):
        assert [sign_in(code="000000").status_code for _ in range(6)] == [401] * 5 + [429]
        assert sign_in(code=self.now(secret)).status_code == 429


class TestTokens:
    """A pair is renewed once, and ends with the password, the account or a revocation."""

    @pytest.fixture
    def pair(self, alice):
        return sign_in().json()

    def test_a_refresh_token_is_good_for_one_exchange(self, pair):
        second = refresh(pair["refresh"])
        assert second.status_code == 200
        assert me(second.json()["access"]).status_code == 200
        reused = refresh(pair["refresh"])
        assert (reused.status_code, code_of(reused)) == (401, "token_refused")
        assert refresh(second.json()["refresh"]).status_code == 200

    def test_the_token_itself_is_not_stored(self, pair):
        refresh(pair["refresh"])
        assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}

    def test_a_revoked_token_is_refused(self, pair):
        for _ in range(2):
            revoked = APIClient().post(f"{SIGN_IN}/revoke", {"refresh": pair["refresh"]}, format="json")
            assert revoked.status_code == 204
        assert refresh(pair["refresh"]).status_code == 401

    @pytest.mark.parametrize("forged", ["", "x", "e30.e30.e30"])
    def test_a_forged_token_is_refused(self, db, forged):
        assert refresh(forged).status_code in (401, 422)
        assert me(forged or "x").status_code == 401

    def test_an_access_token_is_no_refresh_token_and_no_other_way_round(self, pair):
        assert refresh(pair["access"]).status_code == 401
        assert me(pair["refresh"]).status_code == 401

    def test_an_expired_token_is_refused(self, alice, pair):
        old = AccessToken.for_user(alice)
        old.set_exp(lifetime=timedelta(seconds=-1))
        assert me(str(old)).status_code == 401
        stale = RefreshToken.for_user(alice)
        stale.set_exp(lifetime=timedelta(seconds=-1))
        assert refresh(str(stale)).status_code == 401

    def test_a_new_password_ends_older_tokens(self, alice, pair):
        alice.set_password("another long passphrase")
        alice.save()
        assert me(pair["access"]).status_code == 401
        assert refresh(pair["refresh"]).status_code == 401

    def test_suspension_ends_tokens_and_sessions_for_good(self, alice, pair, client):
        """D09."""
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "/settings/"})
        assert UserSession.objects.count() == 1
        suspend(user=alice)
        assert me(pair["access"]).status_code == 401
        assert refresh(pair["refresh"]).status_code == 401
        assert code_of(sign_in()) == "account_suspended"
        assert UserSession.objects.count() == 0
        assert Session.objects.count() == 0
        unsuspend(user=alice)
        assert refresh(pair["refresh"]).status_code == 401
        assert sign_in().status_code == 200
