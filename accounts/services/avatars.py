"""Making, changing and switching the personas a user writes as."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import avatar_room
from accounts.models import Avatar, User
from config.common.errors import Conflict, Missing
from config.common.saving import save_valid


def create_avatar(
    *, user: User, display_name: str, bio: str = "", voice_guide: str = "", is_primary: bool = False
) -> Avatar:
    """Create an avatar, whatever the plan; raise Invalid naming the fields that break a rule.

    The database refuses a second primary one.
    """
    avatar = Avatar(
        user=user, display_name=display_name, bio=bio, voice_guide=voice_guide, is_primary=is_primary
    )
    save_valid(avatar)
    return avatar


@transaction.atomic
def add_avatar(*, user: User, display_name: str, bio: str = "", voice_guide: str = "") -> Avatar:
    """Create one more avatar; raise Refused with the plan that has room for it, Invalid for its fields.

    From the second one on the user has an active one, and with it a switch in the header.
    """
    held = _held(user)
    avatar_room.require(user=user, held=len(held))
    avatar = create_avatar(
        user=user, display_name=display_name.strip(), bio=bio.strip(), voice_guide=voice_guide.strip()
    )
    if user.active_avatar_id is None:
        _write_as(user, next(avatar for avatar in held if avatar.is_primary))
    return avatar


def update_avatar(
    *, avatar: Avatar, display_name: str | None = None, bio: str | None = None, voice_guide: str | None = None
) -> Avatar:
    """Change what is given and keep what is None; raise Invalid naming the fields that break a rule.

    Refused for one beyond what the plan carries: it can be read until there is room for it again.
    """
    _require_carried(avatar)
    changes = {"display_name": display_name, "bio": bio, "voice_guide": voice_guide}
    given = {name: value.strip() for name, value in changes.items() if value is not None}
    for name, value in given.items():
        setattr(avatar, name, value)
    save_valid(avatar, fields=[*given, "updated_at"])
    return avatar


@transaction.atomic
def activate_avatar(*, user: User, avatar_id: UUID) -> Avatar:
    """Write as this avatar from now on, and return it; what is written already keeps its own.

    Raises Missing, Refused for one beyond what the plan carries.
    """
    avatar = _own(user, avatar_id)
    _require_carried(avatar)
    if len(_held(user)) > 1:
        _write_as(user, avatar)
    return avatar


@transaction.atomic
def delete_avatar(*, user: User, avatar_id: UUID) -> None:
    """Delete an avatar; what was written as it stays, without a persona.

    Raises Missing, Conflict for the primary one.
    """
    held, avatar = _held(user), _own(user, avatar_id)
    if avatar.is_primary:
        raise Conflict("The primary avatar stays as long as the account: change its name instead.")
    avatar.delete()
    if len(held) == 2:
        _write_as(user, None)
    elif user.active_avatar_id == avatar_id:
        _write_as(user, next(other for other in held if other.is_primary))


def writing_as(user: User) -> Avatar | None:
    """Return the avatar that new work is attributed to: the active one, where the plan carries it."""
    if user.active_avatar_id is None:
        return user.avatars.filter(is_primary=True).first()
    usable = carried(user)
    return next((avatar for avatar in usable if avatar.pk == user.active_avatar_id), usable[0])


def carried(user: User) -> list[Avatar]:
    """Return the avatars that the plan lets `user` write as: the primary one, then the oldest.

    The others are kept and wait for a larger plan. One query.
    """
    held = list(_in_order(user))
    return held[: avatar_room.most(user=user, held=len(held))]


def switchable(user: User) -> list[Avatar]:
    """Return the avatars between which `user` may switch, the primary one first; none where there is one."""
    usable = carried(user) if user.active_avatar_id is not None else []
    return usable if len(usable) > 1 else []


def _in_order(user: User) -> QuerySet[Avatar]:
    return user.avatars.order_by("-is_primary", "created_at", "pk")


def _require_carried(avatar: Avatar) -> None:
    """Raise Refused where the plan carries fewer avatars than come up to this one."""
    before = [other.pk for other in _in_order(avatar.user)].index(avatar.pk)
    if before:
        avatar_room.require(user=avatar.user, held=before)


def _held(user: User) -> list[Avatar]:
    """Return the user's avatars, nobody else changing their number until the transaction ends."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    user.refresh_from_db(fields=["active_avatar"])
    return list(user.avatars.all())


def _own(user: User, avatar_id: UUID) -> Avatar:
    avatar = user.avatars.filter(pk=avatar_id).first()
    if avatar is None:
        raise Missing("There is no such avatar.")
    return avatar


def _write_as(user: User, avatar: Avatar | None) -> None:
    user.active_avatar = avatar
    user.save(update_fields=["active_avatar"])
