"""What is foreseen, and how it compares with what comes."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError

from objects.services import create_document
from orchestration.estimates import Remaining, estimate, foresee, remaining, shape_of, team_of
from orchestration.models import Quote
from orchestration.services import create_session, pause, start_session, stop
from orchestration.spec import read_spec, spec_of
from orchestration.workflow.calibration import LEAST_RUNS
from orchestration.workflow.terms import Status
from orchestration.workflow.tokens import likely
from tests.support.people import open_account
from tests.support.providers import Answer, by_role, editor_answer, synthesizer_answer, writer_answer
from tests.support.sessions import TEAM, draft, drive, on_plan, started

pytestmark = pytest.mark.usefixtures("sound")
TEXT = " ".join(f"word{number}:{'lorem' * 80}" for number in range(70))
"""About 28 000 bytes."""
ALONE = [{"role": "writer", "model": "gpt-4o"}]


def spec(owner, **fields):
    data = {"text": TEXT, "roles": [{"role": r, "model": "gpt-4o"} for r in TEAM], "max_rounds": 3, **fields}
    return read_spec(owner=owner, data=data)


def run(owner, wanted):
    return drive(start_session(session_id=create_session(owner=owner, spec=wanted).pk, user=owner))


def half_as_long(received):
    """Write half of what is foreseen of a Writer."""
    foreseen = likely(len(TEXT.encode())) + 300
    return Answer(writer_answer("word " * int(foreseen * 3.5 / 5 / 2 - 60)).replace("word ", "word_"))


def all_that_may_be(received):
    """Write without an end: the server cuts off at the limit it was given."""
    if received.role == "writer":
        return Answer(writer_answer(" ".join(["lorem" * 60] * 900)))
    if received.role == "synthesizer":
        decisions = [{"finding": n, "decision": "accept", "reason": "x" * 900} for n in range(1, 400)]
        return Answer(synthesizer_answer(*decisions))
    return Answer(editor_answer(*[f"word{n}: {'q' * 300}" for n in range(200)]))


def test_ten_runs_that_took_half_make_the_next_estimate_true(author, models):
    models.script = half_as_long
    give_room(author)
    wanted = spec(author, roles=ALONE, max_rounds=1)
    first = foresee(owner=author, spec=wanted)
    for _ in range(LEAST_RUNS):
        session = run(author, wanted)
    assert session.weighted_tokens < first.forecast.expected * Decimal("0.8")
    learnt = foresee(owner=author, spec=wanted)
    expected = learnt.forecast.expected * learnt.ratio
    taken = run(author, wanted)
    assert taken.weighted_tokens == pytest.approx(expected, rel=Decimal("0.1"))
    said = estimate(owner=author, spec=wanted)
    assert (said.measured_runs, said.low <= taken.spent <= said.high) == (11, True)
    assert said.expected == taken.spent < estimate(owner=author, spec=spec(author, max_rounds=1)).expected


def give_room(author):
    on_plan(author, "enterprise")


def test_other_shapes_and_other_people_learn_nothing_from_it(author, models):
    give_room(author)
    bob = on_plan(open_account("bob"))
    for _ in range(LEAST_RUNS):
        run(author, spec(author, roles=ALONE, max_rounds=1))
    assert estimate(owner=author, spec=spec(author, roles=ALONE, max_rounds=1)).measured_runs == LEAST_RUNS
    for other in (
        spec(author, roles=ALONE, max_rounds=2),
        spec(author, roles=ALONE, max_rounds=1, score_threshold=8),
        spec(author, roles=[{"role": "writer", "model": "gpt-4o-mini"}], max_rounds=1),
    ):
        assert estimate(owner=author, spec=other).measured_runs == 0
    assert estimate(owner=bob, spec=spec(bob, roles=ALONE, max_rounds=1)).measured_runs == 0


def test_before_ten_runs_the_range_is_reckoned(author, models):
    said = estimate(owner=author, spec=spec(author))
    assert said.measured_runs == 0
    assert said.low < said.expected < said.high < said.worst_case
    one_round = estimate(owner=author, spec=spec(author, max_rounds=1))
    assert said.low == one_round.low, "where nobody asks for changes it ends after the first round"


def test_every_agent_is_told_with_its_part(author, models):
    roles = [
        {"role": "writer", "model": "gpt-4o"},
        {"role": "content_expert", "model": "gpt-4o-mini"},
        {"role": "style_editor", "model": "house"},
        {"role": "synthesizer", "model": "house"},
    ]
    said = estimate(owner=author, spec=spec(author, roles=roles))
    assert [(seat.label, seat.model, seat.multiplier, seat.turns) for seat in said.agents] == [
        ("Writer", "gpt-4o", 1.0, 3),
        ("Content Expert", "gpt-4o-mini", 0.25, 3),
        ("Style Editor", "house", 0.1, 3),
        ("Synthesizer", "house", 0.1, 3),
    ]
    assert all(0 < seat.expected < seat.worst_case for seat in said.agents)
    assert sum(seat.expected for seat in said.agents) == pytest.approx(said.expected, abs=1)
    assert sum(seat.worst_case for seat in said.agents) == pytest.approx(said.worst_case, abs=1)


def test_house_weighs_a_tenth(author, models):
    house = foresee(owner=author, spec=spec(author, roles=[{"role": "writer", "model": "house"}]))
    dear = foresee(owner=author, spec=spec(author, roles=ALONE))
    assert house.forecast.most * 10 == dear.forecast.most
    assert house.forecast.expected * 10 <= dear.forecast.expected


def test_houses_sessions_keep_to_their_quote(author, models):
    text = ("In order to know the sea, he read it. The keeper was seen by the boy. " * 6 + "\n\n") * 20
    session = run(author, spec(author, text=text, roles=[{"role": r, "model": "house"} for r in TEAM]))
    assert session.status == Status.COMPLETED
    assert session.quote.low <= session.spent <= session.quote.high
    assert session.weighted_tokens < session.expected_tokens * 2


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("plan", ["pro", "enterprise"])
def test_the_worst_case_is_not_passed_by_agents_that_write_all_they_may(author, models, plan, rounds):
    on_plan(author, plan)
    models.script = all_that_may_be
    wanted = spec(author, max_rounds=rounds)
    said = estimate(owner=author, spec=wanted)
    session = run(author, replace(wanted, cap_credits=said.worst_case))
    assert session.status == Status.COMPLETED, session.reason
    assert said.expected < session.spent <= said.worst_case


def test_references_are_read_in_every_turn(author, models):
    other = create_document(owner=author, title="House style", body="Write short. " * 3_000)
    plain = estimate(owner=author, spec=spec(author, roles=ALONE, max_rounds=2))
    more = estimate(owner=author, spec=spec(author, roles=ALONE, max_rounds=2, references=[
        {"document": other.pk, "instructions": "as a style sheet"}]))  # fmt: skip
    twice = 2 * likely(len("Write short. " * 3_000)) / 10_000
    assert more.agents[0].expected - plain.agents[0].expected == pytest.approx(twice, abs=0.1)


def test_a_cap_is_told_with_the_estimate(author, models):
    said = estimate(owner=author, spec=spec(author, cap_credits=5))
    assert (said.cap, said.can_start, said.first_step <= 5) == (5, True, True)
    assert said.worst_case > 5


def test_a_cap_that_the_first_step_needs_in_part_can_start(author, models):
    wanted = spec(author, roles=ALONE, max_rounds=1)
    holds = estimate(owner=author, spec=wanted).first_step
    tight = replace(wanted, cap_credits=holds - 1)
    said = estimate(owner=author, spec=tight)
    assert (said.can_start, said.first_step) == (True, holds - 1)
    session = start_session(session_id=create_session(owner=author, spec=tight).pk, user=author)
    assert session.turns.get().hold_amount == holds - 1


def test_the_quote_is_kept_and_completed_once(author, models):
    wanted = spec(author, max_rounds=1)
    said = estimate(owner=author, spec=wanted)
    session = start_session(session_id=create_session(owner=author, spec=wanted).pk, user=author)
    quote = session.quote
    assert (quote.expected, quote.low, quote.high, quote.most, quote.measured_runs) == (
        said.expected, said.low, said.high, said.worst_case, 0,
    )  # fmt: skip
    assert (quote.shape, quote.model_names, quote.spent) == (session.shape, "gpt-4o", None)
    assert quote.team == (
        "1 round: writer (gpt-4o), content expert (gpt-4o), style editor (gpt-4o), synthesizer (gpt-4o)"
    )
    session = drive(session)
    quote.refresh_from_db()
    assert (quote.spent, quote.used, quote.completed_at) == (
        session.spent, session.weighted_tokens, session.ended_at,
    )  # fmt: skip


def test_a_stopped_run_proves_nothing_about_its_quote(author, models):
    session = drive(started(author, max_rounds=2), turns=2)
    stop(session_id=session.pk, user=author)
    assert Quote.objects.get().completed_at is None


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"low": 9, "expected": 5}, "orchestration_quote_in_order"),
        ({"high": 4, "expected": 5}, "orchestration_quote_in_order"),
        ({"tokens": 0}, "orchestration_quote_foresees"),
        ({"spent": 3}, "orchestration_quote_completed_whole"),
    ],
)
def test_a_quote_makes_sense(author, models, fields, constraint):
    figures = {"expected": 5, "low": 5, "high": 9, "most": 9, "tokens": 5, "measured_runs": 0}
    with pytest.raises(IntegrityError, match=constraint):
        Quote.objects.create(session=draft(author), **{**figures, **fields})


def test_what_remains_shrinks_to_nothing(author, models):
    models.script = by_role(writer=writer_answer(TEXT), style_editor=editor_answer("word1:"))
    team = ("writer", "style_editor")
    session = started(author, roles=team, body=TEXT, model="gpt-4o", max_rounds=3)
    seen = [remaining(session).high]
    while session.status == Status.RUNNING:
        session = drive(session, turns=1)
        seen.append(remaining(session).high)
    assert seen == sorted(seen, reverse=True)
    assert remaining(session) == Remaining(0, 0)
    assert seen[0] >= session.spent


def test_what_remains_does_not_change_by_a_pause(author, models):
    session = started(author, roles=("writer",), body=TEXT, model="gpt-4o")
    before = remaining(session)
    assert remaining(pause(session_id=session.pk, user=author)) == before


def test_shapes_are_told_apart_by_all_that_makes_them_cost(author, models):
    wanted = spec(author)
    same = spec_of(create_session(owner=author, spec=wanted))
    assert shape_of(same) == shape_of(wanted)
    assert team_of(replace(wanted, score_threshold=Decimal(8))).startswith("3 rounds, to a score: writer")
