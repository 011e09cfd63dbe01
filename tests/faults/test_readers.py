"""What readers do does not touch a run; who may no longer read, or run, is stopped soon."""

import time

import httpx
from django.conf import settings

from accounts.services.suspension import suspend
from credits.models import UsageRecord
from orchestration.models import Session
from tests.faults.clients import Client, as_program
from tests.faults.runs import STORY, all_over, assert_settled_to_the_credit, begin, writers
from tests.support.people import client_for, open_account
from tests.support.sessions import draft

CLOSED_SECONDS = 15 + 2.0
STOPPED_SECONDS = 10.0


def test_a_run_goes_on_when_its_reader_leaves_and_costs_the_same(unhurried) -> None:
    owners = writers(2)
    left, unwatched = (begin(owner, roles=("writer", "style_editor")) for owner in owners)
    reader = Client(unhurried.url, left, as_program(owners[0]))
    unhurried.wait(lambda: any(kind == "token" for _, kind in list(reader.page.events)), "the first words")
    reader.leave()
    assert reader.result().ending is None
    unhurried.wait(lambda: all_over([left, unwatched]), "the runs")
    assert _bill(left) == _bill(unwatched)
    for session in (left, unwatched):
        assert_settled_to_the_credit(session)


def _bill(session: Session) -> tuple[str, int, list[tuple[int, int, int]]]:
    session.refresh_from_db()
    used = UsageRecord.objects.filter(reference_kind="turn", metadata__session=str(session.pk))
    figures = used.order_by("pk").values_list("tokens_in", "tokens_out", "credits")
    return session.status, session.spent, list(figures)


def test_streams_end_for_who_may_no_longer_read(unhurried, charlie) -> None:
    """Signed out, or suspended: the stream closes within its tick, and the suspended user's agents stop."""
    [shut_out] = writers(1)
    bob = open_account("bob")
    browser = client_for(bob)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    draft_of_bob = draft(bob, roles=("writer",), model="house")
    running = begin(shut_out, roles=("writer",), body=STORY * 8)
    _assert_hidden(unhurried, running, charlie)
    _assert_hidden(unhurried, draft_of_bob, shut_out)
    readers = {
        "signed out": Client(unhurried.url, draft_of_bob, {"Cookie": cookie}),
        "suspended": Client(unhurried.url, running, as_program(shut_out)),
    }
    for reader in readers.values():
        unhurried.wait(lambda reader=reader: reader.page.snapshots, "the stream to open")
    browser.logout()
    suspend(user=shut_out)
    began = time.monotonic()
    closed: dict[str, float] = {}
    stopped = 0.0
    while time.monotonic() < began + CLOSED_SECONDS and not (stopped and len(closed) == len(readers)):
        for name, reader in readers.items():
            if reader.statuses[-1] == httpx.codes.UNAUTHORIZED:
                closed.setdefault(name, time.monotonic() - began)
                reader.leave()
        running.refresh_from_db()
        if not stopped and not running.is_running:
            stopped = time.monotonic() - began
        time.sleep(0.1)
    print(f"agents stopped after {stopped:.1f} s, streams closed after {closed}")
    assert closed.keys() == readers.keys()
    assert (running.status, running.turns.get().status) == ("paused", "suspended")
    assert 0 < stopped <= STOPPED_SECONDS
    for reader in readers.values():
        assert reader.result().ending is None


def _assert_hidden(stack, session: Session, stranger) -> None:
    address = f"{stack.url}/api/v1/sessions/{session.pk}/events"
    assert httpx.get(address, headers=as_program(stranger)).status_code == 404
