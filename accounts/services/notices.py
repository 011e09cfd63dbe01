"""Reading one's notices: each marked once, nobody else's ever."""

from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from accounts.models import Alert, Notification, User
from config.common.errors import Missing

KEPT = timedelta(days=90)
"""How long a notice stays after it was read, or was told by mail alone."""

_MOST_COUNTED = 100


def mark_read(*, user: User, notification_id: UUID) -> Notification:
    """Mark one notice as read and return it; again is the same. Raises Missing for anybody else's."""
    mine = Notification.objects.shown_to(user).filter(pk=notification_id)
    mine.unread().update(read_at=Now())
    found = mine.first()
    if found is None:
        raise Missing("There is no such notification.")
    return found


def mark_all_read(*, user: User) -> int:
    """Mark all notices of `user` as read; return how many were not."""
    return Notification.objects.shown_to(user).unread().update(read_at=Now())


def unread_count(user: User) -> int:
    """Return how many notices `user` has not read, up to 100: more than that nobody tells apart."""
    return Notification.objects.shown_to(user).unread()[:_MOST_COUNTED].count()


def prune() -> int:
    """Forget alerts, and notices that were read or told without the page, 90 days ago; return how many."""
    read = Notification.objects.filter(read_at__lt=Now() - KEPT)
    unseen = Notification.objects.filter(in_app=False, created_at__lt=Now() - KEPT)
    alerts = Alert.objects.filter(created_at__lt=Now() - KEPT)
    return read.delete()[0] + unseen.delete()[0] + alerts.delete()[0]
