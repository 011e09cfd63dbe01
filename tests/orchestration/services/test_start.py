"""What it takes to start, what it costs, and what stands in the way, in words."""

from decimal import Decimal

import pytest

from accounts.models import Notification
from billing import entitlements, rates
from billing.models import PlanTerms
from config.common.errors import Conflict, DomainError, Invalid, Missing, PaymentRequired, Refused, TooMany
from config.common.outages import Outage
from credits import metering
from credits.models import Metric
from objects.services import create_document
from orchestration.estimates import estimate, shape_of
from orchestration.models import Session, Turn
from orchestration.services import create_session, pause, rerun_turn, resume, start_session, stop
from orchestration.spec import default_roles, read_spec, spec_of
from orchestration.workflow.calibration import LEAST_RUNS
from orchestration.workflow.terms import Status
from tests.support.people import open_account
from tests.support.providers import Answer, by_role, editor_answer, writer_answer
from tests.support.sessions import BODY, MODEL, TEAM, draft, drive, figures, on_plan, started, take_all


@pytest.fixture
def free(transactional_db):
    """Alice on the free plan: two agents, three rounds, 4 000 tokens a request, House and small models."""
    return open_account("alice")


def spec(owner, **fields):
    data = {
        "text": BODY,
        "roles": [{"role": role, "model": "house"} for role in TEAM],
        "max_rounds": 3,
        **fields,
    }
    return read_spec(owner=owner, data=data)


def test_the_estimate_holds(author, models):
    text = "The keeper wrote down the weather. " * 200
    models.script = by_role(writer=writer_answer(text), style_editor=editor_answer("keeper"))
    wanted = spec(
        author, text=text, roles=[{"role": r, "model": "gpt-4o"} for r in ("writer", "style_editor")]
    )
    foreseen = estimate(owner=author, spec=wanted)
    assert foreseen.can_start
    assert foreseen.reason == ""
    before, _ = figures(author)
    session = create_session(owner=author, spec=wanted)
    start_session(session_id=session.pk, user=author)
    assert figures(author)[1] == foreseen.first_step
    session = drive(session)
    assert session.spent == before - figures(author)[0] <= foreseen.worst_case
    assert session.spent == pytest.approx(foreseen.expected, abs=1)


def test_no_turn_costs_more_than_its_hold_whatever_the_script(author, models):
    for text in ("漢字かな交じり文。" * 150, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=" * 40, "🙂" * 400):
        models.script = by_role(writer=writer_answer(text))
        session = drive(started(author, roles=("writer",), body=text, model="gpt-4o"))
        turn = session.turns.get()
        assert (turn.absorbed, turn.status) == (0, "finished")


def test_the_estimate_of_a_shape_learns_from_ten_runs(author):
    wanted = spec(author, text=BODY * 300, roles=[{"role": "writer", "model": "gpt-4o"}], max_rounds=1)
    first = estimate(owner=author, spec=wanted)
    assert first.measured_runs == 0
    document = create_document(owner=author, title="A", body=BODY)
    for _ in range(LEAST_RUNS):
        Session.objects.create(
            owner=author, document=document, title="A", status=Status.COMPLETED, reason_code="max_rounds",
            round=1, max_rounds=1, shape=shape_of(wanted), expected_tokens=100, weighted_tokens=50,
            started_at="2026-01-01T00:00Z", ended_at="2026-01-01T00:01Z",
        )  # fmt: skip
    after = estimate(owner=author, spec=wanted)
    assert after.measured_runs == LEAST_RUNS
    assert after.expected == -(-first.expected // 2)


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({}, "limit_reached", "2 agents"),
        ({"roles": [{"role": "writer", "model": "gpt-4o"}]}, "model_not_allowed", "gpt-4o"),
        ({"roles": [{"role": "writer"}], "max_rounds": 4}, "limit_reached", "3 rounds"),
        ({"roles": [{"role": "writer"}], "text": "word " * 2950}, "limit_reached", "tokens"),
        ({"roles": [{"role": "writer", "model": "gpt-4o-mini"}]}, "unavailable", "no key"),
    ],
)
def test_what_the_plan_does_not_carry_is_said_before_and_refused_at_the_start(
    free, settings, fields, code, words
):
    settings.OPENAI_API_KEY = settings.OPENAI_BASE_URL = ""
    wanted = spec(free, **fields)
    foreseen = estimate(owner=free, spec=wanted)
    assert (foreseen.can_start, foreseen.code) == (False, code)
    assert words in foreseen.reason
    session = create_session(owner=free, spec=wanted)
    with pytest.raises(DomainError) as refused:
        start_session(session_id=session.pk, user=free)
    assert refused.value.code == code
    assert words in refused.value.message
    session.refresh_from_db()
    assert (session.status, Turn.objects.count(), figures(free)) == (Status.DRAFT, 0, (20, 0))


