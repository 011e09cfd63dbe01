"""Sessions in the operators' admin: read, watched, stopped, released; titles are text."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import AuditEntry, Notification, User
from billing import rates
from config.common import clock
from credits import ledger
from orchestration import services
from orchestration.admin.monitor import LATE_SECONDS
from orchestration.books import entries_of
from orchestration.models import AIRequest, Finding, Note, Session, Turn
from orchestration.runtime import finishing, leases
from orchestration.runtime.results import Result
from orchestration.workflow.terms import Wish
from tests.support.people import client_for, open_account, open_operator, operator_client
from tests.support.providers import Answer, by_role, editor_answer, writer_answer
from tests.support.sessions import draft, drive, figures, on_plan, started

pytestmark = pytest.mark.usefixtures("models")
MODELS = (Session, Turn, AIRequest, Finding)
MONITOR = "/admin/orchestration/session/monitor/"
HOSTILE = "<img src=x onerror=alert(1)>"


def page_of(row: Any, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def desk(transactional_db: None) -> Any:
    """A client in which an operator is at work, among rows that are really committed."""
    return operator_client(open_operator())


@pytest.fixture
def finished(author: Any, models: Any) -> Session:
    """A session of alice that ran to its end, with a finding, a note and a title that is markup."""
    models.script = by_role(
        writer=writer_answer("In order to know the sea, he read it. It was seen."),
        style_editor=editor_answer("was seen"),
    )
    session = started(author, roles=("writer", "style_editor"), title=HOSTILE)
    services.add_note(session_id=session.pk, user=author, text=HOSTILE)
    session = drive(session)
    Finding.objects.update(message=HOSTILE, category=HOSTILE)
    AIRequest.objects.update(prompt_preview=HOSTILE, error=HOSTILE)
    Turn.objects.update(reason=HOSTILE, worker=HOSTILE)
    Session.objects.update(reason=HOSTILE)
    return session


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_and_pages_show_markup_as_text(desk, finished, model):
    """G10."""
    row = model.objects.first()
    for url in (list_of(model), page_of(row)):
        answer = desk.get(url)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert HOSTILE not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nobody_adds_changes_or_deletes(desk, finished, model):
    row = model.objects.first()
    assert desk.get(list_of(model) + "add/").status_code == 403
    assert desk.post(page_of(row), {"title": "changed"}).status_code == 403
    assert desk.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_a_session_is_read_with_all_that_belongs_to_it(desk, finished, author):
    page = desk.get(page_of(finished)).content.decode()
    line = entries_of(finished)[0]
    linked = [page_of(row) for row in (author, finished.document, line, line.hold)]
    for words in ("Style Editor", "Holds and ledger", "Spent", *linked):
        assert words in page
    assert "In order to know the sea" not in page, "what was written is the writer's"


def test_failures_show_their_cause(desk, author, models):
    models.script = by_role(writer=Answer(status=400))
    failed = drive(started(author, roles=("writer",), title="Broken"))
    assert failed.status == "failed"
    page = desk.get(list_of(Session), {"status__exact": "failed"}).content.decode()
    assert "Broken" in page
    assert "Writer could not finish its turn." in page
    assert "Broken" not in desk.get(list_of(Session), {"status__exact": "running"}).content.decode()


@pytest.mark.parametrize("wanted", ["alice@example.com", "Harbour"])
def test_search_by_title_and_owner(desk, author, wanted):
    draft(author, roles=("writer",), title="The Harbour")
    draft(on_plan(open_account("bob")), roles=("writer",), title="Elsewhere")
    page = desk.get(list_of(Session), {"q": wanted}).content.decode()
    assert "The Harbour" in page
    assert "Elsewhere" not in page


COSTS = {Session: 4, Turn: 4, AIRequest: 4, Finding: 4}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_cost_the_same_for_any_number(desk, author, models, model, rows, django_assert_num_queries):
    models.script = by_role(style_editor=editor_answer("the sea"))
    for number in range(rows):
        drive(started(on_plan(open_account(f"w{number}")), roles=("writer", "style_editor")))
    desk.get(list_of(model))
    with django_assert_num_queries(COSTS[model]):
        desk.get(list_of(model))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_session_costs_the_same_whatever_happened(desk, author, models, rows, django_assert_num_queries):
    models.script = by_role(style_editor=editor_answer(*["the sea"] * rows))
    session = started(author, roles=("writer", "style_editor"), max_rounds=rows)
    for _ in range(rows):
        services.add_note(session_id=session.pk, user=author, text="Plainer.")
    drive(session)
    desk.get(page_of(session))
    with django_assert_num_queries(13):
        desk.get(page_of(session))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_monitor_costs_the_same_for_any_number(desk, author, rows, django_assert_num_queries):
    for number in range(rows):
        started(on_plan(open_account(f"w{number}")), roles=("writer",))
    desk.get(MONITOR)
    with django_assert_num_queries(6):
        desk.get(MONITOR)


class TestTheMonitor:
    """What runs now."""

    def test_says_who_works_and_whose_lease_ran_out(self, desk, author):
        live, dead, late = (
            Turn.objects.get(session=started(on_plan(open_account(name)), roles=("writer",)))
            for name in ("lena", "dora", "luke")
        )
        for turn in (live, dead):
            leases.claim(turn_id=turn.pk, worker=f"worker-of-{turn.session.owner}")
        Turn.objects.filter(pk=dead.pk).update(lease_until=clock.now() - timedelta(seconds=60))
        Turn.objects.filter(pk=late.pk).update(created_at=clock.now() - timedelta(seconds=LATE_SECONDS + 60))
        answer = desk.get(MONITOR, headers={"HX-Request": "true"})
        assert answer.context["figures"] == {
            "running": 3,
            "awaiting": 0,
            "queued": 1,
            "working": 1,
            "dead": 1,
        }
        rows = answer.context["turns"]
        assert [row["turn"].pk for row in rows] == [dead.pk, live.pk, late.pk]
        assert [(row["is_dead"], row["is_late"]) for row in rows] == [
            (True, False),
            (False, False),
            (False, True),
        ]
        assert 60 <= rows[0]["heartbeat"] <= 75
        assert 0 <= rows[1]["heartbeat"] <= 6
        page = answer.content.decode()
        assert "Dead lease" in page
        assert "<html" not in page

    def test_asks_again_by_itself_and_that_is_no_sign_of_an_operator(self, desk):
        page = desk.get(MONITOR).content.decode()
        assert f'hx-get="{MONITOR}"' in page
        session = desk.session
        session["operator_seen"] = seen = session["operator_seen"] - 600
        session.save()
        assert desk.get(MONITOR, headers={"HX-Request": "true"}).status_code == 200
        assert desk.session["operator_seen"] == seen
        session["operator_seen"] = seen - 3600
        session.save()
        assert desk.get(MONITOR, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
        assert desk.get(MONITOR).status_code == 302

    def test_is_for_operators(self, author):
        assert client_for(author).get(MONITOR, follow=True).status_code == 403


class TestActs:
    """Stop and release: with a reason that is kept, and that the owner reads."""

    def test_stopping_asks_for_a_reason_first(self, desk, author):
        session = started(author, roles=("writer",))
        for url, more in ((list_of(Session), True), (f"{list_of(Session)}{session.pk}/stop/", False)):
            body = {"action": "stop_sessions", "_selected_action": [str(session.pk)]} if more else {}
            answer = desk.post(url, {**body, "reason": " "})
            assert (answer.status_code, "The session&#x27;s owner reads it" in answer.content.decode()) == (
                200,
                True,
            )
        assert desk.get(f"{list_of(Session)}{session.pk}/stop/").status_code == 200
        session.refresh_from_db()
        assert (session.status, session.wish) == ("running", "")

    @pytest.mark.usefixtures("sound")
    def test_a_waiting_turn_is_stopped_at_once(self, desk, author):
        session = started(author, roles=("writer",))
        desk.post(f"{list_of(Session)}{session.pk}/stop/", {"reason": "The provider is down"})
        session.refresh_from_db()
        assert (session.status, session.reason_code) == ("stopped", "operator")
        assert session.reason == "The studio stopped it. The provider is down"
        assert figures(author)[1] == 0
        entry = LogEntry.objects.get(object_id=str(session.pk))
        assert (entry.user.email, entry.get_change_message()) == (
            "olga@example.com",
            "stopped: The provider is down",
        )

    @pytest.mark.usefixtures("sound")
    def test_a_turn_at_work_hears_of_it_and_ends_the_session(self, desk, author):
        session = started(author, roles=("writer",))
        claim = leases.claim(turn_id=session.turns.get().pk, worker="busy")
        desk.post(
            list_of(Session),
            {"action": "stop_sessions", "_selected_action": [str(session.pk)], "reason": "Loops"},
        )
        session.refresh_from_db()
        assert (session.status, leases.renew(claim, partial="He")) == ("running", Wish.STOP)
        finishing.finish(claim, Result(text="He", wish=Wish.STOP))
        session.refresh_from_db()
        assert (session.status, session.reason_code) == ("stopped", "operator")
        assert session.reason == "The studio stopped it. Loops"

    def test_what_cannot_be_stopped_is_told_and_not_logged(self, desk, author):
        session = draft(author, roles=("writer",))
        answer = desk.post(f"{list_of(Session)}{session.pk}/stop/", {"reason": "Why not"}, follow=True)
        assert "does not run." in answer.content.decode()
        assert not LogEntry.objects.exists()

    @pytest.mark.usefixtures("sound")
    def test_a_dead_session_gives_back_what_it_holds(self, desk, author):
        before = figures(author)
        session = started(author, roles=("writer",))
        turn = session.turns.get()
        claim = leases.claim(turn_id=turn.pk, worker="lost")
        leases.renew(claim, partial="Half a sen")
        Turn.objects.update(lease_until=clock.now() - timedelta(seconds=1))
        assert figures(author) != before
        desk.post(f"{list_of(Session)}{session.pk}/release/", {"reason": "Its worker burned"})
        session.refresh_from_db()
        turn.refresh_from_db()
        assert figures(author) == before
        assert (session.status, session.reason, session.spent) == (
            "stopped",
            "The studio stopped it. Its worker burned",
            0,
        )
        assert (turn.status, turn.output, turn.hold_id) == ("cancelled", "Half a sen", None)
        with pytest.raises(leases.LostLease):
            leases.renew(claim, partial="Half a sentence")
        assert LogEntry.objects.get().get_change_message() == "released: Its worker burned"

    def test_a_session_at_work_is_not_released(self, desk, author):
        session = started(author, roles=("writer",))
        leases.claim(turn_id=session.turns.get().pk, worker="busy")
        held = figures(author)
        answer = desk.post(f"{list_of(Session)}{session.pk}/release/", {"reason": "Impatient"}, follow=True)
        assert "A worker is on" in answer.content.decode()
        assert figures(author) == held

    @pytest.mark.usefixtures("sound")
    def test_a_hold_that_no_turn_names_is_given_back(self, desk, author):
        session = started(author, roles=("writer",))
        turn = session.turns.get()
        services.stop(session_id=session.pk, user=author)
        forgotten = ledger.hold(
            wallet_id=author.wallet.pk,
            amount=7,
            key=f"turn:{turn.pk}:hold:1",
            expires_at=clock.now() + timedelta(hours=1),
            reference=ledger.Reference("turn", turn.pk),
        )
        assert figures(author)[1] == forgotten.amount
        desk.post(f"{list_of(Session)}{session.pk}/release/", {"reason": "Left over"})
        assert figures(author)[1] == 0

    @pytest.mark.usefixtures("sound")
    def test_a_session_is_cancelled_at_once_at_the_studios_expense(self, desk, author):
        before = figures(author)
        session = started(author, roles=("writer",))
        turn = session.turns.get()
        claim = leases.claim(turn_id=turn.pk, worker="busy")
        leases.renew(claim, partial="Half a sen")
        desk.post(f"{list_of(Session)}{session.pk}/cancel/", {"reason": "It must go"})
        session.refresh_from_db()
        turn.refresh_from_db()
        assert (session.status, session.reason_code, session.spent) == ("stopped", "operator", 0)
        assert session.reason == "The studio stopped it. It must go"
        assert (turn.status, turn.output, turn.credits, turn.hold_id) == ("cancelled", "Half a sen", 0, None)
        assert figures(author) == before
        session.document.refresh_from_db()
        assert session.document.lock_holder is None
        with pytest.raises(leases.LostLease):
            finishing.finish(claim, Result(text="Half a sentence"))
        lost = AIRequest.objects.get(turn=turn)
        assert (lost.status, lost.attempt, lost.tokens_out > 0) == ("lost", 1, True)
        entry = AuditEntry.objects.get(act="session.cancelled")
        assert (entry.reason, entry.user_id, entry.before["status"]) == ("It must go", author.pk, "running")
        assert Notification.objects.filter(user=author, kind="run_failed").count() == 1

    @pytest.mark.parametrize("verb", ["cancel", "retry"])
    def test_what_does_not_run_or_has_not_failed_is_left_as_it_is(self, desk, author, verb):
        session = draft(author, roles=("writer",))
        desk.post(
            list_of(Session),
            {"action": f"{verb}_sessions", "_selected_action": [str(session.pk)], "reason": "Why not"},
        )
        session.refresh_from_db()
        assert session.status == "draft"
        assert not LogEntry.objects.exists()
        assert not AuditEntry.objects.filter(act__startswith="session.").exists()

    @pytest.mark.usefixtures("sound")
    def test_what_failed_is_run_again_and_the_session_goes_on(self, desk, author, models):
        models.script = lambda received: Answer(status=400)
        session = drive(started(author, roles=("writer", "style_editor")))
        assert session.status == "failed"
        models.script = by_role(writer=writer_answer("A plain text."), style_editor=editor_answer())
        desk.post(f"{list_of(Session)}{session.pk}/retry/", {"reason": "The provider is back"})
        session.refresh_from_db()
        assert (session.status, rates.asked(author)) == ("running", 1)
        assert drive(session).status == "completed"
        assert [turn.is_superseded for turn in session.turns.filter(role__role="writer")] == [True, False]
        entry = AuditEntry.objects.get(act="session.retried")
        assert (entry.reason, entry.user_id) == ("The provider is back", author.pk)
        assert "could not finish its turn" in entry.before["reason"]
        assert LogEntry.objects.get().get_change_message() == "running again: The provider is back"

    @pytest.mark.usefixtures("sound")
    def test_every_editor_that_failed_is_run_again(self, desk, author, models):
        broken = {"content_expert": Answer(status=400), "style_editor": Answer(status=400)}
        models.script = by_role(writer=writer_answer("A plain text."), **broken)
        session = drive(started(author, roles=("writer", "content_expert", "style_editor")))
        assert session.status == "failed"
        models.script = by_role(content_expert=editor_answer(), style_editor=editor_answer())
        desk.post(f"{list_of(Session)}{session.pk}/retry/", {"reason": "The provider is back"})
        assert session.turns.filter(status="queued").count() == 2
        assert drive(session).status == "completed"

    def test_retry_is_offered_for_failures_only_and_not_for_the_suspended(self, desk, author, models):
        models.script = lambda received: Answer(status=400)
        failed, running = drive(started(author, roles=("writer",))), started(author, roles=("writer",))
        assert "/retry/" in desk.get(page_of(failed)).content.decode()
        assert "/retry/" not in desk.get(page_of(running)).content.decode()
        User.objects.filter(pk=author.pk).update(is_active=False)
        answer = desk.post(f"{list_of(Session)}{failed.pk}/retry/", {"reason": "Mine"}, follow=True)
        assert "is suspended" in answer.content.decode()
        failed.refresh_from_db()
        assert failed.status == "failed"

    @pytest.mark.parametrize("verb", ["cancel", "retry"])
    def test_each_act_asks_for_a_reason_and_says_what_it_means(self, desk, author, models, verb):
        models.script = lambda received: Answer(status=400)
        session = drive(started(author, roles=("writer",)))
        page = desk.get(f"{list_of(Session)}{session.pk}/{verb}/").content.decode()
        assert ("costs" in page, 'name="reason"' in page) == (True, True)

    def test_reading_alone_is_no_leave_to_act(self, author, transactional_db):
        session = started(author, roles=("writer",))
        clerk = open_operator("clerk")
        User.objects.filter(pk=clerk.pk).update(is_superuser=False)
        clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_session"]))
        client = operator_client(User.objects.get(pk=clerk.pk))
        assert client.get(page_of(session)).status_code == 200
        for verb in ("stop", "cancel", "retry", "release"):
            address = f"{list_of(Session)}{session.pk}/{verb}/"
            assert client.post(address, {"reason": "Mine"}).status_code == 403
        client.post(
            list_of(Session),
            {"action": "stop_sessions", "_selected_action": [str(session.pk)], "reason": "Mine"},
        )
        session.refresh_from_db()
        assert session.status == "running"
        assert Note.objects.count() == 0
