"""How the news from Stripe stands: what waits, since when, and when we last compared ourselves."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from billing.models import Reconciliation, WebhookEvent
from config.common.clock import now

LATE_SECONDS = 15 * 60
"""How long an event may wait before something is wrong."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Events that wait and those given up, and the last comparison of each kind that was completed."""

    waiting: int
    failed: int
    oldest: datetime | None
    events_compared_at: datetime | None
    objects_compared_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether an event has gone without effect for too long."""
        return self.oldest is not None and (now() - self.oldest).total_seconds() > LATE_SECONDS


def standing() -> Standing:
    """Return how it stands now; both questions are answered from small indexes."""
    state = WebhookEvent.State
    counted = WebhookEvent.objects.unapplied().aggregate(
        waiting=Count("pk", filter=Q(state=state.WAITING)),
        failed=Count("pk", filter=Q(state=state.FAILED)),
        oldest=Min("received_at"),
    )
    return Standing(
        **counted,
        events_compared_at=_last(Reconciliation.Kind.EVENTS),
        objects_compared_at=_last(Reconciliation.Kind.OBJECTS),
    )


def _last(kind: Reconciliation.Kind) -> datetime | None:
    done = Reconciliation.objects.filter(kind=kind, state=Reconciliation.State.DONE)
    return done.order_by("-started_at").values_list("started_at", flat=True).first()
