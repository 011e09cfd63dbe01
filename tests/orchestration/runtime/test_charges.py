"""What a run costs when the provider miscounts, fails before its first word, or fails half way."""

import math
from decimal import Decimal

import pytest

from credits.models import Entry, Hold
from orchestration.models import Turn
from orchestration.providers import breaker
from orchestration.workflow.terms import Status
from tests.support.providers import Answer, by_role, default_answer, editor_answer, writer_answer
from tests.support.sessions import TEAM, drive, figures, started, take_all

pytestmark = [pytest.mark.usefixtures("sound"), pytest.mark.timeout(300)]

TOKENS_PER_CREDIT = 10_000
LONG = " ".join(f"word{number}:{'lorem' * 80}" for number in range(70))
"""About 28 000 bytes."""


def settled():
    """What each hold took, oldest first."""
    return list(Hold.objects.order_by("created_at").values_list("settled", flat=True))


@pytest.mark.parametrize("spare", [0, 50])
def test_usage_of_three_times_what_was_foreseen_is_paid_by_the_studio(author, models, spare):
    """A05: the hold is a ceiling; the excess is recorded to the credit, and nobody is in debt."""
    models.script = lambda received: Answer(writer_answer(LONG), usage_factor=3)
    session = started(author, roles=("writer",), body=LONG, model="gpt-4o")
    first = Turn.objects.get()
    take_all(author, leaving=spare)
    session = drive(session)
    turn = Turn.objects.get(pk=first.pk)
    [call] = models.log
    used = math.ceil(Decimal(call.tokens_in + call.tokens_out) / TOKENS_PER_CREDIT)
    assert used > first.hold_amount > 0
    assert settled() == [first.hold_amount]
    assert (turn.credits, turn.absorbed) == (first.hold_amount, used - first.hold_amount)
    assert session.spent == first.hold_amount
    assert figures(author) == (spare, 0)


@pytest.mark.parametrize(
    "runs", [pytest.param(5, id="fast"), pytest.param(100, marks=pytest.mark.slow, id="full")]
)
def test_runs_that_failed_before_their_first_word_cost_nothing(author, models, runs):
    """A06: the provider answers 500 to each run's first turn."""
    models.script = by_role(writer=Answer(status=500))
    before = figures(author)
    for _ in range(runs):
        breaker.record_success("openai")  # the next one comes after the breaker's pause
        session = drive(started(author, roles=("writer",)))
        assert (session.status, session.spent) == (Status.FAILED, 0)
        assert figures(author) == before
    assert settled() == [0] * runs
    assert not Entry.objects.filter(wallet=author.wallet, amount__lt=0, hold__isnull=False).exists()


@pytest.mark.parametrize("step", range(len(TEAM)))
def test_a_run_that_failed_at_a_step_is_charged_its_metered_steps(author, models, step):
    """A07: steps before the failure are charged as they would have been, the failed one is not."""

    def script(received):
        if received.role == TEAM[step]:
            return Answer(status=500)
        if received.role == "writer":
            return Answer(writer_answer(LONG))
        return Answer(
            editor_answer("word1:") if received.role != "synthesizer" else default_answer("synthesizer")
        )

    models.script = script
    before, _ = figures(author)
    session = drive(started(author, body=LONG, model="gpt-4o"))
    assert session.status == Status.FAILED
    finished = [call for call in models.log if call.finished]
    assert len(finished) == (step if step != 1 else 2), "editors work side by side"
    tokens = sum(call.tokens_in + call.tokens_out for call in finished)
    expected = math.ceil(Decimal(tokens) / TOKENS_PER_CREDIT)
    assert (expected > 0) == (step > 0)
    assert session.spent == expected == sum(Turn.objects.values_list("credits", flat=True))
    assert sum(settled()) == expected
    assert figures(author) == (before - expected, 0)
    assert Turn.objects.get(status="failed").credits == 0
