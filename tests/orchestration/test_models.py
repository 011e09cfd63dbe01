"""The rules that the database itself keeps."""

import uuid

import pytest
from django.db import IntegrityError

from orchestration.models import Finding, Session, SessionRole, Turn
from tests.support.sessions import draft, started

GONE = "2026-01-01T00:00Z"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"status": "dancing"}, "status_known"),
        ({"max_rounds": 21}, "rounds_bounded"),
        ({"round": 4}, "round_within_max"),
        ({"score_threshold": 11}, "threshold_is_a_score"),
        ({"cap_credits": 0}, "cap_positive"),
        ({"status": "completed"}, "ended_with_reason"),
        ({"ended_at": GONE}, "ended_with_reason"),
        ({"status": "draft"}, "started_or_draft"),
        ({"status": "paused", "wish": "stop"}, "wish_only_while_running"),
        ({"wakes_at": GONE}, "wakes_only_from_waiting"),
    ],
)
def test_session(author, fields, name):
    session = started(author, model="house", max_rounds=3)
    with pytest.raises(IntegrityError, match=f"orchestration_session_{name}"):
        Session.objects.filter(pk=session.pk).update(**fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"position": 1}, "position_unique"),
        ({"label": "Style Editor"}, "label_unique"),
        ({"role": "synthesizer"}, "one_writer_one_synthesizer"),
        ({"role": "king"}, "role_known"),
        ({"temperature": 3}, "temperature_bounded"),
    ],
)
def test_role(author, fields, name):
    session = draft(author)
    with pytest.raises(IntegrityError, match=f"orchestration_sessionrole_{name}"):
        SessionRole.objects.filter(session=session, role="writer").update(**fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"status": "dancing", "hold_id": None, "finished_at": GONE, "outcome": "completed"}, "status_known"),
        ({"status": "running"}, "running_has_lease"),
        ({"hold_id": None}, "active_holds_credits"),
        ({"status": "suspended"}, "active_holds_credits"),
        ({"status": "finished", "hold_id": None}, "over_with_outcome"),
        ({"is_superseded": True}, "superseded_is_over"),
        ({"score": 11}, "score_bounded"),
    ],
)
def test_turn(author, fields, name):
    turn = started(author, model="house").turns.get()
    with pytest.raises(IntegrityError, match=f"orchestration_turn_{name}"):
        Turn.objects.filter(pk=turn.pk).update(**fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"status": "dancing"}, "status_known"),
        ({"start": 5}, "anchor_whole"),
        ({"start": 5, "end": 5}, "anchor_whole"),
        ({"status": "rejected"}, "rejected_with_reason"),
        ({"number": 2}, "number_unique"),
    ],
)
def test_finding(author, fields, name):
    session = started(author, model="house")
    for number in (1, 2):
        finding = Finding.objects.create(
            session=session, turn=session.turns.get(), number=number, category="style", severity="minor",
            message="m", version_number=1,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match=f"orchestration_finding_{name}"):
        Finding.objects.filter(number=1).update(**fields)
    with pytest.raises(IntegrityError, match="orchestration_finding_not_into_itself"):
        Finding.objects.filter(pk=finding.pk).update(merged_into=finding.pk)


def test_sessions_are_seen_by_their_owner_only(author, bob):
    session = draft(author)
    assert list(Session.objects.visible_to(author)) == [session]
    assert not Session.objects.visible_to(bob).exists()
    assert not Session.objects.editable_by(bob).filter(pk=session.pk).exists()
    assert not Session.objects.filter(pk=uuid.uuid4()).exists()
