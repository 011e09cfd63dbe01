"""Finds holds that no work needs any more. None should exist: holds and turns change in one transaction."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from config.common import clock
from credits import ledger
from credits.models import Hold
from orchestration.models import Turn
from orchestration.runtime.timing import GRACE_SECONDS

_KIND = "turn"


def release_dead_holds() -> int:
    """Release open holds of turns that no longer name them; return how many."""
    naming = Turn.objects.filter(hold_id=OuterRef("pk"))
    old = clock.now() - timedelta(seconds=GRACE_SECONDS)
    open_holds = Hold.objects.open().filter(~Exists(naming), reference_kind=_KIND, created_at__lt=old)
    dead = list(open_holds[:500])
    for hold in dead:
        ledger.release(hold_id=hold.pk, key=f"dead:{hold.pk}", description="No work needs this hold any more")
    return len(dead)
