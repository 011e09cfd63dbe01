"""Telling users what happened, once for each cause."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Delivery, Notification, User
from accounts.notifications.bell import ring_on_commit
from accounts.notifications.kinds import Channel, Kind
from accounts.services.verification import is_verified

_LONGEST_TITLE = 160
_LONGEST_BODY = 2000


@transaction.atomic
def notify(
    *,
    user: User,
    kind: str,
    cause: str,
    title: str,
    body: str,
    url: str = "",
    data: dict[str, Any] | None = None,
) -> Notification | None:
    """Tell `user` something, by the channels they left on; None where they were told of this cause before.

    Call it inside the transaction that makes it true, after its locks are taken: both are kept or neither
    is, and nothing leaves the studio before the commit. `cause` names what happened, so that calling again
    for it tells nothing; `url` is a path of ours ("/sessions/…") that lands on the thing. A long title or
    body is cut rather than refused. Nobody is mailed before their address is proven.

    Raises ValueError for an unknown kind or an address elsewhere.
    """
    told = Kind(kind)
    if url and (not url.startswith("/") or url.startswith("//")):
        raise ValueError(f"A notice leads to a path of the studio, not to {url!r}.")
    preferences = user.preferences
    notification, is_new = Notification.objects.get_or_create(
        user=user,
        kind=told,
        cause=cause,
        defaults={
            "title": _cut(" ".join(title.split()), _LONGEST_TITLE),
            "body": _cut(body.strip(), _LONGEST_BODY),
            "url": url,
            "data": data or {},
            "in_app": preferences.wants(told, Channel.IN_APP),
        },
    )
    if not is_new:
        return None
    if preferences.wants(told, Channel.EMAIL) and is_verified(user=user):
        _queue_mail(notification)
    return notification


def welcome(*, user: User) -> None:
    """Greet whoever opened an account. The mail waits for the address to be proven: see `mail_welcome`."""
    notify(
        user=user,
        kind=Kind.WELCOME,
        cause="account",
        title="Welcome to Atelier",
        body="Your desk is ready. Paste a text or upload one, and a team of agents reads and revises it: "
        "the first round takes about a minute, and you see what it will cost before it starts.",
        url="/studio/",
    )


@transaction.atomic
def mail_welcome(*, user: User) -> None:
    """Mail the welcome of a user whose address is proven by now, unless that was done."""
    found = Notification.objects.filter(user=user, kind=Kind.WELCOME, delivery=None).first()
    if found is not None and is_verified(user=user):
        _queue_mail(found)


def _queue_mail(notification: Notification) -> None:
    _, is_new = Delivery.objects.get_or_create(notification=notification, defaults={"next_at": Now()})
    if is_new:
        ring_on_commit()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
