"""The outbox: takes up the mails and alerts that are due, one worker to each, and remembers how it went."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import Delivery
from accounts.notifications import webhook
from accounts.notifications.mail import message_for
from accounts.notifications.webhook import WebhookRefused

logger = logging.getLogger(__name__)

BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""How long a mail waits after its first, second … failure; after one more it has failed."""

LEASE = timedelta(minutes=3)
"""How long a worker has for one step; longer than the mail server may take to answer in all."""

BATCH = 200
"""How many mails one look into the outbox sends; the next look goes on."""

_UNCLEAR = (
    "The worker was lost while it handed the mail over: it may have arrived. It is not sent again by itself."
)
_CLAIM = """
UPDATE accounts_delivery
SET attempts = attempts + 1, next_at = statement_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT id FROM accounts_delivery
    WHERE state = 'pending' AND next_at <= statement_timestamp() AND handed_at IS NULL
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


class _Server:
    """The mail server during one look into the outbox; one that does not answer is not asked again."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend = get_connection()
        self._refusal: Exception | None = None

    def open(self) -> None:
        """Be connected. Raises what the first try raised."""
        if self._refusal is not None:
            raise self._refusal
        try:
            self._connection.open()
        except Exception as error:
            self._refusal = error
            raise

    def send(self, message: EmailMessage) -> None:
        """Hand a mail over. Raises where the server did not take it; the next mail connects anew."""
        try:
            self._connection.send_messages([message])
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Be no longer connected."""
        self._connection.close()


def send_due() -> int:
    """Send what is due and return how many mails were sent. Safe beside other workers; none waits."""
    settle_unclear()
    server = _Server()
    try:
        return sum(_send(delivery, server) for delivery in _claimed())
    finally:
        server.close()


def settle_unclear() -> int:
    """Fail the mails whose worker was lost while handing them over; return how many.

    Whether the server had taken them nobody knows. Sending them again could tell one thing twice.
    """
    lost = Delivery.objects.filter(state=Delivery.State.PENDING, handed_at__isnull=False, next_at__lte=Now())
    return lost.update(state=Delivery.State.FAILED, next_at=None, last_error=_UNCLEAR)


def _claimed() -> Iterator[Delivery]:
    """Yield what is due, each held for a lease from the moment it is asked for."""
    for _ in range(BATCH):
        with database.cursor() as cursor:
            cursor.execute(_CLAIM, [LEASE.total_seconds()])
            row = cursor.fetchone()
        if row is None:
            return
        yield Delivery.objects.select_related("notification__user", "alert").get(pk=row[0])


def _send(delivery: Delivery, server: _Server) -> bool:
    """Send one claimed mail or alert; whatever goes wrong is written down beside it."""
    try:
        if not (_post(delivery) if delivery.alert else _mail(delivery, server)):
            return False
    except Exception as error:  # one mail that cannot be sent must not stop the others
        _put_off(delivery, error)
        return False
    _of(delivery).update(state=Delivery.State.SENT, sent_at=Now(), next_at=None, last_error="")
    return True


def _mail(delivery: Delivery, server: _Server) -> bool:
    """Hand the mail of a notice over; False where the lease is another worker's by now."""
    assert delivery.notification is not None  # noqa: S101 - by constraint, where there is no alert
    message = message_for(delivery.notification)
    server.open()
    if not _hand_over(delivery):
        return False
    server.send(message)
    return True


def _post(delivery: Delivery) -> bool:
    """Send an alert to the operators' webhook; False where the lease is another worker's by now."""
    assert delivery.alert is not None  # noqa: S101 - the caller looked
    if not _hand_over(delivery):
        return False
    webhook.post(delivery.alert)
    return True


def _hand_over(delivery: Delivery) -> bool:
    """Say that the server is about to get the mail; False where the lease is another worker's by now."""
    alive = _of(delivery).filter(state=Delivery.State.PENDING, next_at__gt=Now())
    return bool(alive.update(handed_at=Now(), next_at=Now() + LEASE))


def _put_off(delivery: Delivery, error: Exception) -> None:
    """Schedule the next attempt, or give up where none makes sense."""
    final = delivery.attempts > len(BACK_OFF) or _nobody_there(error)
    reason = f"{type(error).__name__}: {error}"[:500]
    logger.warning("Mail %s failed at attempt %s: %s", delivery.pk, delivery.attempts, type(error).__name__)
    if final:
        _of(delivery).update(state=Delivery.State.FAILED, next_at=None, handed_at=None, last_error=reason)
        return
    wait = BACK_OFF[delivery.attempts - 1]
    _of(delivery).update(
        state=Delivery.State.PENDING, next_at=Now() + wait, handed_at=None, last_error=reason
    )


def _nobody_there(error: Exception) -> bool:
    """Whether the server knows for good that the address takes no mail, or the webhook no message."""
    if isinstance(error, WebhookRefused):
        return error.is_final
    return isinstance(error, SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )


def retry(deliveries: QuerySet[Delivery]) -> int:
    """Send failed mails again, once, at the next look into the outbox; return how many."""
    return deliveries.filter(state=Delivery.State.FAILED).update(
        state=Delivery.State.PENDING, next_at=Now(), handed_at=None
    )


def _of(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row as long as this attempt is its last."""
    return Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
