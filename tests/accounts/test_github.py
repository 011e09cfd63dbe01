"""Signing in by GitHub: an address opens an account only where both sides have proven it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.signals import email_verified
from tests.support import github as on_this_machine
from tests.support.people import PASSWORD, open_account


@pytest.fixture
def github(settings, monkeypatch, db):
    settings.GITHUB_CLIENT_ID = "studio"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "github": {"APPS": [{"client_id": "studio", "secret": "s"}], "SCOPE": ["user:email"]}
    }
    with on_this_machine.serving() as github:
        paths = {
            "access_token_url": "/login/oauth/access_token",
            "authorize_url": "/login/oauth/authorize",
            "profile_url": "/api/v3/user",
            "emails_url": "/api/v3/user/emails",
        }
        for name, path in paths.items():
            monkeypatch.setattr(GitHubOAuth2Adapter, name, github.url + path)
        yield github


def come_by_github(client: Client, process: str = "login"):
    """Go to GitHub, agree there, come back; return the studio's answer."""
    there = client.post(f"/accounts/github/login/?process={process}&next=/settings/")
    state = parse_qs(urlsplit(there.url).query)["state"][0]
    return client.get("/accounts/github/login/callback/", {"code": "c", "state": state})


def signed_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def test_without_configuration_nothing_is_offered(db, client):
    assert "GitHub" not in client.get("/accounts/login/").content.decode()


def test_a_new_person_gets_an_account_with_a_proven_address(github, client):
    seen: list[User] = []

    def note(user, **kwargs):
        seen.append(user)

    github.is_(7, ("old@example.com", False), ("octo@example.com", True))
    email_verified.connect(note)
    try:
        come_by_github(client)
    finally:
        email_verified.disconnect(note)

    user = User.objects.get()
    assert (user.email, user.github_id, user.display_name) == ("octo@example.com", 7, "Octo Cat")
    assert user.avatars.get().display_name == "Octo Cat"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("octo@example.com", True)]
    assert seen == [user]
    assert signed_in(client)


def test_they_come_back_under_the_same_account(github, client):
    github.is_(7, ("octo@example.com", True))
    come_by_github(Client())
    github.is_(7, ("renamed@example.com", True))
    come_by_github(client)
    assert User.objects.get().email == "octo@example.com"
    assert signed_in(client)


@pytest.mark.parametrize("addresses", [[("octo@example.com", False)], []])
def test_without_a_verified_address_nobody_new_comes_in(github, client, addresses):
    """D11."""
    github.is_(7, *addresses)
    assert come_by_github(client).url == "/accounts/signup/"
    assert not User.objects.exists()
    assert not signed_in(client)


def test_an_account_is_linked_when_both_sides_have_proven_the_address(github, client, alice):
    github.is_(7, ("alice@example.com", True))
    come_by_github(client)
    alice.refresh_from_db()
    assert alice.github_id == 7
    assert alice.check_password(PASSWORD)
    assert signed_in(client)
    assert "alice@example.com" in mail.outbox[-1].to, "the owner is told"


def test_an_account_is_not_taken_over_by_an_address_github_has_not_verified(github, client, alice):
    """D11."""
    github.is_(7, ("alice@example.com", False))
    come_by_github(client)
    alice.refresh_from_db()
    assert alice.github_id is None
    assert not SocialAccount.objects.exists()
    assert not signed_in(client)


def test_an_account_that_has_not_proven_the_address_is_not_linked(github, client):
    """D11: it may have been opened by somebody else, in wait for the address's owner."""
    waiting = open_account("octo", verified=False)
    github.is_(7, ("octo@example.com", True))
    come_by_github(client)
    waiting.refresh_from_db()
    assert waiting.github_id is None
    assert not SocialAccount.objects.exists()
    assert not signed_in(client)


def test_a_second_factor_is_asked_for_after_github_too(github, client, alice):
    TOTP.activate(alice, "A" * 32)
    github.is_(7, ("alice@example.com", True))
    assert come_by_github(client).url.startswith("/accounts/2fa/authenticate/")
    assert not signed_in(client)


def test_a_suspended_account_stays_shut(github, client, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    github.is_(7, ("alice@example.com", True))
    come_by_github(client)
    assert not signed_in(client)


def test_who_is_signed_in_can_connect_and_disconnect(github, client, alice):
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "/settings/"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/settings/"})
    github.is_(9, ("somebody@example.com", False))
    come_by_github(client, process="connect")
    alice.refresh_from_db()
    assert alice.github_id == 9
    assert "connected" in client.get("/settings/security/").content.decode()

    account = SocialAccount.objects.get()
    client.post("/accounts/3rdparty/", {"account": account.pk})
    alice.refresh_from_db()
    assert alice.github_id is None


def test_a_github_account_of_one_user_is_not_connected_to_another(github, client, alice, charlie):
    github.is_(7, ("alice@example.com", True))
    come_by_github(Client())
    client.post("/accounts/login/", {"login": charlie.email, "password": PASSWORD, "next": "/settings/"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/settings/"})
    come_by_github(client, process="connect")
    alice.refresh_from_db()
    charlie.refresh_from_db()
    assert (alice.github_id, charlie.github_id) == (7, None)
