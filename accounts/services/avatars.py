"""Making and changing the personas a user writes as."""

from accounts.models import Avatar, User
from config.common.saving import save_valid


def create_avatar(
    *, user: User, display_name: str, bio: str = "", voice_guide: str = "", is_primary: bool = False
) -> Avatar:
    """Create an avatar; raise Invalid naming the fields that break a rule.

    How many a plan allows is for the caller to ask. The database refuses a second primary one.
    """
    avatar = Avatar(
        user=user, display_name=display_name, bio=bio, voice_guide=voice_guide, is_primary=is_primary
    )
    save_valid(avatar)
    return avatar


def update_avatar(
    *, avatar: Avatar, display_name: str | None = None, bio: str | None = None, voice_guide: str | None = None
) -> Avatar:
    """Change what is given and keep what is None; raise Invalid naming the fields that break a rule."""
    changes = {"display_name": display_name, "bio": bio, "voice_guide": voice_guide}
    given = {name: value.strip() for name, value in changes.items() if value is not None}
    for name, value in given.items():
        setattr(avatar, name, value)
    save_valid(avatar, fields=[*given, "updated_at"])
    return avatar
