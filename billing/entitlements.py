"""May this user do X now, and if not, which plan would allow it: the one place that answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from billing import refusals
from billing.limits import LIMITS, Kind, Limits
from billing.models import AgentPrice, PlanTerms, Subscription
from billing.offers import cheapest
from billing.pricing_table import resolve_model
from billing.refusals import Offer
from config.common.clock import now
from config.common.errors import DomainError, Refused, TooMany

_CACHE = "_billing_entitlements"
_RETRY = {Kind.CONCURRENT: 15, Kind.HOURLY: 60}
"""Seconds after which trying again is sensible where nobody knows the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements:
    """The terms a user is on at this moment; `ends_at` is when they end by themselves.

    `source` says why: "free", or "comp" for a plan that an operator gave. `allowance` says what became of the
    credits that came with it.
    """

    plan_code: str
    plan_name: str
    rank: int
    terms_version: int
    credits_per_month: int | None
    limits: Limits
    source: str
    allowance: str
    started_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer for one limit. `maximum` None is unlimited."""

    limit: str
    used: int
    adding: int
    maximum: int | None

    @property
    def allowed(self) -> bool:
        """Whether it may be done now."""
        return self.maximum is None or self.used + self.adding <= self.maximum

    @property
    def is_over(self) -> bool:
        """Whether there already is more than the plan carries, as after a change to a lower plan."""
        return self.maximum is not None and self.used > self.maximum


def entitlements_of(user: User) -> Entitlements:
    """Return the terms `user` is on: one query, remembered on this user instance until `forget`.

    A user whose comp has run out, or who has no subscription yet, is on the free plan. Refused
    (`subscription_inactive`) while no catalogue is loaded.
    """
    known: Entitlements | None = getattr(user, _CACHE, None)
    if known is None or (known.ends_at is not None and known.ends_at <= now()):
        known = _read(user)
        setattr(user, _CACHE, known)
    return known


def forget(user: User) -> None:
    """Read the terms of `user` again the next time they are asked for."""
    if hasattr(user, _CACHE):
        delattr(user, _CACHE)


def limits_for(user: User) -> Limits:
    """Return the limits `user` is under now."""
    return entitlements_of(user).limits


def check(*, user: User, limit: str, used: int, adding: int = 1) -> Decision:
    """Decide whether `user`, who has `used` of `limit`, may add `adding`. KeyError for no such limit."""
    return Decision(limit=limit, used=used, adding=adding, maximum=limits_for(user).of(limit))


def require(*, user: User, limit: str, used: int, adding: int = 1, resets_at: datetime | None = None) -> None:
    """Return where `check` allows; else raise what `refusal` describes."""
    decision = check(user=user, limit=limit, used=used, adding=adding)
    if not decision.allowed:
        raise refusal(user=user, decision=decision, resets_at=resets_at)


def is_over(*, user: User, limit: str, used: int) -> bool:
    """Tell whether `used` exceeds what the plan carries: then it can be read, and not added to."""
    return check(user=user, limit=limit, used=used, adding=0).is_over


def require_feature(*, user: User, feature: str) -> None:
    """Return where the plan includes `feature`; else Refused `feature_not_in_plan`. KeyError if unknown."""
    mine = entitlements_of(user)
    if mine.limits.has(feature):
        return
    found = cheapest(beside=mine.plan_code, would_do=lambda limits: limits.has(feature))
    offer = found[0] if found else None
    raise Refused(
        refusals.feature_message(plan=mine.plan_name, feature=feature, offer=offer),
        code="feature_not_in_plan",
        details=_details(mine, offer, feature=feature),
    )


def require_model(*, user: User, model: str) -> str:
    """Return the listed name of `model` where the plan includes it; else Refused `model_not_allowed`."""
    name = resolve_model(model).name
    mine = entitlements_of(user)
    if mine.limits.includes_model(name):
        return name
    found = cheapest(beside=mine.plan_code, would_do=lambda limits: limits.includes_model(name))
    offer = found[0] if found else None
    raise Refused(
        refusals.model_message(plan=mine.plan_name, model=name, offer=offer),
        code="model_not_allowed",
        details=_details(mine, offer, model=name),
    )


def require_agent(*, user: User, agent: str) -> AgentPrice:
    """Return the price of `agent` where the plan may run it; else Refused `agent_not_allowed`."""
    mine = entitlements_of(user)
    price = AgentPrice.objects.select_related("minimum_plan").filter(name=agent).first()
    if price is None:
        message = f"There is no agent called “{agent[:80]}” here."
        raise Refused(message, code="agent_not_allowed", details=_details(mine, None, agent=agent[:80]))
    least = price.minimum_plan.rank
    if mine.rank >= least:
        return price
    found = cheapest(beside=mine.plan_code, would_do=lambda limits: True, least_rank=least)
    offer = found[0] if found else None
    raise Refused(
        refusals.agent_message(plan=mine.plan_name, agent=agent, offer=offer),
        code="agent_not_allowed",
        details=_details(mine, offer, agent=agent),
    )


def refusal(*, user: User, decision: Decision, resets_at: datetime | None = None) -> DomainError:
    """Return the error for a `decision` that is a no, with the cheapest plan that would make it a yes.

    Too much at once and too often are TooMany (`too_many_jobs`, `rate_limited`); a limit of none at all is
    `plan_required`; the rest are `limit_reached`. Monthly counts reset with the wallet's month.
    """
    mine, moment = entitlements_of(user), now()
    words, maximum = LIMITS[decision.limit], decision.maximum or 0
    if resets_at is None and words.kind is Kind.MONTHLY:
        resets_at = user.wallet.period(at=moment).end

    def would_do(limits: Limits) -> bool:
        carried = limits.of(decision.limit)
        return carried is None or decision.used + decision.adding <= carried

    found = cheapest(beside=mine.plan_code, would_do=would_do)
    offer = found[0] if found else None
    message = refusals.limit_message(
        plan=mine.plan_name,
        limit=decision.limit,
        used=decision.used,
        adding=decision.adding,
        allowed=maximum,
        offer=offer,
        more=found[1].of(decision.limit) if found else None,
        resets_at=resets_at,
    )
    details = _details(
        mine,
        offer,
        limit=decision.limit,
        used=decision.used,
        allowed=maximum,
        resets_at=resets_at.isoformat() if resets_at else None,
    )
    if words.kind in _RETRY:
        wait = max(1, round((resets_at - moment).total_seconds())) if resets_at else _RETRY[words.kind]
        code = "too_many_jobs" if words.kind is Kind.CONCURRENT else "rate_limited"
        return TooMany(message, retry_after=wait, code=code, details=details)
    return Refused(message, code="limit_reached" if maximum else "plan_required", details=details)


def _read(user: User) -> Entitlements:
    subscription = Subscription.objects.current().filter(user=user).select_related("terms__plan").first()
    if subscription is None or not subscription.is_in_force(now()):
        free = PlanTerms.objects.free()
        if free is None:
            raise Refused(
                "This studio has no plans yet. Its operator loads them with “manage.py load_catalogue”.",
                code="subscription_inactive",
            )
        # What they will be on after the next sweep; until then nothing of it is stored.
        subscription = Subscription(
            terms=free, source=Subscription.Source.FREE, allowance=Subscription.Allowance.WAITING
        )
    terms = subscription.terms
    return Entitlements(
        plan_code=terms.plan.code,
        plan_name=terms.name,
        rank=terms.plan.rank,
        terms_version=terms.version,
        credits_per_month=terms.credits_per_month,
        limits=terms.limits,
        source=subscription.source,
        allowance=subscription.allowance,
        started_at=subscription.started_at,
        ends_at=subscription.ends_at,
    )


def _details(mine: Entitlements, offer: Offer | None, **what: Any) -> dict[str, Any]:
    return {**what, "your_plan": mine.plan_code, "plan": offer.as_json() if offer else None}
