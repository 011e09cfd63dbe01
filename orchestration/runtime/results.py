"""What became of an attempt, read into the session: text, findings, decisions."""

from dataclasses import dataclass, field

from config.common.errors import DomainError
from objects import services as documents
from orchestration.models import Finding, Session, Turn
from orchestration.providers.calls import Call
from orchestration.runtime.news import News
from orchestration.workflow.anchors import Manuscript
from orchestration.workflow.answers import (
    RawFinding,
    Resolution,
    read_editor,
    read_synthesizer,
    read_writer,
)
from orchestration.workflow.evaluation import Evaluation
from orchestration.workflow.outcomes import Outcome
from orchestration.workflow.terms import FindingStatus, Role, Wish

NOT_ADDRESSED = "Not addressed by the Synthesizer."


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt brought: the raw answer (what earlier attempts left included), its calls, its end."""

    text: str
    calls: list[Call] = field(default_factory=list)
    error: str = ""
    wish: Wish = Wish.NONE

    @property
    def truncated(self) -> bool:
        """Whether the answer was cut off at its limit."""
        return bool(self.calls) and self.calls[-1].usage.truncated

    def ran_out(self, turn: Turn) -> bool:
        """Whether the answer stopped where the session's cap left `turn` no more to write with."""
        return turn.is_short and self.truncated and not self.error and not self.wish


def take_in(session: Session, turn: Turn, result: Result, news: News) -> Outcome:
    """Read the finished answer of `turn` into the session and return its outcome; saves all but the turn."""
    turn.output, turn.partial = result.text, ""
    if turn.role.role == Role.WRITER:
        usable = _take_document(session, turn, result, news)
    elif turn.role.role == Role.SYNTHESIZER:
        usable = _take_resolutions(session, turn, result.text, news)
    else:
        usable = _take_findings(session, turn, result.text, news)
    if result.truncated:
        return Outcome.TRUNCATED
    return Outcome.COMPLETED if usable else Outcome.MALFORMED


def _within_margins(base: str, text: str) -> str:
    """Return `text` with the white space around `base`: that an answer has none of it is no change."""
    inner = base.strip()
    lead, _, tail = base.partition(inner) if inner else ("", "", "")
    return lead + text + tail


def _take_document(session: Session, turn: Turn, result: Result, news: News) -> bool:
    base = session.document.versions.get(number=turn.base_number)
    answer = read_writer(
        result.text,
        criteria=turn.role.weighted_criteria,
        original=base.body,
        truncated=result.truncated,
    )
    _evaluated(turn, answer.evaluation)
    turn.summary = answer.summary
    if answer.document is None:
        return False
    body = _within_margins(base.body, answer.document)
    if body == base.body:
        return True
    try:
        version = documents.record_agent_version(
            document_id=session.document_id,
            body=body,
            agent_label=f"{turn.role.label} ({turn.model})",
            session_id=session.pk,
            turn_id=turn.pk,
            expected_revision=session.document.revision,
        )
    except DomainError as error:
        turn.summary = error.message
        return False
    turn.version_number = version.number
    session.document.refresh_from_db()
    news.document(turn)
    _mark_applied(session, base.body, version.body, news)
    return True


def _mark_applied(session: Session, before: str, after: str, news: News) -> None:
    """Accepted findings whose words are gone from the text were applied."""
    old, new = Manuscript(before), Manuscript(after)
    accepted = session.findings.filter(status=FindingStatus.ACCEPTED).exclude(quote="")
    for finding in accepted.select_related("merged_into"):
        if new.count(finding.quote) < old.count(finding.quote):
            finding.status = FindingStatus.APPLIED
            finding.save(update_fields=["status"])
            news.finding(finding)


def _take_findings(session: Session, turn: Turn, text: str, news: News) -> bool:
    answer = read_editor(text, criteria=turn.role.weighted_criteria)
    _evaluated(turn, answer.evaluation)
    turn.summary, turn.is_readable = answer.commentary, answer.readable
    manuscript = Manuscript(session.document.versions.get(number=turn.base_number).body)
    number = session.findings.count()
    findings = [
        _anchored(session, turn, raw, number + place, manuscript)
        for place, raw in enumerate(answer.findings, start=1)
    ]
    Finding.objects.bulk_create(findings)
    for finding in findings:
        news.finding(finding)
    return answer.usable


def _anchored(session: Session, turn: Turn, raw: RawFinding, number: int, manuscript: Manuscript) -> Finding:
    anchor = manuscript.find(raw.quote, raw.occurrence)
    return Finding(
        session=session,
        turn=turn,
        number=number,
        category=raw.category,
        severity=raw.severity,
        message=raw.message,
        suggestion=raw.suggestion,
        quote=manuscript.text[anchor.start : anchor.end] if anchor else raw.quote,
        occurrence=anchor.occurrence if anchor else raw.occurrence,
        version_number=turn.base_number,
        start=anchor.start if anchor else None,
        end=anchor.end if anchor else None,
    )


def _take_resolutions(session: Session, turn: Turn, text: str, news: News) -> bool:
    answer = read_synthesizer(text, criteria=turn.role.weighted_criteria)
    _evaluated(turn, answer.evaluation)
    turn.summary, turn.is_readable = answer.brief, answer.readable
    open_ones = Finding.objects.of_round(session, session.round).unresolved()
    findings = {finding.number: finding for finding in open_ones}
    decisions = {resolution.finding: resolution for resolution in answer.resolutions}
    for number, finding in findings.items():
        _decide(finding, decisions.get(number), findings)
        finding.resolved_by = turn
        finding.save()
        news.finding(finding)
    return answer.usable


def _decide(finding: Finding, decision: Resolution | None, findings: dict[int, Finding]) -> None:
    """Accept, merge or reject; what was not decided, or makes no sense, is accepted: nothing gets lost."""
    if decision is None:
        finding.status, finding.resolution = FindingStatus.ACCEPTED, NOT_ADDRESSED
        return
    target = findings.get(decision.into or 0)
    finding.resolution = decision.reason
    if decision.decision == "reject":
        finding.status = FindingStatus.REJECTED
        finding.resolution = decision.reason or "The Synthesizer gave no reason."
    elif decision.decision == "merge" and target is not None and _may_absorb(target, finding):
        finding.status, finding.merged_into = FindingStatus.MERGED, target
    else:
        finding.status = FindingStatus.ACCEPTED


def _may_absorb(target: Finding, finding: Finding) -> bool:
    """Only a finding that stays may absorb another: no circles, nothing merged into what is rejected."""
    return target.pk != finding.pk and target.status in {FindingStatus.OPEN, FindingStatus.ACCEPTED}


def _evaluated(turn: Turn, evaluation: Evaluation) -> None:
    turn.evaluation, turn.evaluation_tier = evaluation.as_dict(), evaluation.tier
    turn.score = evaluation.mean
