"""The pages of signing in and of its settings wear the design system, and keep errors where they belong."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.support.people import PASSWORD

pytestmark = pytest.mark.django_db


def signed_in() -> Client:
    """Sign alice in through the page, and once more for what changes the sign-in."""
    user = User.objects.create_user("mara@example.com", PASSWORD, display_name="Mara Holt")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": reverse("mfa_index")}
    )
    assert answer.status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("mfa_index")})
    return client


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_email_verification_sent",
        "account_inactive",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
    ],
)
def test_entrance_page_is_a_card(name: str, client: Client) -> None:
    page = client.get(reverse(name)).content.decode()
    assert 'class="entrance__card"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "usersessions_list",
        "socialaccount_connections",
    ],
)
def test_settings_page_stands_in_the_studio(name: str) -> None:
    page = signed_in().get(reverse(name)).content.decode()
    assert 'class="app"' in page
    assert "<p><label" not in page
    assert "<ul>" not in page
    assert page.count("<h1") == 1


def test_sign_in_keeps_the_address_and_says_what_was_wrong(client: Client) -> None:
    page = client.post(
        reverse("account_login"), {"login": "mara@example.com", "password": "wrong"}
    ).content.decode()
    assert 'value="mara@example.com"' in page
    assert 'class="notice notice--bad"' in page


def test_sign_up_says_errors_at_their_field(client: Client) -> None:
    page = client.post(
        reverse("account_signup"), {"email": "no address", "password1": "short", "password2": "short"}
    ).content.decode()
    at_address = page[page.index('for="id_email"') : page.index('for="id_password1"')]
    assert 'class="field__error"' in at_address
    assert 'id="id_email_error"' in at_address


@pytest.mark.django_db(transaction=True)
def test_second_step_is_turned_on_and_asked_for() -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    client = signed_in()
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    page = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert "Two steps are on." in page.content.decode()
    assert mail.outbox[-1].subject == "Two steps are on"
    assert client.get(reverse("mfa_view_recovery_codes")).content.decode().count("<li>") >= 10
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("account_logout"), {"next": reverse("account_login")})
    page = client.post(
        reverse("account_login"), {"login": "mara@example.com", "password": PASSWORD}, follow=True
    )
    assert "The second step" in page.content.decode()


def test_changing_the_sign_in_asks_again(alice: User, client_for: Callable[[Any], Client]) -> None:
    page = client_for(alice).get(reverse("mfa_activate_totp"), follow=True).content.decode()
    assert "Is it still you?" in page


def test_confirming_the_address_is_one_mail_and_one_button(client: Client) -> None:
    client.post(
        reverse("account_signup"), {"email": "mara@example.com", "password1": PASSWORD, "password2": PASSWORD}
    )
    (message,) = mail.outbox
    assert message.subject == "Welcome to Atelier: confirm your address"
    (link,) = re.findall(r"http://testserver(/\S+)", str(message.body))
    html = str(message.alternatives[0][0])
    assert f'href="http://testserver{link}"' in html
    assert "prefers-color-scheme: dark" in html
    assert "Is this you?" in client.get(link).content.decode()


def test_used_up_confirmation_says_what_to_do(client: Client) -> None:
    page = client.get(reverse("account_confirm_email", args=["nonsense"])).content.decode()
    assert "This link is used up" in page


def test_new_password_by_mail(client: Client, alice: User) -> None:
    client.post(reverse("account_reset_password"), {"email": alice.email})
    (message,) = mail.outbox
    assert message.subject == "Set a new password"
    (link,) = re.findall(r"http://testserver(/\S+)", str(message.body))
    page = client.get(link, follow=True)
    assert "A new password" in page.content.decode()
    again = client.post(
        page.request["PATH_INFO"], {"password1": PASSWORD + "!", "password2": PASSWORD + "!"}, follow=True
    )
    assert "Your password is changed" in again.content.decode()
    assert mail.outbox[-1].subject == "Your password was changed"


def test_broken_reset_link_says_what_to_do(client: Client) -> None:
    page = client.get(reverse("account_reset_password_from_key", args=["1", "x-y"])).content.decode()
    assert "This link is used up" in page


def test_mail_to_an_unknown_address_offers_an_account(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert mail.outbox[0].subject == "There is no account with this address"


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500", "503"])
def test_error_page_needs_no_context(name: str) -> None:
    from django.template.loader import get_template

    assert 'class="entrance__card"' in get_template(f"{name}.html").render()
