"""F02: whatever a model writes, the session's page runs none of it and asks nobody for anything."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from objects.models import Document, DocumentVersion
from orchestration.models import Finding, Session, Turn
from orchestration.selectors import finding_state, session_view
from orchestration.workflow.terms import FindingStatus
from tests.objects.test_rendering import HOSTILE
from tests.support.people import client_for
from tests.support.providers import by_role, editor_answer
from tests.support.sessions import drive, started

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHUNK = 12


@pytest.fixture
def asked(page: Page, live_server: Any) -> Iterator[list[str]]:
    """Everything that the page asked for elsewhere, said in a dialog, opened, or threw."""
    found: list[str] = []
    page.on("request", lambda it: None if it.url.startswith(live_server.url) else found.append(it.url))
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: found.append(popup.url))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("framenavigated", lambda frame: found.append(frame.url) if frame.parent_frame else None)
    page.on("console", lambda said: found.append(said.text) if "Content Security" in said.text else None)
    yield found
    assert found == []


def poison(session: Session, payload: str) -> None:
    """Put `payload` wherever a model's words, or a writer's, stand on the page."""
    Document.objects.filter(pk=session.document_id).update(title=payload[:200])
    DocumentVersion.objects.filter(document=session.document_id).update(body=payload)
    Session.objects.update(title=payload[:200], reason=payload[:500])
    Turn.objects.update(output=payload, summary=payload, reason=payload[:500])
    words = {"message": payload, "suggestion": payload, "quote": payload, "resolution": payload}
    current = Document.objects.values_list("current_number", flat=True).get(pk=session.document_id)
    anchor = {"start": 0, "end": 5, "version_number": current}
    Finding.objects.update(category=payload[:40], status=FindingStatus.REJECTED, **words, **anchor)


def sign_in(page: Page, live_server: Any, user: Any) -> None:
    """Let `user` be signed in in the browser."""
    name = settings.SESSION_COOKIE_NAME
    value = client_for(user).cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])


def chunks() -> list[str]:
    """The payloads, some at a time."""
    return ["\n\n".join(HOSTILE[at : at + CHUNK]) for at in range(0, len(HOSTILE), CHUNK)]


def test_an_ended_session_shows_hostile_words_as_words(
    page: Page, live_server: Any, author: Any, models: Any, asked: list[str]
) -> None:
    models.script = by_role(style_editor=editor_answer("the sea", "In order"))
    session = drive(started(author, roles=("writer", "style_editor", "synthesizer")))
    sign_in(page, live_server, author)
    for payload in chunks():
        poison(session, payload)
        page.goto(live_server.url + reverse("orchestration:session", args=[session.pk]))
        expect(page.locator("[data-live=manuscript]")).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach(it => (it.open = true))")
        page.wait_for_timeout(150)
        inside = "[data-live=manuscript] :is(img, script, style, form)"
        assert page.locator(f"iframe, object, embed, base, {inside}").count() == 0


def test_hostile_words_in_the_stream_are_written_as_text(
    page: Page, live_server: Any, author: Any, models: Any, asked: list[str]
) -> None:
    session = started(author, roles=("writer", "style_editor"))
    turn = session.turns.get()
    Turn.objects.filter(pk=turn.pk).update(status="running", attempt=1, lease_until="2100-01-01T00:00Z")
    words = "\n\n".join(HOSTILE)
    session.title = session.reason = words[:200]
    view = session_view(session, written={str(turn.pk): words})
    said = {"message": words, "quote": words, "suggestion": words}
    finding = finding_state(Finding(session=session, turn=turn, number=1, version_number=1, **said))
    events = [("snapshot", view), ("token", {"turn": str(turn.pk), "text": words}), ("finding", finding)]
    body = "".join(
        f"id: {number}\nevent: {name}\ndata: {json.dumps(data, cls=DjangoJSONEncoder)}\n\n"
        for number, (name, data) in enumerate(events, 1)
    )
    page.route("**/events", lambda route: stream(route, body))
    sign_in(page, live_server, author)
    page.goto(live_server.url + reverse("orchestration:session", args=[session.pk]))
    sheet = page.locator("[data-live-text]")
    expect(sheet).to_contain_text("<script>alert(1)</script>")
    page.wait_for_timeout(500)
    assert sheet.locator(":is(img, script, a, iframe, style, form, svg)").count() == 0


def stream(route: Route, body: str) -> None:
    """Answer as the live stream does."""
    route.fulfill(body=body, content_type="text/event-stream", headers={"cache-control": "no-store"})
