"""What the owner of a session is told: its ends and its waits for credits, each once."""

from zoneinfo import ZoneInfo

from accounts.models import Notification
from accounts.notifications import Kind
from orchestration import services
from orchestration.presenting import credits_text
from orchestration.runtime import reaper
from orchestration.services.operating import stop_for_studio
from tests.orchestration.services.test_cap import FIRST, by_round, capped, waits_at_cap
from tests.support.providers import Answer
from tests.support.sessions import drive, give, started, take_all


def told(user) -> list[tuple[str, str]]:
    """The kinds and titles of what `user` was told, oldest first, the welcome and the quotas apart."""
    runs = [Kind.RUN_FINISHED, Kind.RUN_PAUSED, Kind.RUN_FAILED]
    rows = Notification.objects.filter(user=user, kind__in=runs).order_by("created_at")
    return list(rows.values_list("kind", "title"))


def when(session) -> str:
    """What tells an end from others of the same name."""
    at = session.ended_at.astimezone(ZoneInfo(session.owner.time_zone))
    return f": round {session.round}, {at:%-d %b}, {at:%H:%M}"


def test_a_session_that_is_done_says_so_once(author, sound):
    session = drive(started(author, model="house", roles=("writer",)))
    assert session.status == "completed"
    assert told(author) == [("run_finished", f"“{session.title}” is done{when(session)}")]
    notice = Notification.objects.get(kind="run_finished")
    assert notice.url == f"/sessions/{session.pk}/"
    assert notice.body == (
        f"{session.reason} It cost {credits_text(session.spent)}. Read the result, or compare the versions."
    )
    assert notice.data == {
        "session": str(session.pk),
        "status": "completed",
        "reason_code": "max_rounds",
        "round": 1,
    }
    assert notice.delivery.state == "pending"


def test_runs_of_one_document_are_told_apart(author, sound):
    """By their round, and by the moment in their reader's own zone."""
    author.time_zone = "Asia/Tokyo"
    author.save()
    runs = [drive(started(author, model="house", roles=("writer",), max_rounds=rounds)) for rounds in (1, 2)]
    titles = [title for _, title in told(author)]
    assert titles == [f"“The ledger” is done{when(session)}" for session in runs]
    assert len(set(titles)) == 2


def test_a_session_that_ends_again_says_so_again(author, sound):
    session = drive(started(author, model="house", roles=("writer",)))
    turn = session.turns.standing().get()
    services.rerun_turn(turn_id=turn.pk, user=author, model="house")
    drive(session)
    assert [kind for kind, _ in told(author)] == ["run_finished", "run_finished"]


def test_a_session_that_fails_says_why_and_what_to_do(author, models, sound):
    models.script = lambda request: Answer(status=400)
    session = drive(started(author, roles=("writer",)))
    assert session.status == "failed"
    assert told(author) == [("run_failed", f"“{session.title}” failed{when(session)}")]
    assert "run the last turn again" in Notification.objects.get(kind="run_failed").body


def test_who_stops_a_session_is_not_told_of_it(author, sound):
    session = started(author, model="house")
    services.stop(session_id=session.pk, user=author)
    assert told(author) == []


def test_a_session_that_the_studio_stops_says_so(author, olga, sound):
    session = started(author, model="house")
    stop_for_studio(session_id=session.pk, actor=olga, reason="It ran for a day.")
    session.refresh_from_db()
    assert told(author) == [("run_failed", f"“{session.title}” was stopped{when(session)}")]
    assert "It ran for a day." in Notification.objects.get(kind="run_failed").body


def test_a_pause_of_ones_own_is_not_told(author, sound):
    session = started(author, model="house")
    services.pause(session_id=session.pk, user=author)
    drive(session)
    assert told(author) == []


def test_a_session_without_credits_says_so_once_however_often_it_wakes(author, sound):
    session = started(author, model="house", max_rounds=2)
    take_all(author)
    drive(session)
    session.refresh_from_db()
    assert session.status == "awaiting_credits"
    assert told(author) == [("run_paused", f"“{session.title}” waits for credits")]
    assert "It goes on by itself" in Notification.objects.get(kind="run_paused").body
    for _ in range(3):
        services.resume(session_id=session.pk, user=author)
    assert len(told(author)) == 1
    give(author, 500)
    assert reaper.wake_paid() == 1
    drive(session)
    assert [kind for kind, _ in told(author)] == ["run_paused", "run_finished"]


def test_each_cap_that_is_reached_is_told_once(author, models, sound):
    models.script = by_round
    session = drive(capped(author, FIRST))
    cap = ("run_paused", f"“{session.title}” has reached its cap")
    assert told(author) == [cap]
    assert waits_at_cap(drive(session))
    assert told(author) == [cap]
    services.raise_cap(session_id=session.pk, user=author, cap=FIRST + 1)
    assert waits_at_cap(drive(session))
    assert told(author) == [cap, cap]
