"""Gathers what a turn is given: the document as it stands, the team's findings, the author's words."""

from collections.abc import Iterator

from orchestration.material import GivenFinding, GivenReference, Material
from orchestration.models import Finding, Session, SessionRole, Turn
from orchestration.workflow.terms import EDITORS, FindingStatus, Phase, Role

_MOST_REMARK = 4_000


def material_for(session: Session, role: SessionRole, *, turn: Turn | None = None) -> Material:
    """Return the material of `role` in the session's present round.

    For a `turn` that exists: the version that it reads and the notes left before it was opened, so that
    every attempt is given the same.
    """
    document = session.document
    number = turn.base_number if turn else document.current_number
    notes = session.notes.all()
    if turn is not None:
        notes = notes.filter(created_at__lte=turn.created_at)
    avatar = document.avatar
    return Material(
        role=role.role,
        label=role.label,
        title=document.title,
        document=document.versions.get(number=number).body,
        instructions=session.instructions,
        role_instructions=role.instructions,
        criteria=tuple(role.weighted_criteria),
        round=session.round,
        max_rounds=session.max_rounds,
        findings=tuple(_given(finding, session.round, number) for finding in _findings(session, role)),
        brief=_brief(session) if role.role == Role.WRITER else "",
        remarks=_remarks(session) if role.role == Role.SYNTHESIZER else (),
        notes=tuple(note.text for note in notes),
        references=_references(session),
        voice=avatar.voice_guide if avatar else "",
    )


def given(session: Session, role: SessionRole, turn: Turn) -> dict[str, object]:
    """Return what the request log keeps of a turn's context: which texts, not the texts."""
    material = material_for(session, role, turn=turn)
    return {
        "version": turn.base_number,
        "findings": [finding.number for finding in material.findings],
        "notes": len(material.notes),
        "references": [str(reference.document_id) for reference in session.references.all()],
    }


_DECISIONS = {
    FindingStatus.ACCEPTED: "accept",
    FindingStatus.APPLIED: "accept",
    FindingStatus.MERGED: "merge",
    FindingStatus.REJECTED: "reject",
}


def _findings(session: Session, role: SessionRole) -> Iterator[Finding]:
    """All findings so far; an editor works apart from the other editors of its round."""
    findings = session.findings.filter(turn__is_superseded=False).select_related("turn__role")
    if role.is_editor:
        findings = findings.filter(turn__round__lt=session.round)
    return findings.iterator()


def _given(finding: Finding, round_number: int, version: int) -> GivenFinding:
    is_in_place = finding.version_number == version
    return GivenFinding(
        number=finding.number,
        category=finding.category,
        severity=finding.severity,
        message=finding.message,
        quote=finding.quote,
        occurrence=finding.occurrence,
        suggestion=finding.suggestion,
        start=finding.start if is_in_place else None,
        end=finding.end if is_in_place else None,
        decision=_DECISIONS.get(FindingStatus(finding.status)),
        reason=finding.resolution,
        by=finding.turn.role.label,
        is_earlier=finding.turn.round < round_number,
        is_applied=finding.status == FindingStatus.APPLIED,
    )


def _brief(session: Session) -> str:
    """The Synthesizer's brief of the round before; without one, what its editors said."""
    before = list(session.turns.standing().filter(round=session.round - 1).select_related("role"))
    briefs = [turn.summary for turn in before if turn.role.role == Role.SYNTHESIZER]
    return "\n\n".join(briefs or [turn.summary for turn in before if turn.role.role in EDITORS])


def _remarks(session: Session) -> tuple[tuple[str, str], ...]:
    turns = session.turns.standing().filter(round=session.round, phase=Phase.EDITING).select_related("role")
    return tuple((turn.role.label, turn.summary[:_MOST_REMARK]) for turn in turns if turn.summary)


def _references(session: Session) -> tuple[GivenReference, ...]:
    return tuple(
        GivenReference(reference.document.title, reference.document.body, reference.instructions)
        for reference in session.references.select_related("document")
        if reference.document.deleted_at is None
    )
