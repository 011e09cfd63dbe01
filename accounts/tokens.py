"""Tokens for programs: a short-lived one to act with, a longer one to renew it, once."""

from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts.models import User
from config.common.errors import DomainError


class TokenRefused(DomainError):
    """The token is not one that can be used: forged, expired, used up, revoked or its user shut out."""

    status = 401
    code = "token_refused"


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A pair, and the seconds after which `access` must be renewed."""

    access: str
    refresh: str
    expires_in: int


@transaction.atomic
def issue(*, user: User) -> Tokens:
    """Give a pair to a user whose credentials were just checked."""
    refresh = RefreshToken.for_user(user)
    # The library files the token itself: whoever reads that table must not become its users.
    OutstandingToken.objects.filter(jti=refresh["jti"]).update(token="")
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME
    return Tokens(
        access=str(refresh.access_token), refresh=str(refresh), expires_in=int(lifetime.total_seconds())
    )


@transaction.atomic
def rotate(*, refresh: str) -> Tokens:
    """Exchange a refresh token for a new pair; of two exchanges of one token, one is refused."""
    token = _read(refresh)
    user = User.objects.filter(pk=token[api_settings.USER_ID_CLAIM], is_active=True).first()
    if user is None or token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(user.password):
        raise TokenRefused("This token can no longer be used. Sign in again.")
    if not _use_up(token):
        raise TokenRefused("This token has been used before. Sign in again.")
    return issue(user=user)


def revoke(*, refresh: str) -> None:
    """End a refresh token; one that is no longer good is already ended."""
    try:
        token = _read(refresh)
    except TokenRefused:
        return
    _use_up(token)


def revoke_all(*, user: User) -> None:
    """End every refresh token of the user."""
    live = OutstandingToken.objects.filter(user=user, blacklistedtoken__isnull=True)
    BlacklistedToken.objects.bulk_create(
        [BlacklistedToken(token=token) for token in live], ignore_conflicts=True
    )


def _read(refresh: str) -> RefreshToken:
    try:
        return RefreshToken(cast(Any, refresh))  # it takes the text, whatever its annotation says
    except TokenError:
        raise TokenRefused("This token can no longer be used. Sign in again.") from None


def _use_up(token: RefreshToken) -> bool:
    """End the token; False when somebody else was first."""
    filed = OutstandingToken.objects.filter(jti=token["jti"]).first()
    return filed is not None and BlacklistedToken.objects.get_or_create(token=filed)[1]
