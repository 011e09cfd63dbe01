"""Housekeeping of accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import idempotency
from accounts.notifications import outbox
from accounts.services import notices


@shared_task(name="accounts.tasks.prune")
def prune() -> None:
    """Forget answers nobody can replay any more, old notices, sessions and tokens that have expired."""
    idempotency.prune()
    notices.prune()
    call_command("clearsessions")
    call_command("flushexpiredtokens")


@shared_task(name="accounts.tasks.send_mails")
def send_mails() -> None:
    """Send the mails and alerts that are due. Safe to run twice, and beside itself."""
    outbox.send_due()
