"""Runs the last turn again, with another model."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing import entitlements
from billing.pricing_table import multiplier
from config.common.errors import Conflict, Missing, Unavailable
from objects import services as documents
from objects.quotas import hold_still
from orchestration import admission
from orchestration.models import Finding, Session, Turn
from orchestration.providers.registry import availability, provider_name
from orchestration.runtime import progress
from orchestration.runtime.news import News
from orchestration.services.reaching import editable
from orchestration.workflow.terms import FindingStatus, Phase, TurnStatus

_OVER = (TurnStatus.FINISHED, TurnStatus.FAILED, TurnStatus.CANCELLED)
_REASON = "The turn was run again."


@transaction.atomic
def rerun_turn(*, turn_id: UUID, user: User, model: str) -> Session:
    """Run a turn again with `model`, in a session that does not run, and return the session, running.

    Only a turn of the session's present step, from which nothing followed. What the first try brought no
    longer counts, and stays in the record: the Writer's text is taken back, an editor's findings are
    rejected, a Synthesizer's decisions reopened. Raises Missing, Conflict, Refused, TooMany, Unavailable.
    """
    found = Turn.objects.filter(pk=turn_id).values_list("session_id", flat=True).first()
    if found is None:
        raise Missing("There is no such turn.")
    hold_still(user)
    session = editable(found, user)
    turn = Turn.objects.select_for_update(of=("self",)).select_related("role").get(pk=turn_id)
    _require_last(session, turn)
    admission.require_open(session)
    name = entitlements.require_model(user=user, model=model)
    require_available(name)
    if session.service:
        admission.require_work(user=user, models=[name])
    else:
        admission.require_turn(user=user, models=[name])
    news = News(session)
    run_again(session, turn, model=name, news=news)
    admission.count_request(user, [name])
    news.tell()
    return session


def run_again(session: Session, turn: Turn, *, model: str, news: News) -> None:
    """Put a new turn on `model` in the place of `turn`, whatever it brought undone; both rows are held."""
    _undo(session, turn, session.owner, news)
    progress.reopen(session, turn, model=model, provider=provider_name(model), multiplier=multiplier(model))


def require_available(model: str) -> None:
    """Raise Unavailable, with the reason, where `model` cannot be reached."""
    able = availability(model)
    if not able.available:
        raise Unavailable(able.reason)


def _require_last(session: Session, turn: Turn) -> None:
    if session.is_running:
        raise Conflict("Pause the session before you run a turn again.")
    is_present = (turn.round, turn.phase) == (session.round, session.phase)
    if turn.is_superseded or turn.status not in _OVER or not is_present:
        raise Conflict("Only a turn of the last step can be run again: others built on this one.")


def _undo(session: Session, turn: Turn, user: User, news: News) -> None:
    turn.is_superseded = True
    turn.save(update_fields=["is_superseded"])
    if turn.phase == Phase.WRITING and turn.version_number is not None:
        documents.restore_version(document_id=session.document_id, user=user, number=turn.base_number)
    if turn.phase == Phase.EDITING:
        _reject(turn, news)
    if turn.phase == Phase.SYNTHESIS:
        _reopen_findings(turn, news)


def _reject(turn: Turn, news: News) -> None:
    for finding in turn.findings.select_related("merged_into"):
        finding.status, finding.resolution = FindingStatus.REJECTED, _REASON
        finding.save()
        news.finding(finding)


def _reopen_findings(turn: Turn, news: News) -> None:
    for finding in Finding.objects.filter(resolved_by=turn):
        finding.status, finding.resolution = FindingStatus.OPEN, ""
        finding.resolved_by = finding.merged_into = None
        finding.save()
        news.finding(finding)
