"""Shutting an account out, and letting it in again."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts import tokens
from accounts.models import User


@transaction.atomic
def suspend(*, user: User) -> None:
    """Let the user do nothing from now on: no sign-in, and every session and token ends."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    tokens.revoke_all(user=user)
    for session in UserSession.objects.filter(user=user):
        session.end()


def unsuspend(*, user: User) -> None:
    """Let the user sign in again; what suspension ended stays ended."""
    user.is_active = True
    user.save(update_fields=["is_active"])
