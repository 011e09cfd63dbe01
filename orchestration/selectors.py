"""What pages, API and stream say of a session: one shape for all of them."""

from collections.abc import Mapping
from typing import Any

from orchestration.models import Finding, Session, Turn
from orchestration.workflow.terms import Phase
from orchestration.workflow.visible import visible


def session_state(session: Session) -> dict[str, Any]:
    """Return where `session` stands: two queries, for its document and what it holds."""
    document = session.document
    return {
        "id": str(session.pk),
        "title": session.title,
        "project": str(session.project_id) if session.project_id else None,
        "status": session.status,
        "wish": session.wish,
        "round": session.round,
        "phase": session.phase,
        "phase_label": Phase(session.phase).label,
        "max_rounds": session.max_rounds,
        "score_threshold": None if session.score_threshold is None else float(session.score_threshold),
        "approve_rounds": session.approve_rounds,
        "reason_code": session.reason_code,
        "reason": session.reason,
        "credits": credits_state(session),
        "document": {
            "id": str(document.pk),
            "title": document.title,
            "version": document.current_number,
            "revision": document.revision,
            "words": document.word_count,
        },
        "base_version": session.base_number,
        "created_at": session.created_at,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
    }


def credits_state(session: Session) -> dict[str, int | None]:
    """Return what `session` has spent, what its open turns hold, and its cap.

    One query, none for a session that was read `with_held`.
    """
    return {
        "held": session.held_now(),
        "spent": session.spent,
        "cap": session.cap_credits,
        "needed": session.needed_credits or None,
    }


def turn_state(turn: Turn) -> dict[str, Any]:
    """Return what is told of `turn`, without its text."""
    return {
        "id": str(turn.pk),
        "role": turn.role.role,
        "label": turn.role.label,
        "position": turn.role.position,
        "provider": turn.provider,
        "model": turn.model,
        "round": turn.round,
        "phase": turn.phase,
        "status": turn.status,
        "attempt": turn.attempt,
        "outcome": turn.outcome,
        "reason": turn.reason,
        "summary": turn.summary,
        "evaluation": {
            "tier": turn.evaluation_tier,
            "mean": None if turn.score is None else float(turn.score),
            "scores": turn.evaluation.get("scores", {}),
        },
        "tokens_in": turn.tokens_in,
        "tokens_out": turn.tokens_out,
        "credits": turn.credits,
        "version": turn.version_number,
        "superseded": turn.is_superseded,
        "started_at": turn.started_at,
        "finished_at": turn.finished_at,
    }


def finding_state(finding: Finding) -> dict[str, Any]:
    """Return what is told of `finding`."""
    return {
        "id": str(finding.pk),
        "turn": str(finding.turn_id),
        "number": finding.number,
        "category": finding.category,
        "severity": finding.severity,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "quote": finding.quote,
        "occurrence": finding.occurrence,
        "version": finding.version_number,
        "start": finding.start,
        "end": finding.end,
        "status": finding.status,
        "resolution": finding.resolution,
        "merged_into": finding.merged_into.number if finding.merged_into else None,
    }


def session_view(session: Session, *, written: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the whole session: state, standing turns with the texts at work, findings.

    `written` gives the visible text of turns by id where the stream knows it better than the database.
    """
    written = written or {}
    turns = session.turns.standing().select_related("role").defer("output")
    findings = session.findings.select_related("merged_into")
    return {
        "session": session_state(session),
        "turns": [
            {**turn_state(turn), "text": _text_so_far(turn, written)}
            if turn.is_live or str(turn.pk) in written
            else turn_state(turn)
            for turn in turns
        ],
        "findings": [finding_state(finding) for finding in findings],
    }


def _text_so_far(turn: Turn, written: Mapping[str, str]) -> str:
    """Return what followers see of a turn at work: the stream's text, else the saved one."""
    told = written.get(str(turn.pk))
    return visible(turn.partial, turn.role.role) if told is None else told
