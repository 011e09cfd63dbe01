"""How long the sandbox tries to collect a failed renewal, and what becomes of the subscription then."""

from dataclasses import dataclass

from billing.sandbox.asked import Params, choice, integer, only
from billing.sandbox.errors import InvalidError
from billing.sandbox.world import World

_NOTE = "rules_of_collection"
_DAY = 24 * 3600


@dataclass(frozen=True)
class Rules:
    """`retry_days`: days after the first failed attempt on which to try again. `afterwards`: what follows.

    `draft_seconds`: how long a renewal's invoice stays a draft before it is final and collected. About an
    hour at Stripe; none here unless set: a clock that is moved to a period's end shows the whole renewal.
    """

    retry_days: tuple[int, ...] = (1, 3, 5)
    afterwards: str = "cancel"
    draft_seconds: int = 0

    def next_attempt(self, *, first_failed_at: int, at: int) -> int | None:
        """Return when to try again after a failure at `at`, or None when it was the last."""
        days = (first_failed_at + day * _DAY for day in self.retry_days)
        return next((moment for moment in days if moment > at), None)


def rules(world: World) -> Rules:
    """Return the rules in force: those last set, else tries after 1, 3 and 5 days, then the end."""
    kept = world.store.notes(_NOTE)
    return Rules(tuple(kept["retry_days"]), kept["afterwards"], kept["draft_seconds"]) if kept else Rules()


def set_rules(world: World, params: Params) -> Rules:
    """Set `retry_days` (rising), `afterwards` (cancel, unpaid, past_due) and `draft_seconds` from now on."""
    only(params, "retry_days", "afterwards", "draft_seconds")
    days = [int(day) for day in params.get("retry_days", Rules.retry_days)]
    if days != sorted(set(days)) or any(day < 1 for day in days):
        raise InvalidError("The days of the retries must rise", param="retry_days")
    world.store.note(
        _NOTE,
        retry_days=days,
        afterwards=choice(params, "afterwards", "cancel", "unpaid", "past_due"),
        draft_seconds=integer(params, "draft_seconds") or 0,
    )
    return rules(world)
