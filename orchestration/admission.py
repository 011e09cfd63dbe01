"""May this session start now, and if not, why: every guard in one place, for Start and for the estimate."""

from collections.abc import Iterable

from accounts.models import User
from accounts.services.verification import is_verified
from billing import entitlements, quotas, rates
from config.common.errors import Conflict, DomainError, Invalid, PaymentRequired, Unavailable
from credits.models import Wallet
from objects import read_only
from orchestration.models import Session
from orchestration.providers.registry import HOUSE, availability
from orchestration.spec import SessionSpec


def require_team(*, user: User, spec: SessionSpec, largest_request: int) -> None:
    """Raise unless the plan carries this team: its size, rounds, models and length of text.

    `largest_request` is the likely number of tokens of its largest request.
    """
    entitlements.require(user=user, limit="agents_per_session", used=len(spec.roles), adding=0)
    entitlements.require(user=user, limit="rounds_per_session", used=spec.max_rounds, adding=0)
    for role in spec.roles:
        entitlements.require_model(user=user, model=role.model)
    require_models(spec)
    entitlements.require(user=user, limit="tokens_per_request", used=largest_request, adding=0)


def closed(session: Session) -> DomainError | None:
    """Return why nobody may work in the session now: its project, or its document's, is beyond the plan.

    None where they may. A service that was bought is not bounded by the plan, and changes no text.
    """
    if session.service:
        return None
    return read_only.refusal_for(session.owner, session.document.project_id, session.project_id)


def require_open(session: Session) -> None:
    """Raise ReadOnly where `closed` says why."""
    refusal = closed(session)
    if refusal is not None:
        raise refusal


def require_places(*, user: User, spec: SessionSpec) -> None:
    """Raise ReadOnly where the project that the session would belong to, or its document's, is read-only."""
    places = [spec.document.project_id if spec.document else None, spec.project.pk if spec.project else None]
    read_only.require_writable(user, *places)


def require_models(spec: SessionSpec) -> None:
    """Raise Unavailable where a model of the team cannot be reached."""
    for role in spec.roles:
        able = availability(role.model)
        if not able.available:
            raise Unavailable(f"{role.label}: {able.reason} Choose another model.")


def require_text(spec: SessionSpec) -> None:
    """Raise Invalid where there is nothing to work on, Conflict where somebody works on it already."""
    if spec.document is not None and spec.document.is_locked:
        raise Conflict("Another session is writing this document. Wait for it, or stop it.")
    if not spec.body.strip() and not spec.instructions:
        raise Invalid("The document is empty. Write something, or say in the instructions what to write.")


def sessions_running(user: User) -> int:
    """Sessions that are at work now."""
    return Session.objects.filter(owner=user).running().count()


def require_quota(*, user: User, models: Iterable[str], tokens: int = 1) -> None:
    """Raise Refused where the month has no session or not `tokens` left, TooMany as `require_turn` does."""
    quotas.require(user=user, limit="sessions_per_month")
    require_turn(user=user, models=models, tokens=tokens)


def require_turn(*, user: User, models: Iterable[str], tokens: int = 1) -> None:
    """Raise unless agents on `models` may be asked to work now, for a session started before as well.

    Refused without `tokens` left in the month; TooMany for one AI request too many within the hour, and for
    too much at once; Outage where the hour's count cannot be asked. Counts nothing: see `count_request`.
    """
    quotas.require(user=user, limit="tokens_per_month", adding=tokens)
    require_work(user=user, models=models)


def require_work(*, user: User, models: Iterable[str]) -> None:
    """Raise TooMany for one AI request too many within the hour and for too much at once; Outage as above."""
    if _asks_a_provider(models):
        rates.require(user)
    require_place(user=user)


def count_request(user: User, models: Iterable[str]) -> None:
    """Count one AI request: agents on `models` were asked to work. Call it last, once nothing can refuse."""
    if _asks_a_provider(models):
        rates.take(user)


def _asks_a_provider(models: Iterable[str]) -> bool:
    """Whether anybody but the built-in analyst works, which costs nobody anything and is no AI request."""
    return any(model != HOUSE for model in models)


def require_place(*, user: User) -> None:
    """Raise TooMany while as many sessions run as the plan carries."""
    entitlements.require(user=user, limit="concurrent_jobs", used=sessions_running(user))


def require_credits(*, user: User, spec: SessionSpec, first_step: int, least: int) -> None:
    """Raise PaymentRequired unless the first step can be held, within the wallet and the session's cap.

    `first_step` is what it holds at most, `least` what the cap must leave it to begin.
    """
    cap = spec.cap_credits
    if cap is not None and least > cap:
        raise PaymentRequired(
            f"The first step takes up to {least} credits, the cap allows {cap}. Raise the cap.",
            details={"needed": least, "available": cap, "cap": cap},
        )
    holds = first_step if cap is None else min(first_step, cap)
    available = available_credits(user)
    if holds <= available:
        return
    verify = "" if is_verified(user=user) else " Confirm your e-mail address to receive your free credits."
    raise PaymentRequired(
        f"The first step holds {holds} credits, {available} are available.{verify}",
        details={"needed": holds, "available": available},
    )


def available_credits(user: User) -> int:
    """Return the credits that `user` can spend now."""
    return Wallet.objects.values_list("available", flat=True).get(owner=user)
