"""Telling the operators that the studio needs one of them."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Alert, Delivery, User
from accounts.notifications.bell import ring_on_commit
from accounts.notifications.kinds import Kind
from accounts.services.notifications import notify

_LONGEST_TITLE = 160


@transaction.atomic
def alert_operators(*, operators: Iterable[User], cause: str, title: str, body: str, url: str = "") -> int:
    """Tell each of `operators`, and the studio's webhook where it has one; return how many people were told.

    Once for each cause, each of them. Like a notice it is kept with the transaction that makes it true, and
    leaves the studio from the outbox after the commit.
    """
    told = [
        notify(user=operator, kind=Kind.STUDIO_NEEDS_YOU, cause=cause, title=title, body=body, url=url)
        for operator in operators
    ]
    if settings.OPERATOR_WEBHOOK_URL:
        _queue(cause, title, body, url)
    return sum(notice is not None for notice in told)


def _queue(cause: str, title: str, body: str, url: str) -> None:
    words = {"title": " ".join(title.split())[:_LONGEST_TITLE], "body": body.strip(), "url": url}
    alert, is_new = Alert.objects.get_or_create(cause=cause, defaults=words)
    if is_new:
        Delivery.objects.create(alert=alert, next_at=Now())
        ring_on_commit()
