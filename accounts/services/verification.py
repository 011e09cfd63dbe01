"""An address is proven to be its user's."""

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from accounts.signals import email_verified


def is_verified(*, user: User) -> bool:
    """Whether the user has proven the address they sign in by."""
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def announce(*, user: User, address: str = "") -> None:
    """Tell the apps above that the user's e-mail is proven, if it is; `address` is where the proof came from.

    That is a network address; empty where it is not known.
    """
    if is_verified(user=user):
        email_verified.send(sender=User, user=user, address=address)


@transaction.atomic
def vouch_for(*, user: User) -> None:
    """Take the user's address as proven without a mail, and open what a proven address opens."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    announce(user=user)
