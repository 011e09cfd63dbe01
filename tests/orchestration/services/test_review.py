"""Judging rounds, and running a turn again."""

import pytest

from config.common.errors import Conflict, Missing, Refused
from orchestration.models import Finding, Turn
from orchestration.services import approve_round, reject_round, rerun_turn, resume
from orchestration.workflow.terms import FindingStatus, Status
from tests.support.people import open_account
from tests.support.providers import Answer, by_role, editor_answer, synthesizer_answer, writer_answer
from tests.support.sessions import BODY, drive, started

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def reviewed(author, models):
    models.script = by_role(
        writer=[writer_answer("First try."), writer_answer("Second try.")],
        style_editor=editor_answer("try"),
        synthesizer=synthesizer_answer({"finding": 1, "decision": "accept", "reason": "yes"}),
    )
    return drive(
        started(author, roles=("writer", "style_editor", "synthesizer"), max_rounds=2, approve_rounds=True)
    )


def test_a_round_waits_for_its_judgement_and_goes_on_when_approved(author, reviewed):
    assert (reviewed.status, reviewed.round) == (Status.AWAITING_REVIEW, 1)
    with pytest.raises(Conflict, match="approve or reject"):
        resume(session_id=reviewed.pk, user=author)
    session = approve_round(session_id=reviewed.pk, user=author)
    assert (session.status, session.round) == (Status.RUNNING, 2)
    session = drive(session)
    assert (session.status, session.round) == (Status.AWAITING_REVIEW, 2)
    session = approve_round(session_id=session.pk, user=author)
    assert (session.status, session.reason_code) == (Status.COMPLETED, "max_rounds")
    with pytest.raises(Conflict):
        approve_round(session_id=session.pk, user=author)


def test_a_rejected_round_is_taken_back(author, reviewed):
    document = reviewed.document
    document.refresh_from_db()
    assert document.body.strip() == "First try."
    session = reject_round(session_id=reviewed.pk, user=author)
    document.refresh_from_db()
    assert (document.body, document.current_number) == (BODY, 3)
    assert (session.status, session.round) == (Status.RUNNING, 2)
    drive(session)
    document.refresh_from_db()
    assert document.body.strip() == "Second try."


def test_a_rejected_score_ends_nothing(author, models):
    fields = {"roles": ("writer", "style_editor"), "max_rounds": 2, "approve_rounds": True}
    session = drive(started(author, score_threshold=5, **fields))
    assert reject_round(session_id=session.pk, user=author).status == Status.RUNNING


@pytest.mark.parametrize("act", [approve_round, reject_round])
def test_judging_is_the_owners(author, reviewed, act):
    with pytest.raises(Missing):
        act(session_id=reviewed.pk, user=open_account("charlie"))


def test_a_failed_turn_runs_again_with_another_model(author, models):
    models.script = by_role(style_editor=[Answer(status=400), editor_answer("try")])
    session = drive(started(author, roles=("writer", "style_editor")))
    assert session.status == Status.FAILED
    failed = Turn.objects.get(status="failed")
    session = rerun_turn(turn_id=failed.pk, user=author, model="gpt-4o")
    assert (session.status, session.ended_at, session.reason) == (Status.RUNNING, None, "")
    session = drive(session)
    assert session.status == Status.COMPLETED
    assert [call.body["model"] for call in models.log] == ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o"]
    failed.refresh_from_db()
    assert failed.is_superseded


def test_a_writer_that_runs_again_starts_from_the_former_text(author, models):
    models.script = by_role(writer=[writer_answer("Worse."), writer_answer("Better.")])
    session = drive(started(author, roles=("writer",)))
    session = rerun_turn(turn_id=Turn.objects.get().pk, user=author, model="house")
    document = session.document
    document.refresh_from_db()
    assert document.body == BODY
    session = drive(session)
    assert session.status == Status.COMPLETED
    assert Turn.objects.standing().get().provider == "house"


def test_a_synthesizer_that_runs_again_decides_anew(author, models):
    models.script = by_role(
        style_editor=editor_answer("the sea"),
        synthesizer=[
            synthesizer_answer({"finding": 1, "decision": "reject", "reason": "no"}),
            synthesizer_answer({"finding": 1, "decision": "accept", "reason": "yes"}),
        ],
    )
    drive(started(author, roles=("writer", "style_editor", "synthesizer")))
    assert Finding.objects.get().status == FindingStatus.REJECTED
    turn = Turn.objects.get(role__role="synthesizer")
    drive(rerun_turn(turn_id=turn.pk, user=author, model="gpt-4o"))
    assert Finding.objects.get().status == FindingStatus.ACCEPTED


def test_only_the_last_step_runs_again_and_only_on_an_allowed_model(author, models):
    session = drive(started(author))
    writer = Turn.objects.get(role__role="writer")
    with pytest.raises(Conflict, match="last step"):
        rerun_turn(turn_id=writer.pk, user=author, model="gpt-4o")
    last = Turn.objects.get(role__role="synthesizer")
    with pytest.raises(Refused):
        rerun_turn(turn_id=last.pk, user=author, model="claude-opus-4-5")
    with pytest.raises(Missing):
        rerun_turn(turn_id=last.pk, user=open_account("charlie"), model="gpt-4o")
    session.refresh_from_db()
    assert session.status == Status.COMPLETED
