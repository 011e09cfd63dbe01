"""Sessions in a project beyond the plan: none begins or goes on; one at work finishes its phase (F05)."""

import pytest

from accounts.models import Notification
from billing import entitlements
from billing.models import PlanTerms
from config.common import clock
from config.common.errors import Missing, Refused
from credits.models import Hold
from objects.errors import ReadOnly
from objects.models import Project
from objects.services import create_document, create_project, move_document
from orchestration.estimates import estimate
from orchestration.models import Session, Turn
from orchestration.runtime import reaper
from orchestration.services import (
    approve_round,
    create_session,
    pause,
    raise_cap,
    reject_round,
    rerun_turn,
    resume,
    retry_for_studio,
    start_session,
    stop,
)
from orchestration.spec import read_spec
from orchestration.workflow.terms import Status
from tests.support.people import open_account
from tests.support.sessions import BODY, draft, drive, figures

pytestmark = pytest.mark.usefixtures("sound")
HOUSE = {"roles": ("writer", "style_editor"), "model": "house"}


def carry(user, projects, **limits):
    """Let the plan of `user` carry so many projects from now on."""
    terms = PlanTerms.objects.get(subscriptions__user=user, subscriptions__ended_at=None)
    terms.limits_json = {**terms.limits_json, "projects": projects, **limits}
    terms.save()
    entitlements.forget(user)


@pytest.fixture
def project(author):
    """The older of two projects: the first to be read-only."""
    older = create_project(owner=author, fields={"title": "Harbour"})
    create_project(owner=author, fields={"title": "Newer"})
    return older


def placed(author, project, **fields):
    """Return a draft on a document in `project`, which does not become the one last worked on."""
    session = draft(author, **{**HOUSE, **fields})
    move_document(document_id=session.document_id, user=author, project=project)
    Session.objects.filter(pk=session.pk).update(project=project)
    Project.objects.filter(pk=project.pk).update(worked_at=project.created_at)
    return Session.objects.get(pk=session.pk)


def behind(project):
    """Put the project last again: an agent's work has made it the newest."""
    Project.objects.filter(pk=project.pk).update(worked_at=project.created_at)


def refused(act):
    """Return the refusal; nothing was started, changed or held by it."""
    before = list(Session.objects.order_by("pk").values()), Turn.objects.count(), Hold.objects.count()
    with pytest.raises(ReadOnly) as no:
        act()
    assert (
        list(Session.objects.order_by("pk").values()),
        Turn.objects.count(),
        Hold.objects.count(),
    ) == before
    assert (no.value.code, no.value.details["limit"]) == ("limit_reached", "projects")
    return no.value


@pytest.mark.parametrize(
    ("carried", "starts"), [(3, True), (2, True), (1, False)], ids=["under", "at", "over"]
)
def test_a_session_starts_only_where_the_plan_lets_one_work(author, project, carried, starts):
    session = placed(author, project)
    carry(author, carried)
    if starts:
        assert start_session(session_id=session.pk, user=author).status == Status.RUNNING
        stop(session_id=session.pk, user=author)
        return
    refusal = refused(lambda: start_session(session_id=session.pk, user=author))
    assert "“Harbour” is read-only" in refusal.message
    carry(author, 2)
    assert start_session(session_id=session.pk, user=author).status == Status.RUNNING
    stop(session_id=session.pk, user=author)


def test_none_is_prepared_there_and_the_estimate_says_why(author, project):
    document = create_document(owner=author, project=project, body=BODY)
    behind(project)
    inside = {"document": document.pk, "roles": [{"role": "writer", "model": "house"}]}
    pasted = {"text": BODY, "project": project.pk, "roles": [{"role": "writer", "model": "house"}]}
    specs = [read_spec(owner=author, data=data) for data in (inside, pasted)]
    carry(author, 1)
    for spec in specs:
        found = estimate(owner=author, spec=spec)
        assert (found.can_start, found.code) == (False, "limit_reached")
        refused(lambda spec=spec: create_session(owner=author, spec=spec))
    carry(author, 2)
    assert create_session(owner=author, spec=specs[0]).status == Status.DRAFT


