"""From sign-up to a proven address, and what a stranger can learn or take on the way."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.signals import email_verified
from tests.support.people import PASSWORD, open_account

SIGN_UP = "/accounts/signup/"
SENT = "/accounts/confirm-email/"
NEW_PASSWORD = "an entirely new passphrase"


def sign_up(client: Client, email: str, **more: str):
    body = {"email": email, "password1": PASSWORD, "password2": PASSWORD, **more}
    return client.post(f"{SIGN_UP}?next=/settings/", body)


def link() -> str:
    """The path of the link in the last mail."""
    return re.search(r"https?://[^/\s]+(/\S+)", mail.outbox[-1].body)[1]


@pytest.fixture
def verified():
    """The users whose addresses were announced as proven."""
    seen: list[User] = []

    def note(user, **kwargs):
        seen.append(user)

    email_verified.connect(note)
    yield seen
    email_verified.disconnect(note)


def test_sign_up_verify_and_be_signed_in(db, client, verified):
    answer = sign_up(client, "Ann@Example.com", display_name="Ann Lee")
    assert (answer.status_code, answer.url) == (302, SENT)
    ann = User.objects.get(email="ann@example.com")
    assert (ann.display_name, ann.avatars.get().display_name) == ("Ann Lee", "Ann Lee")
    assert verified == []
    assert client.get("/settings/").status_code == 302, "nobody is signed in before the address is proven"

    assert mail.outbox[-1].to == ["ann@example.com"]
    assert client.get(link()).status_code == 200
    assert verified == [], "a mail scanner that follows the link proves nothing"
    client.post(link())

    assert verified == [ann]
    assert EmailAddress.objects.get(user=ann).verified
    assert client.get("/settings/").status_code == 200
    client.post(link())
    assert verified == [ann], "a link is good once"


def test_the_network_of_the_proof_is_told(db, client):
    told: list[str] = []

    def note(user, address, **kwargs):
        told.append(address)

    sign_up(client, "ann@example.com")
    email_verified.connect(note)
    try:
        client.post(link(), REMOTE_ADDR="203.0.113.9")
    finally:
        email_verified.disconnect(note)
    assert told == ["203.0.113.9"]


def test_the_name_can_be_left_out(db, client):
    sign_up(client, "ann@example.com")
    assert User.objects.get().avatars.get().display_name == "ann"


def test_a_link_opened_elsewhere_proves_but_signs_nobody_in(db, client, verified):
    sign_up(client, "ann@example.com")
    elsewhere = Client()
    elsewhere.post(link())
    assert len(verified) == 1
    assert elsewhere.get("/settings/").status_code == 302


def test_what_fails_on_verification_leaves_the_address_unproven(db, client):
    def refuse(user, **kwargs):
        raise RuntimeError("no credits")

    sign_up(client, "ann@example.com")
    email_verified.connect(refuse)
    try:
        with pytest.raises(RuntimeError, match="no credits"):
            client.post(link())
    finally:
        email_verified.disconnect(refuse)
    assert not EmailAddress.objects.get().verified
    client.post(link())
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("password", ["short", "12345678901234567", "password1234", "ann@example.com"])
def test_a_weak_password_is_refused(db, client, password):
    sign_up(client, "ann@example.com", password1=password, password2=password)
    assert not User.objects.exists()


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(alice, client):
    """G06."""
    known, unknown = sign_up(client, alice.email), sign_up(Client(), "new@example.com")
    assert (known.status_code, known.url, known.content) == (
        unknown.status_code,
        unknown.url,
        unknown.content,
    )
    assert User.objects.filter(email=alice.email).count() == 1
    assert [message.to for message in mail.outbox] == [[alice.email], ["new@example.com"]]
    assert "/confirm-email/" not in mail.outbox[0].body


def test_reset_gets_the_same_answer_for_known_and_unknown(alice, client):
    """G06."""
    answers = [
        client.post("/accounts/password/reset/", {"email": email})
        for email in (alice.email, "nobody@example.com")
    ]
    assert answers[0].url == answers[1].url
    assert answers[0].content == answers[1].content


def test_sign_in_gets_the_same_answer_for_known_and_unknown(alice):
    """G06."""
    pages = []
    for email in (alice.email, "nobody@example.com"):
        page = Client().post("/accounts/login/", {"login": email, "password": "not hers at all"})
        without_token = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())
        pages.append((page.status_code, without_token.replace(email, "")))
    assert pages[0] == pages[1]


def test_a_network_opens_five_accounts_an_hour(db):
    """F05."""
    statuses = [sign_up(Client(), f"n{number}@example.com").status_code for number in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    assert User.objects.count() == 5


def test_networks_behind_our_proxy_are_told_apart(db, settings):
    """G03, G02: the address our own proxy saw counts, not what the client claims."""
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        forged = Client(headers={"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.1"})
        assert sign_up(forged, f"n{number}@example.com").status_code == 302
    forged = Client(headers={"X-Forwarded-For": "10.0.0.99, 203.0.113.1"})
    assert sign_up(forged, "late@example.com").status_code == 429
    other = Client(headers={"X-Forwarded-For": "203.0.113.2"})
    assert sign_up(other, "other@example.com").status_code == 302


def test_reset_proves_nothing_but_opens_the_door(alice, client):
    client.post("/accounts/password/reset/", {"email": alice.email})
    form = client.get(link(), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)


class TestChangingTheAddress:
    """The new address replaces the old one once it is proven, and is nobody else's."""

    @pytest.fixture
    def at_home(self, alice):
        client = Client()
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "/settings/"})
        client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/settings/"})
        return client

    def test_once_proven(self, alice, at_home, verified):
        at_home.post("/accounts/email/", {"email": "alice@new.example", "action_add": ""})
        alice.refresh_from_db()
        assert alice.email == "alice@example.com"
        at_home.post(link())
        alice.refresh_from_db()
        assert alice.email == "alice@new.example"
        assert list(EmailAddress.objects.filter(user=alice).values_list("email", "verified")) == [
            ("alice@new.example", True)
        ]
        assert verified == [alice]

    def test_another_users_address_is_not_taken_over(self, alice, at_home, verified):
        """D11."""
        root = User.objects.create_superuser("root@example.com", PASSWORD)
        verified.clear()
        at_home.post("/accounts/email/", {"email": "Root@example.com", "action_add": ""})
        for message in mail.outbox:
            for path in re.findall(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", message.body):
                at_home.post(path)
        alice.refresh_from_db()
        root.refresh_from_db()
        assert (alice.email, root.email) == ("alice@example.com", "root@example.com")
        assert verified == []


class TestSessions:
    """G07."""

    def test_the_sessions_key_changes_on_sign_in(self, alice, client):
        client.get("/accounts/login/")
        session = client.session
        session["before"] = True
        session.save()
        fixed = session.session_key
        client.cookies["sessionid"] = fixed
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "/settings/"})
        assert client.cookies["sessionid"].value != fixed

    def test_sign_out_ends_the_session(self, alice, client_for):
        client = client_for(alice)
        cookie = client.cookies["sessionid"].value
        client.post("/accounts/logout/")
        client.cookies["sessionid"] = cookie
        assert client.get("/settings/").status_code == 302

    def test_a_new_password_ends_the_other_sessions(self, alice, client_for):
        here, there = client_for(alice), client_for(alice)
        here.post(
            "/accounts/password/change/",
            {
                "oldpassword": PASSWORD,
                "password1": "an entirely new phrase",
                "password2": "an entirely new phrase",
            },
        )
        assert there.get("/settings/").status_code == 302

    def test_an_unproven_address_does_not_sign_in(self, db, client):
        open_account("ann", verified=False)
        answer = client.post("/accounts/login/", {"login": "ann@example.com", "password": PASSWORD})
        assert answer.url == SENT


@pytest.mark.parametrize("path", ["", "totp/activate/", "webauthn/add/"])
def test_second_factors_can_be_set_up(alice, path):
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "/settings/"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/settings/"})
    assert client.get(f"/accounts/2fa/{path}").status_code == 200


def test_a_passkey_can_be_asked_for_at_sign_in(db, client):
    options = client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert options.status_code == 200
    assert "request_options" in options.json()
