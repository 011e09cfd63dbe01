"""The monthly limits that the meter counts: asked before work starts, and told of as they are used up."""

from collections.abc import Mapping
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from accounts.notifications import Kind
from accounts.services.notifications import notify
from billing import entitlements
from billing.amounts import count
from billing.limits import LIMITS, Limits
from billing.offers import cheapest
from billing.refusals import offer_message
from credits import metering
from credits.models import Metric
from credits.periods import Period

METERED: Mapping[str, Metric] = {
    "sessions_per_month": Metric.SESSION,
    "tokens_per_month": Metric.LLM_CALL,
}
"""Monthly limits, and the metric that counts each."""

_LIMITS = {metric: limit for limit, metric in METERED.items()}


def used(user: User, limit: str) -> int:
    """Return how much of a metered monthly limit the user has used in the running month: one row read."""
    return metering.used(user_id=user.pk, metric=METERED[limit])


def require(*, user: User, limit: str, adding: int = 1) -> None:
    """Raise Refused (`limit_reached`) where the month has no room for `adding` more of `limit`."""
    if entitlements.limits_for(user).of(limit) is not None:
        entitlements.require(user=user, limit=limit, used=used(user, limit), adding=adding)


def tell(*, user_id: UUID, metric: Metric, period: Period, total: int) -> None:
    """Tell the user when four fifths and when all of the limit that `metric` counts are used.

    Each once for a month, however many acts come after it. Runs inside the transaction of the act.
    """
    limit = _LIMITS.get(metric)
    if limit is None:
        return
    user = User.objects.get(pk=user_id)
    mine = entitlements.entitlements_of(user)
    allowed = mine.limits.of(limit)
    if not allowed or total * 5 < allowed * 4:
        return
    things = f"{count(allowed)} {LIMITS[limit].many}"
    day = f"{period.end:%-d %B}"
    if total >= allowed:
        kind, title = Kind.QUOTA_100, f"This month’s {things} are used"
        body = f"The count starts again on {day}. {_more(limit, allowed, beside=mine.plan_code)}".strip()
    else:
        kind, title = Kind.QUOTA_80, f"{count(total)} of this month’s {things} are used"
        left = allowed - total
        be = "is" if left == 1 else "are"
        body = f"{count(left)} {be} left until {day}, when the count starts again."
    notify(
        user=user,
        kind=kind,
        cause=f"{limit}:{period.start.isoformat()}",
        title=title,
        body=body,
        url=reverse("billing:overview"),
        data={"limit": limit, "used": total, "allowed": allowed, "resets_at": period.end.isoformat()},
    )


def _more(limit: str, allowed: int, *, beside: str) -> str:
    """Name the cheapest plan that carries more than `allowed` of `limit`, with its price; empty for none."""

    def would_do(limits: Limits) -> bool:
        carried = limits.of(limit)
        return carried is None or carried > allowed

    found = cheapest(beside=beside, would_do=would_do)
    return offer_message(limit=limit, offer=found[0], more=found[1].of(limit)) if found else ""
