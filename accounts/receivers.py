"""What accounts do when something happens to an account."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.socialaccount.models import SocialAccount
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services import notifications
from accounts.services.avatars import create_avatar
from accounts.services.verification import announce
from accounts.signals import account_opened, email_verified
from config.common.network import client_ip


@receiver(account_opened)
def open_primary_avatar(user: User, **kwargs: Any) -> None:
    """Give a new account the persona its user first writes as."""
    create_avatar(user=user, display_name=user.name, is_primary=True)


@receiver(account_opened)
def welcome_user(user: User, **kwargs: Any) -> None:
    """Greet whoever opened an account."""
    notifications.welcome(user=user)


@receiver(email_verified)
def mail_welcome(user: User, **kwargs: Any) -> None:
    """Send the greeting after them, now that the address is known to be theirs."""
    notifications.mail_welcome(user=user)


@receiver(email_confirmed)
def announce_verified_email(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Tell the apps above that an address is proven."""
    announce(user=email_address.user, address=client_ip(request))


@receiver(post_save, sender=SocialAccount)
def remember_github(instance: SocialAccount, **kwargs: Any) -> None:
    """Keep the user's GitHub id beside the account that signs in by it."""
    if instance.provider == "github":
        instance.user.github_id = int(instance.uid)
        instance.user.save(update_fields=["github_id"])


@receiver(post_delete, sender=SocialAccount)
def forget_github(instance: SocialAccount, **kwargs: Any) -> None:
    """Drop the GitHub id once the connection is removed."""
    if instance.provider == "github":
        User.objects.filter(pk=instance.user_id, github_id=int(instance.uid)).update(github_id=None)