def test_a_running_session_finishes_its_phase_and_pauses(author, project):
    session = placed(author, project, max_rounds=3)
    start_session(session_id=session.pk, user=author)
    behind(project)
    carry(author, 1)
    session = drive(session)
    assert (session.status, session.reason_code, session.round, session.phase) == (
        Status.PAUSED,
        "plan",
        1,
        1,
    )
    assert session.reason.startswith("“Harbour” is read-only")
    [turn] = session.turns.all()
    assert turn.status == "finished", "what was under way is done and kept"
    assert figures(author)[1] == 0, "nothing is held"
    session.document.refresh_from_db()
    assert session.document.lock_holder is None
    told = Notification.objects.get(user=author, kind="run_paused")
    assert told.title == f"“{session.title}” is paused: its project is read-only"
    refused(lambda: resume(session_id=session.pk, user=author))
    carry(author, 2)
    resume(session_id=session.pk, user=author)
    session = drive(session)
    assert (session.status, session.reason_code) in {
        (Status.COMPLETED, "max_rounds"),
        (Status.COMPLETED, "no_changes"),
    }


def test_one_that_waits_for_credits_does_not_wake_there(author, project):
    session = placed(author, project)
    start_session(session_id=session.pk, user=author)
    pause(session_id=session.pk, user=author)
    drive(session)
    Session.objects.filter(pk=session.pk).update(
        status=Status.AWAITING_CREDITS, reason_code="credits", needed_credits=1
    )
    behind(project)
    carry(author, 1)
    assert reaper.wake_paid() == 0
    session.refresh_from_db()
    assert (session.status, session.reason_code) == (Status.PAUSED, "plan")
    assert figures(author)[1] == 0
    assert stop(session_id=session.pk, user=author).status == Status.STOPPED


def test_neither_rerun_nor_review_nor_cap_is_a_way_round(author, project, olga):
    session = placed(author, project, approve_rounds=True, max_rounds=2)
    start_session(session_id=session.pk, user=author)
    session = drive(session)
    assert session.status == Status.AWAITING_REVIEW
    behind(project)
    carry(author, 1)
    turn = session.turns.filter(role__role="style_editor").get()
    refused(lambda: rerun_turn(turn_id=turn.pk, user=author, model="house"))
    refused(lambda: approve_round(session_id=session.pk, user=author))
    refused(lambda: reject_round(session_id=session.pk, user=author))
    Session.objects.filter(pk=session.pk).update(
        status=Status.AWAITING_CREDITS, reason_code="cap", cap_credits=50
    )
    refused(lambda: raise_cap(session_id=session.pk, user=author, cap=100))
    Session.objects.filter(pk=session.pk).update(
        status=Status.FAILED, reason_code="error", ended_at=clock.now()
    )
    refused(lambda: retry_for_studio(session_id=session.pk, reason="again", actor=olga))
    stranger = open_account("bob")
    for act in (start_session, resume, approve_round):
        with pytest.raises(Missing):
            act(session_id=session.pk, user=stranger)


def test_the_last_round_is_approved_and_ends(author, project):
    session = placed(author, project, approve_rounds=True)
    start_session(session_id=session.pk, user=author)
    drive(session)
    behind(project)
    carry(author, 1)
    assert approve_round(session_id=session.pk, user=author).status == Status.COMPLETED


def test_pages_say_why_where_the_buttons_were(author, project, client_for):
    session = placed(author, project)
    carry(author, 1)
    client = client_for(author)
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert page.count("data-read-only") == 1
    assert f"/sessions/{session.pk}/start/" not in page
    setup = client.get(f"/sessions/new/?document={session.document_id}").content.decode()
    assert "“Harbour” is read-only" in setup
    assert client.get("/studio/").content.decode().count(">read-only</span>") == 1
    assert client.get("/sessions/new/").content.decode().count(">read-only</span>") == 1


@pytest.mark.parametrize(
    ("limit", "value"), [("agents_per_session", 1), ("rounds_per_session", 1), ("models", ["house"])]
)
def test_one_prepared_with_more_than_the_plan_has_is_refused_at_start(author, limit, value):
    session = draft(author, roles=("writer", "style_editor"), max_rounds=2)
    carry(author, 10, **{limit: value})
    with pytest.raises(Refused) as no:
        start_session(session_id=session.pk, user=author)
    assert no.value.code == ("model_not_allowed" if limit == "models" else "limit_reached")
    assert no.value.details["plan"]["code"]
    session.refresh_from_db()
    assert (session.status, Turn.objects.count(), figures(author)[1]) == (Status.DRAFT, 0, 0)
