"""Changing what a user says about themselves and how the studio behaves for them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.models_offered import require_offered
from accounts.preferences import Preferences, Theme, parse, refuse_locked, stored
from config.common.saving import save_valid


def update_profile(*, user: User, display_name: str | None = None, time_zone: str | None = None) -> User:
    """Change what is given and keep what is None; raise Invalid naming the fields that break a rule."""
    changes = {"display_name": display_name, "time_zone": time_zone}
    given = {name: value.strip() for name, value in changes.items() if value is not None}
    for name, value in given.items():
        setattr(user, name, value)
    save_valid(user, fields=list(given))
    return user


def replace_preferences(*, user: User, document: Mapping[str, Any]) -> Preferences:
    """Put `document` in the place of the user's preferences; what it leaves out returns to its default.

    Raises Invalid, naming every unknown key and wrong value, and a model or a provider that the user's plan
    or this studio does not offer; changes nothing then.
    """
    preferences = parse(document)
    refuse_locked(preferences)
    require_offered(user=user, before=user.preferences, after=preferences)
    user.chosen_preferences = stored(preferences)
    user.save(update_fields=["chosen_preferences"])
    return preferences


@transaction.atomic
def change_preferences(*, user: User, **changes: Any) -> Preferences:
    """Change single preferences and keep all others, those that another tab has just saved included."""
    current = User.objects.select_for_update().values_list("chosen_preferences", flat=True).get(pk=user.pk)
    return replace_preferences(user=user, document={**current, **changes})


def choose_theme(*, user: User, theme: str) -> Theme:
    """Remember how the user's pages shall look; raise Invalid for a theme that does not exist."""
    return change_preferences(user=user, theme=theme).theme
