"""Apply events of Stripe's once more."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.timezone import is_naive, make_aware

from billing.models import WebhookEvent
from billing.webhooks import events


class Command(BaseCommand):
    """Replay stored events by id, or by when they happened; the oldest first."""

    help = "Apply stored events of Stripe's once more. What was applied already has no second effect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what chooses the events."""
        parser.add_argument("--id", action="append", default=[], dest="ids", metavar="EVENT", help="again")
        parser.add_argument(
            "--from", dest="start", type=_moment, metavar="TIME", help="happened then or later"
        )
        parser.add_argument("--to", dest="stop", type=_moment, metavar="TIME", help="happened before then")
        parser.add_argument("--type", dest="kind", help="of this type only, e.g. invoice.paid")

    def handle(
        self,
        *args: Any,
        ids: list[str],
        start: datetime | None,
        stop: datetime | None,
        kind: str | None,
        **options: Any,
    ) -> None:
        """Apply the chosen events here and now, and say what became of each; fail where one did not."""
        if bool(ids) == (start is not None and stop is not None) or (start is None) != (stop is None):
            raise CommandError("Choose events by --id, or by both --from and --to.")
        chosen = WebhookEvent.objects.all()
        chosen = chosen.filter(pk__in=ids) if ids else chosen.filter(created__gte=start, created__lt=stop)
        if kind:
            chosen = chosen.filter(type=kind)
        if missing := set(ids) - set(chosen.values_list("pk", flat=True)):
            raise CommandError(f"Not stored here: {', '.join(sorted(missing))}.")
        failed = self._replay(chosen)
        if failed:
            raise CommandError(f"{failed} of them could not be applied; they are tried again by the clock.")

    def _replay(self, chosen: QuerySet[WebhookEvent]) -> int:
        failed = 0
        for event in chosen.order_by("created", "pk"):
            events.replay(WebhookEvent.objects.filter(pk=event.pk))
            events.apply(event.pk)
            event.refresh_from_db()
            failed += event.state in (WebhookEvent.State.WAITING, WebhookEvent.State.FAILED)
            reason = event.error.strip().rpartition("\n")[2]
            self.stdout.write(f"{event.pk}  {event.type}  {event.state}  {reason}".rstrip())
        return failed


def _moment(text: str) -> datetime:
    """Read a time as ISO 8601; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no time: write 2026-09-01T00:00.") from None
    return make_aware(found) if is_naive(found) else found