def test_a_refusal_names_the_plan_that_would_allow_it(free):
    foreseen = estimate(owner=free, spec=spec(free))
    assert foreseen.details["plan"]["code"] == "pro"


def test_without_credits_it_says_how_many_are_missing(author):
    take_all(author, leaving=0)
    wanted = spec(author)
    foreseen = estimate(owner=author, spec=wanted)
    assert (foreseen.can_start, foreseen.code) == (False, "insufficient_credits")
    assert foreseen.reason == "The first step holds 1 credits, 0 are available."
    session = create_session(owner=author, spec=wanted)
    with pytest.raises(PaymentRequired):
        start_session(session_id=session.pk, user=author)


def test_an_unproven_address_is_told_what_to_do(transactional_db):
    alice = open_account("alice", verified=False)
    foreseen = estimate(owner=alice, spec=spec(alice, roles=[{"role": "writer", "model": "house"}]))
    assert "Confirm your e-mail address" in foreseen.reason


def test_a_cap_below_the_first_step_is_told(author, models):
    wanted = spec(author, text=BODY * 700, roles=[{"role": "writer", "model": "gpt-4o"}], cap_credits=1)
    foreseen = estimate(owner=author, spec=wanted)
    assert (foreseen.can_start, foreseen.code) == (False, "insufficient_credits")
    assert "cap" in foreseen.reason


def test_the_months_sessions_are_counted(free):
    for _ in range(5):
        drive(started(free, roles=("writer",), model="house"))
    with pytest.raises(Refused, match="5 sessions"):
        started(free, roles=("writer",), model="house")


def test_jobs_at_once_are_counted(free):
    started(free, roles=("writer",), model="house")
    with pytest.raises(TooMany, match="1 job"):
        started(free, roles=("writer",), model="house")


def test_a_document_has_one_session_at_a_time(author):
    first = started(author, model="house")
    second = create_session(owner=author, spec=spec(author, text="", document=str(first.document_id)))
    with pytest.raises(Conflict, match="Another session"):
        start_session(session_id=second.pk, user=author)


def test_strangers_start_nothing(author):
    with pytest.raises(Missing):
        start_session(session_id=draft(author).pk, user=open_account("charlie"))


def test_the_default_team_fits_the_plan(free):
    assert [role["role"] for role in default_roles(owner=free)] == ["writer", "style_editor"]
    assert len(default_roles(owner=on_plan(free))) == 4


