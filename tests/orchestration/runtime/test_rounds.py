"""A session from start to end: phases, findings, endings, credits."""

import math
from decimal import Decimal

import pytest

from orchestration.models import AIRequest, Finding, Turn
from orchestration.workflow.terms import FindingStatus, Status, TurnStatus
from tests.support.providers import Answer, by_role, editor_answer, synthesizer_answer, writer_answer
from tests.support.sessions import drive, figures, started

pytestmark = pytest.mark.usefixtures("sound")


def test_one_round_of_the_whole_team(author, models):
    models.script = by_role(
        writer=writer_answer("To know the sea, he read it. The keeper was seen by the boy."),
        content_expert=editor_answer("the sea"),
        style_editor=editor_answer("was seen by", "not in the text"),
        synthesizer=synthesizer_answer(
            {"finding": 1, "decision": "reject", "reason": "taste"},
            {"finding": 2, "decision": "accept", "reason": "yes"},
        ),
    )
    before, _ = figures(author)
    session = drive(started(author))
    assert (session.status, session.reason_code) == (Status.COMPLETED, "max_rounds")
    assert models.roles()[0] == "writer"
    assert sorted(models.roles()[1:3]) == ["content_expert", "style_editor"]
    assert models.roles()[3] == "synthesizer"
    document = session.document
    document.refresh_from_db()
    assert document.body == "To know the sea, he read it. The keeper was seen by the boy."
    assert (document.current_number, document.lock_holder) == (2, None)
    assert document.current.agent_label == "Writer (gpt-4o-mini)"
    assert list(
        Finding.objects.values_list("number", "status", "start", "resolution").order_by("number")
    ) == [
        (1, "rejected", 8, "taste"),
        (2, "accepted", 40, "yes"),
        (3, "accepted", None, "Not addressed by the Synthesizer."),
    ]
    assert set(Turn.objects.values_list("status", "outcome", "evaluation_tier")) == {
        ("finished", "completed", "structured")
    }
    assert AIRequest.objects.filter(status="ok").count() == 4
    after, held = figures(author)
    assert held == 0
    assert before - after == session.spent == 1


def test_the_next_writer_is_given_what_was_accepted(author, models):
    models.script = by_role(
        writer=[writer_answer("To know the sea, he read it."), writer_answer("He read the sea.")],
        style_editor=editor_answer("To know"),
    )
    session = drive(started(author, roles=("writer", "style_editor"), max_rounds=2))
    assert session.round == 2
    second = [call for call in models.log if call.role == "writer"][1]
    assert '"finding": 1' in second.body["messages"][1]["content"]
    assert Finding.objects.get(number=1).status == FindingStatus.APPLIED


@pytest.mark.parametrize(
    ("fields", "code", "rounds"),
    [
        ({"max_rounds": 3}, "max_rounds", 3),
        ({"max_rounds": 3, "score_threshold": 7}, "score_threshold", 1),
        ({"max_rounds": 3, "score_threshold": 7.5}, "max_rounds", 3),
    ],
)
def test_endings(author, models, fields, code, rounds):
    session = drive(started(author, roles=("writer", "style_editor"), **fields))
    assert (session.status, session.reason_code, session.round) == ("completed", code, rounds)
    assert session.reason


def test_it_ends_when_no_editor_asks_for_changes(author, models):
    models.script = by_role(style_editor=editor_answer())
    session = drive(started(author, roles=("writer", "style_editor"), max_rounds=5))
    assert (session.reason_code, session.round) == ("no_changes", 1)


def test_a_malformed_answer_costs_nothing_and_fails_nothing(author, models):
    models.script = by_role(writer="No.", style_editor="")
    session = drive(started(author, roles=("writer", "style_editor")))
    assert (session.status, session.spent) == (Status.COMPLETED, 0)
    assert set(Turn.objects.values_list("outcome", "reason")) == {
        ("malformed", "The answer could not be used: nothing was charged.")
    }
    assert session.document.current_number == 1


def test_usage_above_the_hold_is_the_studios_cost(author, models):
    text = "word " * 2000
    models.script = by_role(writer=Answer(writer_answer(text), usage_factor=30))
    session = drive(started(author, roles=("writer",), body=text))
    turn = Turn.objects.get()
    assert turn.credits == session.spent == 1
    used = Decimal(models.log[0].tokens_in + models.log[0].tokens_out) * Decimal("0.25") / 10_000
    assert turn.absorbed == math.ceil(used) - 1
    assert turn.absorbed > 0


@pytest.mark.parametrize("failing", ["writer", "content_expert", "style_editor", "synthesizer"])
def test_a_failed_turn_ends_the_session_and_only_what_was_metered_is_charged(author, models, failing):
    models.script = by_role(**{failing: Answer(status=500)})
    session = drive(started(author))
    assert (session.status, session.reason_code) == (Status.FAILED, "error")
    turn = Turn.objects.get(status=TurnStatus.FAILED)
    assert (turn.role.role, turn.outcome, turn.credits) == (failing, "failed_before_output", 0)
    assert session.spent == sum(Turn.objects.values_list("credits", flat=True))
    assert figures(author)[1] == 0
    assert AIRequest.objects.filter(status="failed").count() == 3


def test_a_run_that_failed_before_its_first_word_costs_nothing(author, models):
    models.script = by_role(writer=Answer(status=500))
    before = figures(author)
    drive(started(author))
    assert figures(author) == before


def test_a_broken_answer_is_charged_for_what_came(author, models):
    models.script = by_role(writer=Answer("<document>One two three four five", break_after=1))
    session = drive(started(author))
    turn = Turn.objects.get()
    assert turn.outcome == "failed_after_output"
    assert turn.output.startswith("<document>One ")
    assert session.spent == 1


def test_house_works_without_any_key(author):
    session = drive(started(author, model="house", max_rounds=2))
    assert session.status == Status.COMPLETED
    assert session.spent <= 1
