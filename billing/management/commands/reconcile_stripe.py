"""Compare the studio with Stripe now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.models import Reconciliation
from billing.reconciling import reconcile


class Command(BaseCommand):
    """Compare events, then objects, as the clock does; say what differed."""

    help = "Compare the studio with Stripe now, and put right what differs: after a restore, or an outage."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fail where a comparison could not be made, or something could not be put right."""
        left = sum(
            self._report(compare()) for compare in (reconcile.compare_events, reconcile.compare_objects)
        )
        if left:
            raise CommandError(f"{left} could not be put right; the admin shows why.")

    def _report(self, run: Reconciliation | None) -> int:
        """Print what a comparison found, and return how much of it stands."""
        if run is None:
            raise CommandError("A comparison is running already.")
        if run.state == run.State.FAILED:
            raise CommandError(f"Comparing {run.kind} failed: {run.error.strip().rpartition(chr(10))[2]}")
        found = list(run.differences.order_by("pk"))
        self.stdout.write(f"{run.compared} {run.kind} compared, {len(found)} differed.")
        for row in found:
            state = "put right" if row.is_repaired else "NOT put right"
            self.stdout.write(f"  {row.what} {row.object_id}: {row.ours} here, {row.theirs} there; {state}")
        return sum(not row.is_repaired for row in found)