def test_a_spec_survives_its_session(author):
    wanted = spec(
        author, title="T", instructions="Shorter.", score_threshold="7.5", cap_credits=9, approve_rounds=True
    )
    session = create_session(owner=author, spec=wanted)
    again = spec_of(session)
    assert again.roles == wanted.roles
    assert (again.score_threshold, again.cap_credits, again.approve_rounds) == (Decimal("7.50"), 9, True)
    assert session.document.body == BODY


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "document"),
        ({"max_rounds": 0}, "max_rounds"),
        ({"max_rounds": 21}, "max_rounds"),
        ({"max_rounds": "two"}, "max_rounds"),
        ({"max_rounds": 1.5}, "max_rounds"),
        ({"score_threshold": 11}, "score_threshold"),
        ({"score_threshold": "NaN"}, "score_threshold"),
        ({"cap_credits": 0}, "cap_credits"),
        ({"cap_credits": True}, "cap_credits"),
        ({"approve_rounds": "yes"}, "approve_rounds"),
        ({"title": "x" * 201}, "title"),
        ({"instructions": "x" * 4001}, "instructions"),
        ({"roles": "writer"}, "roles"),
        ({"roles": [{"role": "king"}]}, "roles"),
        ({"roles": [{"role": "style_editor"}]}, "roles"),
        ({"roles": [{"role": "writer"}] * 2}, "roles"),
        ({"roles": [{"role": "writer"}] * 9}, "roles"),
        ({"roles": [{"role": "writer"}, {"role": "synthesizer"}]}, "roles"),
        ({"roles": [{"role": "writer", "model": "gpt-99"}]}, "roles"),
        ({"roles": [{"role": "writer", "temperature": 3}]}, "roles"),
        ({"roles": [{"role": "writer", "criteria": [{"name": "A", "weight": -1}]}]}, "roles"),
        ({"roles": [{"role": "writer", "instructions": "x" * 4001}]}, "roles"),
        ({"references": [{}]}, "references"),
        ({"references": "all"}, "references"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(author, fields, field):
    with pytest.raises(Invalid) as refused:
        spec(author, **fields)
    assert list(refused.value.details["fields"]) == [field]


@pytest.mark.parametrize("field", ["document", "project", "references"])
def test_what_is_somebody_elses_does_not_exist(author, field):
    charlie = open_account("charlie")
    theirs = str(create_document(owner=charlie, title="Mine", body="Secret.").pk)
    value = [{"document": theirs}] if field == "references" else theirs
    with pytest.raises(Missing):
        spec(author, **{field: value})


def test_references_and_instructions_are_given(author, models):
    other = create_document(owner=author, title="House style", body="Write short.")
    models.script = by_role(writer=Answer(writer_answer("Text.")))
    session = drive(
        started(
            author,
            roles=(
                {"role": "writer", "model": "gpt-4o-mini", "instructions": "You are the Writer of haiku."},
            ),
            instructions="As a poem.",
            references=[{"document": other.pk, "instructions": "as a style sheet"}],
        )
    )
    system, user = models.log[0].body["messages"]
    assert system["content"].startswith("You are the Writer of haiku.")
    for words in ("As a poem.", "Write short.", "as a style sheet", BODY):
        assert words in user["content"]
    assert session.turns.get().requests.get().context["references"] == [str(other.pk)]


def test_ai_requests_within_the_hour_are_counted(free, models):
    session = started(free, roles=("writer",), model=MODEL)
    for _ in range(9):
        pause(session_id=session.pk, user=free)
        resume(session_id=session.pk, user=free)
    pause(session_id=session.pk, user=free)
    with pytest.raises(TooMany, match="10 AI requests an hour") as refused:
        resume(session_id=session.pk, user=free)
    assert refused.value.code == "rate_limited"
    assert 0 < refused.value.retry_after <= 3600
    session.refresh_from_db()
    assert (session.status, figures(free)) == (Status.PAUSED, (20, 0))
    stop(session_id=session.pk, user=free)
    foreseen = estimate(owner=free, spec=spec(free, roles=[{"role": "writer", "model": MODEL}]))
    assert (foreseen.can_start, foreseen.code) == (False, "rate_limited")
    with pytest.raises(TooMany):
        started(free, roles=("writer",), model=MODEL)
    assert started(on_plan(free), roles=("writer",), model=MODEL).status == Status.RUNNING


def test_the_built_in_analyst_is_no_ai_request(free, models):
    """It asks no provider; a team with one seat on a model does, and too much at once stays too much."""
    session = started(free, roles=("writer",), model="house")
    with pytest.raises(TooMany, match="1 job at once"):
        started(free, roles=("writer",), model="house")
    for _ in range(12):
        pause(session_id=session.pk, user=free)
        resume(session_id=session.pk, user=free)
    assert rates.asked(free) == 0
    stop(session_id=session.pk, user=free)
    started(free, roles=("writer", {"role": "style_editor", "model": MODEL}), model="house")
    assert rates.asked(free) == 1


def test_a_turn_put_aside_on_another_model_is_an_ai_request(free, models):
    """A team of the analyst whose last turn is run again on a model that is asked over the network."""
    session = drive(started(free, roles=("writer",), model="house"))
    rerun_turn(turn_id=session.turns.get().pk, user=free, model=MODEL)
    assert rates.asked(free) == 1
    pause(session_id=session.pk, user=free)
    resume(session_id=session.pk, user=free)
    assert rates.asked(free) == 2


def test_what_is_refused_is_no_ai_request(free, models):
    take_all(free)
    for _ in range(12):
        with pytest.raises(PaymentRequired):
            started(free, roles=("writer",), model=MODEL)
    assert rates.asked(free) == 0


def test_the_months_tokens_are_counted(free):
    terms = PlanTerms.objects.get(subscriptions__user=free)
    terms.limits_json = {**terms.limits_json, "tokens_per_month": 1_500}
    terms.save()
    drive(started(free, roles=("writer",), model="house"))
    used = metering.used(user_id=free.pk, metric=Metric.LLM_CALL)
    assert 0 < used < 1_500
    metering.record(user_id=free.pk, metric=Metric.LLM_CALL, quantity=1_490 - used)
    entitlements.forget(free)
    with pytest.raises(Refused, match="1\u202f500 tokens a month") as refused:
        started(free, roles=("writer",), model="house")
    assert refused.value.code == "limit_reached"
    assert refused.value.details["used"] == 1_490
    assert Notification.objects.filter(kind__startswith="quota").get().kind == "quota_80"


def test_without_the_cache_nobody_asks_agents_to_work(free, models, settings, tmp_path):
    """G01."""
    waiting = draft(free, roles=("writer",), model=MODEL)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0"}
    }
    with pytest.raises(Outage):
        start_session(session_id=waiting.pk, user=free)
    waiting.refresh_from_db()
    assert (waiting.status, Turn.objects.count(), figures(free)) == (Status.DRAFT, 0, (20, 0))
