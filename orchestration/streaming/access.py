"""Who may follow a session: asked when a stream opens and again while it lasts.

Runs in the few shared threads of `threads()`, one short set of queries at a time; the connection goes back
after each.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session as SignIn
from django.db import connections
from rest_framework.exceptions import APIException
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings

from accounts import key_gate, keys
from accounts.api.key_authentication import secret_of
from accounts.keys import KeyRefused
from accounts.models import ApiKey, User
from config.common import clock
from orchestration.models import Session
from orchestration.workflow.terms import ENDED

R = TypeVar("R")
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to follow one session, and what it rests on."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    sign_in: str = ""
    key_id: uuid.UUID | None = None
    auth_hash: str = ""
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a re-check found: tickets that hold, and the last change of each session."""

    valid: frozenset[Ticket]
    stamps: dict[uuid.UUID, tuple[int, bool]]


class NotSignedIn(Exception):  # an answer, not a fault
    """Nobody is signed in."""


class NothingThere(Exception):  # an answer, not a fault
    """There is no such session for this user."""


@cache
def threads() -> ThreadPoolExecutor:
    """Return this process's threads for questions to the database."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="stream-access")


def with_connection(ask: Callable[[], R]) -> R:
    """Return what `ask` answers, and give the database connection back."""
    try:
        return ask()
    finally:
        connections.close_all()


def authorise(*, session_id: uuid.UUID, cookie: str, authorization: str) -> Ticket:
    """Return the ticket of a request; raise NotSignedIn, or NothingThere for what is not theirs to see.

    Raises Refused where a key was sent and its owner's plan has none.
    """
    ticket = _by_token(session_id, authorization) if authorization else _by_cookie(session_id, cookie)
    user = User.objects.filter(pk=ticket.user_id, is_active=True).first()
    if user is None:
        raise NotSignedIn
    if not Session.objects.visible_to(user).filter(pk=session_id).exists():
        raise NothingThere
    return ticket


def signed_in(*, cookie: str, authorization: str) -> User | None:
    """Return who sends these credentials; None where that is nobody, or somebody who is shut out.

    Raises Refused where a key was sent and its owner's plan has none.
    """
    nothing = uuid.UUID(int=0)
    try:
        ticket = _by_token(nothing, authorization) if authorization else _by_cookie(nothing, cookie)
    except NotSignedIn:
        return None
    return User.objects.filter(pk=ticket.user_id, is_active=True).first()


def recheck(tickets: Iterable[Ticket]) -> Standing:
    """Return which of `tickets` still hold; a query for each kind of thing whatever their number."""
    asked = set(tickets)
    users = {user.pk: user for user in User.objects.filter(pk__in={t.user_id for t in asked}, is_active=True)}
    sessions = {
        session.pk: session
        for session in Session.objects.filter(pk__in={t.session_id for t in asked}).only(
            "owner", "stamp", "status"
        )
    }
    signed_in = set(
        SignIn.objects.filter(
            session_key__in={t.sign_in for t in asked if t.sign_in}, expire_date__gt=clock.now()
        ).values_list("session_key", flat=True)
    )

    known_keys = set(
        ApiKey.objects.filter(pk__in={t.key_id for t in asked if t.key_id})
        .exclude(expires_at__lte=clock.now())
        .values_list("pk", flat=True)
    )

    def holds(ticket: Ticket) -> bool:
        user, session = users.get(ticket.user_id), sessions.get(ticket.session_id)
        if user is None or session is None or session.owner_id != user.pk:
            return False
        if ticket.key_id is not None and ticket.key_id not in known_keys:
            return False
        if ticket.expires_at is not None:
            return time.time() < ticket.expires_at
        return ticket.sign_in in signed_in and ticket.auth_hash == user.get_session_auth_hash()

    return Standing(
        valid=frozenset(filter(holds, asked)),
        stamps={session.pk: (session.stamp, session.status in ENDED) for session in sessions.values()},
    )


def _by_key(session_id: uuid.UUID, secret: str) -> Ticket:
    """Return the ticket of a key; raise NotSignedIn, or Refused where its owner's plan has no keys.

    It lasts as long as an access token: whoever follows for longer comes again, and is asked everything anew.
    """
    try:
        key = keys.find_key(secret)
    except KeyRefused as error:
        raise NotSignedIn from error
    key_gate.require(user=key.user)
    keys.note_use(key)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()
    return Ticket(
        user_id=key.user_id, session_id=session_id, key_id=key.pk, expires_at=time.time() + lifetime
    )


def _by_token(session_id: uuid.UUID, authorization: str) -> Ticket:
    if (secret := secret_of(authorization)) is not None:
        return _by_key(session_id, secret)
    request: Any = SimpleNamespace(META={"HTTP_AUTHORIZATION": authorization.encode("latin-1")})
    try:
        found = JWTAuthentication().authenticate(request)
    except (APIException, TokenError) as error:
        raise NotSignedIn from error
    if found is None:
        raise NotSignedIn
    user, token = found
    return Ticket(user_id=user.pk, session_id=session_id, expires_at=float(token["exp"]))


def _by_cookie(session_id: uuid.UUID, cookie: str) -> Ticket:
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError as error:
        raise NotSignedIn from error
    if morsel is None:
        raise NotSignedIn
    store = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    user: Any = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
    if not user.is_authenticated:
        raise NotSignedIn
    return Ticket(
        user_id=user.pk,
        session_id=session_id,
        sign_in=morsel.value,
        auth_hash=user.get_session_auth_hash(),
    )
