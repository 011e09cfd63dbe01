"""D09: whoever is shut out does nothing more: no page, no token, no key, and no work that had begun."""

import time

import pytest
from rest_framework.test import APIClient

from accounts.keys import make_key
from accounts.services.suspension import suspend, unsuspend
from orchestration.models import Turn
from orchestration.runtime.timing import RING_SECONDS
from orchestration.services import resume
from orchestration.tasks import ring_runnable
from orchestration.workflow.terms import Status, TurnStatus
from tests.objects.plans import put_on
from tests.support.people import api_for, client_for
from tests.support.providers import Answer, by_role, writer_answer
from tests.support.sessions import drive, figures, started, wait_until, working

pytestmark = pytest.mark.usefixtures("sound")
MOST_SECONDS = 60


def _written():
    return Turn.objects.filter(status=TurnStatus.RUNNING).exclude(partial="").exists()


def test_all_of_a_suspended_user_stops_within_a_minute(author, models):
    text = " ".join(f"word{number}" for number in range(400))
    models.script = by_role(writer=Answer(writer_answer(text), delay=0.01))
    put_on(author, "enterprise")
    key = APIClient()
    key.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(user=author, name='x', scope='write').secret}")
    token, pages = api_for(author), client_for(author)
    session = started(author, roles=("writer", "content_expert"), max_rounds=1)
    with working(session):
        wait_until(_written)
        suspend(user=author)
        shut_out = time.monotonic()
        ring_runnable()  # as the clock does
        wait_until(lambda: Turn.objects.get(role__role="writer").status == TurnStatus.SUSPENDED)
        took = time.monotonic() - shut_out
    assert took + RING_SECONDS < MOST_SECONDS
    session.refresh_from_db()
    assert (session.status, figures(author)[1]) == (Status.PAUSED, 0)
    asked, spent = len(models.log), session.spent

    path = f"/api/v1/sessions/{session.pk}/resume"
    assert [token.post(path).status_code, key.post(path).status_code] == [401, 401]
    assert pages.post(f"/sessions/{session.pk}/resume/").url.startswith("/accounts/login/")
    ring_runnable()
    drive(session)
    assert (session.status, session.spent, len(models.log)) == (Status.PAUSED, spent, asked)

    unsuspend(user=author)
    author.refresh_from_db()
    resume(session_id=session.pk, user=author)
    assert drive(session).status == Status.COMPLETED
