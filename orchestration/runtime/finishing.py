"""Ends an attempt in one transaction: its text taken in, its tokens settled, what follows opened."""

import hashlib
from decimal import Decimal

from django.db import transaction

from billing.pricing_table import multiplier as multiplier_of
from config.common import clock
from config.common.errors import DomainError
from orchestration.context import given
from orchestration.models import AIRequest, Session, Turn
from orchestration.prompts import Prompt
from orchestration.providers.calls import Call
from orchestration.providers.costs import cost_usd
from orchestration.runtime import charging, progress
from orchestration.runtime.charging import Metered
from orchestration.runtime.leases import Claim, LostLease
from orchestration.runtime.news import News
from orchestration.runtime.results import Result, take_in
from orchestration.runtime.timing import MOST_CRASHES
from orchestration.workflow.outcomes import REASONS, Outcome
from orchestration.workflow.terms import TurnStatus, Wish
from orchestration.workflow.tokens import estimate

_LOST = f"Its worker was lost {MOST_CRASHES} times in a row. Nothing was charged for that."


@transaction.atomic
def begin(held: Claim, shown: str) -> Turn:
    """Tell that an attempt begins, after the visible text `shown`. Raises LostLease."""
    session, turn = _locked(held)
    if held.is_takeover:
        log_lost_call(turn, "The worker was lost during the call.", attempt=held.attempt - 1)
    news = News(session)
    news.turn_started(turn, shown)
    news.tell()
    turn.session = session
    return turn


def log_lost_call(turn: Turn, why: str, *, attempt: int | None = None) -> None:
    """Write a call into the request log whose end nobody will hear of, by what had come of it."""
    AIRequest.objects.create(
        turn=turn,
        attempt=turn.attempt if attempt is None else attempt,
        provider=turn.provider,
        model=turn.model,
        status=AIRequest.Status.LOST,
        tokens_out=estimate(turn.partial),
        is_exact=False,
        error=why,
    )


@transaction.atomic
def finish(held: Claim, result: Result, prompt: Prompt | None = None) -> None:
    """Take in what an attempt brought, settle it and move the session on; LostLease changes nothing."""
    session, turn = _locked(held)
    news = News(session)
    outcome = _conclude(session, turn, result, news)
    charging.settle(session, turn, _metered(session, turn, result), outcome)
    _log(session, turn, result, prompt)
    if turn.status != TurnStatus.SUSPENDED:
        turn.outcome = outcome
        turn.reason = turn.reason or REASONS[outcome]
        turn.finished_at = clock.now()
    turn.lease_until, turn.worker, turn.crashes = None, "", 0
    turn.save()
    news.turn_ended(turn)
    if turn.status == TurnStatus.FAILED:
        news.error(turn)
    session.save()
    progress.step_over(session, news)
    news.tell()


def give_up(held: Claim) -> None:
    """Fail a turn whose workers were lost again and again. Raises LostLease."""
    finish(held, Result(text="", error=_LOST))


def _locked(held: Claim) -> tuple[Session, Turn]:
    """Return session and turn, rows held in this order; LostLease where the attempt no longer counts."""
    session_id = Turn.objects.filter(pk=held.turn_id).values_list("session_id", flat=True).first()
    if session_id is None:
        raise LostLease
    session = progress.locked(session_id)
    turn = Turn.objects.select_for_update(of=("self",)).select_related("role").get(pk=held.turn_id)
    if turn.attempt != held.attempt or turn.status != TurnStatus.RUNNING:
        raise LostLease
    return session, turn


def _conclude(session: Session, turn: Turn, result: Result, news: News) -> Outcome:
    """Set the turn's status by how the attempt ended, and return what it costs by."""
    if result.wish == Wish.PAUSE or result.ran_out(turn):
        turn.status, turn.partial = TurnStatus.SUSPENDED, result.text
        return Outcome.CANCELLED
    if result.wish == Wish.STOP:
        turn.status, turn.output, turn.partial = TurnStatus.CANCELLED, result.text, ""
        return Outcome.CANCELLED
    if result.error:
        turn.status, turn.reason = TurnStatus.FAILED, result.error[:500]
        turn.output, turn.partial = result.text or turn.partial, ""
        written = any(call.text for call in result.calls)
        return Outcome.FAILED_AFTER_OUTPUT if written else Outcome.FAILED_BEFORE_OUTPUT
    turn.status, turn.reason = TurnStatus.FINISHED, ""
    return take_in(session, turn, result, news)


def _metered(session: Session, turn: Turn, result: Result) -> Metered:
    """Return what the owner is charged for: one reading, and all writing that was kept.

    Calls that broke off are the studio's risk: their text is charged once, their reading is not. Where the
    fallback model answered, the lower price counts.
    """
    writing = [call for call in result.calls if call.text]
    last = writing[-1] if writing else None
    tokens_in = last.usage.tokens_in if last else 0
    tokens_out = sum(call.usage.tokens_out for call in writing)
    price = charging.price_of(session, _multiplier(turn, last))
    costs = [_cost(call) for call in result.calls]
    return Metered(
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        provider=last.provider if last else turn.provider,
        model=last.model if last else turn.model,
        weighted=price.weigh(tokens_in, tokens_out),
        cost_usd=sum((cost for cost in costs if cost is not None), Decimal(0)),
        is_cost_known=None not in costs,
    )


def _multiplier(turn: Turn, call: Call | None) -> Decimal:
    if call is None or call.model == turn.model:
        return turn.multiplier
    try:
        return min(turn.multiplier, multiplier_of(call.model))
    except DomainError:
        return turn.multiplier


def _cost(call: Call) -> Decimal | None:
    return cost_usd(provider=call.provider, model=call.model, usage=call.usage)


def _log(session: Session, turn: Turn, result: Result, prompt: Prompt | None) -> None:
    if not result.calls:
        return
    context = given(session, turn.role, turn)
    AIRequest.objects.bulk_create(
        AIRequest(
            turn=turn,
            attempt=turn.attempt,
            provider=call.provider,
            model=call.model,
            status=call.status.value,
            prompt_hash=_hash(prompt.text) if prompt else "",
            prompt_preview=prompt.user[:300] if prompt else "",
            response_hash=_hash(call.text) if call.text else "",
            context=context,
            latency_ms=call.latency_ms,
            first_token_ms=call.first_token_ms,
            tokens_in=call.usage.tokens_in,
            tokens_out=call.usage.tokens_out,
            is_exact=call.usage.exact,
            cost_usd=_cost(call) or Decimal(0),
            error=call.error[:300],
        )
        for call in result.calls
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
