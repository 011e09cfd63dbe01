"""Judging rounds, and running a turn again."""

from uuid import uuid4

import pytest

from config.common.errors import Conflict, Invalid, Missing, Refused
from objects.errors import DocumentLocked, StaleSave
from objects.services import lock_document, save_document
from orchestration.models import Finding, Session, Turn
from orchestration.services import (
    approve_round,
    changes_of_round,
    choose_in_round,
    reject_round,
    rerun_turn,
    resume,
)
from orchestration.workflow.terms import FindingStatus, Status
from tests.support.people import open_account
from tests.support.providers import Answer, by_role, editor_answer, synthesizer_answer, writer_answer
from tests.support.sessions import BODY, drive, race, started

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


TEXT = "He read the sea in order to know it.\n\nThe boy was seen."
ROUND = "He read the sea to know it.\n\nThey saw the boy.\n\nIt was late."


@pytest.fixture
def proposed(author, models):
    models.script = by_role(writer=[writer_answer(ROUND), writer_answer("Second try.")])
    fields = {"roles": ("writer", "style_editor"), "max_rounds": 2, "approve_rounds": True}
    return drive(started(author, body=TEXT, **fields))


def choose(session, author, accepted, number=2):
    return choose_in_round(
        session_id=session.pk, user=author, proposed=number, accepted=accepted, expected_revision=number
    )


def test_single_changes_of_a_round_are_kept_and_it_goes_on_from_there(author, proposed, models):
    found = changes_of_round(proposed)
    assert (found.old.number, found.new.number, len(found.diff.changes)) == (1, 2, 3)
    session = choose(proposed, author, {1, 3})
    document = session.document
    document.refresh_from_db()
    kept = "He read the sea to know it.\n\nThe boy was seen.\n\nIt was late."
    assert document.body == kept
    assert (document.current.cause_text, document.current.author) == ("2 of 3 changes kept", author)
    assert (session.status, session.round, session.is_round_rejected) == (Status.RUNNING, 2, False)
    assert changes_of_round(session) is None
    drive(session)
    assert kept in models.log[-2].body["messages"][-1]["content"], (
        "the next round's Writer reads what was kept"
    )


def test_keeping_every_change_approves_the_round(author, proposed):
    session = choose(proposed, author, {1, 2, 3})
    assert (session.status, session.round, session.document.current_number) == (Status.RUNNING, 2, 2)


def test_keeping_none_rejects_the_round(author, models):
    models.script = by_role(writer=writer_answer(ROUND))
    fields = {"roles": ("writer", "style_editor"), "max_rounds": 2, "approve_rounds": True}
    session = choose(drive(started(author, body=TEXT, score_threshold=5, **fields)), author, ())
    session.document.refresh_from_db()
    assert session.document.body == TEXT
    assert (session.status, session.round) == (Status.RUNNING, 2), "its score ended nothing"


def test_the_owners_own_edits_are_among_the_changes(author, proposed):
    edited = ROUND + "\n\nMine."
    save_document(document_id=proposed.document_id, user=author, body=edited, expected_revision=2)
    proposed.refresh_from_db()
    assert [change.new for change in changes_of_round(proposed).diff.changes][-1] == "\n\nMine."
    with pytest.raises(StaleSave) as stale:
        choose(proposed, author, {1})
    assert stale.value.details["theirs"] == edited
    choose(proposed, author, {4}, number=3)
    proposed.document.refresh_from_db()
    assert proposed.document.body == TEXT + "\n\nMine."


@pytest.mark.parametrize(
    ("accepted", "prepare", "error"),
    [
        ({9}, lambda session: None, Invalid),
        ({1}, lambda session: lock_document(document_id=session.document_id, holder=uuid4()), DocumentLocked),
    ],
)
def test_a_refused_choice_changes_nothing(author, proposed, accepted, prepare, error):
    prepare(proposed)
    before = Session.objects.values().get(pk=proposed.pk)
    with pytest.raises(error):
        choose(proposed, author, accepted)
    assert Session.objects.values().get(pk=proposed.pk) == before
    assert proposed.document.versions.count() == 2


def test_a_round_that_changed_nothing_offers_no_choice(author, models):
    models.script = by_role(writer=writer_answer(TEXT))
    fields = {"roles": ("writer", "style_editor"), "max_rounds": 2, "approve_rounds": True}
    session = drive(started(author, body=TEXT, **fields))
    assert changes_of_round(session) is None
    session.document.refresh_from_db()
    with pytest.raises(Conflict, match="changed nothing"):
        choose(session, author, {1}, number=1)


def test_choosing_is_the_owners_and_only_while_the_round_waits(author, proposed):
    with pytest.raises(Missing):
        choose(proposed, open_account("charlie"), {1})
    choose(proposed, author, {1})
    with pytest.raises(Conflict, match="No round"):
        choose(proposed, author, {1})


def test_of_two_choices_at_the_same_moment_one_goes_on(author, proposed):
    results = race(lambda: choose(proposed, author, {1}), lambda: choose(proposed, author, {2}))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Session"]
    assert proposed.document.versions.count() == 3


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
