"""Telling users what happened, once for each cause; and keeping track of what they have read."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Delivery, Notification, User
from accounts.notifications.bell import ring_on_commit
from accounts.notifications.kinds import Channel, Kind

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
    body is cut rather than refused. Raises ValueError for an unknown kind or an address elsewhere.
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
    if preferences.wants(told, Channel.EMAIL) and _has_proven_address(user):
        _queue_mail(notification)
    return notification


def _queue_mail(notification: Notification) -> None:
    _, is_new = Delivery.objects.get_or_create(notification=notification, defaults={"next_at": Now()})
    if is_new:
        ring_on_commit()


def _has_proven_address(user: User) -> bool:
    """Nobody is mailed who has not shown that the address is theirs."""
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
