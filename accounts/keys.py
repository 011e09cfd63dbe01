"""Personal API keys: made once, shown once, found by their digest, revoked by their owner."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import audit, key_gate
from accounts.models import ApiKey, User
from config.common.clock import now
from config.common.errors import Conflict, DomainError, Invalid, Missing
from config.common.saving import save_valid

MARK = "atelier_"
"""How every key begins: a key that lies where it should not is known by it."""
MOST_KEYS = 20
_SHOWN = len(MARK) + 6
_USE_NOTED_EVERY = timedelta(minutes=1)


class KeyRefused(DomainError):
    """The key is not one that can be used: unknown, revoked, expired, or its owner shut out."""

    status = 401
    code = "not_authenticated"


class KeyForbids(DomainError):
    """The key is good, and not for this."""

    status = 403
    code = "permission_denied"


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key; `secret` is shown now and never again."""

    key: ApiKey
    secret: str


@transaction.atomic
def make_key(*, user: User, name: str, scope: str, expires_at: datetime | None = None) -> MadeKey:
    """Make a key with which a program acts for `user`.

    Raises Refused where the plan has no API keys, Conflict beyond `MOST_KEYS`, Invalid naming the fields.
    """
    key_gate.require(user=user)
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if user.api_keys.count() >= MOST_KEYS:
        raise Conflict(f"An account has at most {MOST_KEYS} keys. Revoke one that is not used.")
    at = now()
    if expires_at is not None and expires_at <= at:
        raise Invalid("The end is in the past.", details={"fields": {"expires_at": ["Choose a later day."]}})
    secret = MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        user=user,
        name=" ".join(name.split()),
        prefix=secret[:_SHOWN],
        digest=_digest(secret),
        scope=scope,
        expires_at=expires_at,
        created_at=at,
    )
    save_valid(key)
    _audit("key.made", key, user, "Made by its owner.")
    return MadeKey(key, secret)


@transaction.atomic
def revoke_key(*, user: User, key_id: UUID) -> None:
    """End one of the user's keys, at once and for good. Raises Missing."""
    key = user.api_keys.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise Missing("There is no such key.")
    _audit("key.revoked", key, user, "Revoked by its owner.")
    key.delete()


def is_key(text: str) -> bool:
    """Whether `text` is meant as a key, a good one or not."""
    return text.startswith(MARK)


def find_key(secret: str) -> ApiKey:
    """Return the key that `secret` is, with its user: one query. Raises KeyRefused.

    What the user's plan says of keys is a question of its own: see `key_gate`.
    """
    key = ApiKey.objects.select_related("user").filter(digest=_digest(secret)).first()
    if key is None or key.is_expired(now()):
        raise KeyRefused("This key is unknown, was revoked, or has expired.")
    if not key.user.is_active:
        raise KeyRefused("This account is suspended.")
    return key


def note_use(key: ApiKey) -> None:
    """Write down that the key was used; at most once a minute, whoever uses it beside."""
    at = now()
    if key.last_used_at is not None and key.last_used_at > at - _USE_NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=at - _USE_NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=at)


def _digest(secret: str) -> bytes:
    # 256 random bits need no slow hash: nobody can try them out.
    return hashlib.sha256(secret.encode()).digest()


def _audit(act: str, key: ApiKey, user: User, reason: str) -> None:
    told = {"name": key.name, "prefix": key.prefix, "scope": key.scope}
    audit.write(act=act, subject=key, actor=user, user_id=user.pk, reason=reason, after=told)
