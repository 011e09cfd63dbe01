"""The fixed cast: alice owns, bob is another member, charlie is a stranger, olga operates."""

import time

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from accounts.signals import email_verified

PASSWORD = "a long and lovely passphrase"


def open_account(name: str, *, verified: bool = True, **fields: object) -> User:
    """Create the account of `<name>@example.com`, its address proven unless told otherwise."""
    user = User.objects.create_user(
        f"{name}@example.com", PASSWORD, **{"display_name": name.capitalize(), **fields}
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    if verified:
        email_verified.send(sender=User, user=user)
    return user


def open_operator(name: str = "olga") -> User:
    """Create an operator with every permission and the second factor that the admin asks for."""
    operator = User.objects.create_superuser(f"{name}@example.com", PASSWORD, display_name=name.capitalize())
    TOTP.activate(operator, generate_totp_secret())
    return operator


def operator_client(operator: User) -> Client:
    """Return a client in which `operator` has just used the admin."""
    client = client_for(operator)
    session = client.session
    session["operator_seen"] = time.time()
    session.save()
    return client


def client_for(user: User | None) -> Client:
    """Return a browser-like client in which `user` is signed in; nobody when None."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def api_for(user: User | None) -> APIClient:
    """Return an API client that carries a real access token of `user`; anonymous when None."""
    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
    return client
