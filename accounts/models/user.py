"""The user: a person who signs in by e-mail."""

import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower

from accounts import zones
from accounts.models.avatar import initials_of
from accounts.preferences import Preferences, parse
from accounts.signals import account_opened


class UserManager(BaseUserManager["User"]):
    """Creates users and finds them by e-mail, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user with `email`; without a password they cannot sign in by one."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    @transaction.atomic
    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator with every permission; whoever has the command line vouches for the address."""
        from accounts.services.verification import vouch_for  # it imports this model

        user = self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})
        vouch_for(user=user)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user whose e-mail equals `username`, ignoring case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Saving a new one opens everything the account stands on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        max_length=254, unique=True, error_messages={"unique": "There is an account with this address."}
    )
    display_name = models.CharField(max_length=80, blank=True)
    github_id = models.BigIntegerField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[zones.validate])
    active_avatar = models.ForeignKey(
        "accounts.Avatar",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whom they write as; empty while they have only the primary one",
    )
    chosen_preferences = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower_case"
            ),
            models.UniqueConstraint(fields=["github_id"], name="accounts_user_github_unique"),
            models.CheckConstraint(condition=~models.Q(email=""), name="accounts_user_email_given"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new user and all that `account_opened` opens are stored together or not at all."""
        self.email = self.email.lower()
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
            account_opened.send(sender=User, user=self)

    @property
    def name(self) -> str:
        """What to call them: the display name, else the part of the address before the @."""
        return self.display_name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters for the avatar dot."""
        return initials_of(self.name)

    @property
    def preferences(self) -> Preferences:
        """Their preferences, with the default of everything they never chose."""
        return parse(self.chosen_preferences)

    @property
    def theme(self) -> str:
        """`light`, `dark` or `system`."""
        return self.preferences.theme.value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which their pages show times."""
        return zones.zone(self.time_zone)


def display(user: User) -> str:
    """What allauth's pages and mails call a user."""
    return user.name
