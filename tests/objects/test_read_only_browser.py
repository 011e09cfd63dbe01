"""A read-only project in a real browser: it opens to be read, and nothing typed before is lost or sent."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from objects.models import Document, Project
from objects.services import create_document, create_project
from tests.objects.test_read_only import fall, rise
from tests.support.people import client_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def books(alice: Any) -> list[Project]:
    """Four projects of which the free plan carries the last two."""
    rise(alice)
    made = [create_project(owner=alice, fields={"title": f"Harbour stories {n}"}) for n in range(4)]
    for project in made:
        create_document(owner=alice, project=project, title="The ledger", body="Every evening at six.\n" * 9)
    fall(alice)
    return made


@pytest.fixture
def desk(alice: Any, live_server: Any, page: Page) -> Page:
    """A page with alice signed in; any error in its console fails the test."""
    session = client_for(alice).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    yield page
    assert problems == []


def test_the_editor_opens_to_be_read_and_keeps_what_this_device_has(
    desk: Page, live_server: Any, alice: Any, books: Any
) -> None:
    document = Document.objects.get(project=books[0])
    url = f"{live_server.url}/documents/{document.pk}/"
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.method))
    desk.goto(url)
    draft = '{"revision": 1, "values": {"title": "The ledger", "body": "Typed before."}}'
    desk.evaluate("([key, draft]) => localStorage.setItem(key, draft)", [f"draft:{document.pk}", draft])
    desk.reload()
    body = desk.get_by_label("Text")
    expect(body).not_to_be_editable()
    expect(body).to_contain_text("Every evening at six.")
    expect(desk.locator("[data-read-only]")).to_contain_text("“Harbour stories 0” is read-only")
    expect(desk.locator("[data-read-only] .btn")).to_have_text("Get Starter for $29 a month")
    desk.get_by_role("button", name="Read").click()
    expect(desk.locator("[data-reading-text]")).to_contain_text("Every evening at six.")
    assert "PATCH" not in asked
    rise(alice)
    desk.goto(url)
    expect(desk.get_by_label("Text")).to_have_value("Typed before.")
    expect(desk.locator("[data-save-state]")).to_have_text(re.compile(r"^Saved \d"), timeout=10_000)
    assert Document.objects.get(pk=document.pk).body == "Typed before."


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_of_it_fits(
    desk: Page, live_server: Any, alice: Any, books: Any, width: int, theme: Any, tmp_path: Path
) -> None:
    desk.set_viewport_size({"width": width, "height": 900})
    desk.emulate_media(color_scheme=theme)
    document = Document.objects.get(project=books[0])
    pages = {
        "projects": "/projects/",
        "documents": "/documents/",
        "project": f"/projects/{books[0].pk}/",
        "document": f"/documents/{document.pk}/",
        "studio": "/studio/",
        "new": f"/sessions/new/?document={document.pk}",
    }
    for name, path in pages.items():
        desk.goto(live_server.url + path)
        expect(desk.get_by_text("read-only").first).to_be_visible()
        wide = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, name
        desk.screenshot(path=tmp_path / f"{name}.png", full_page=True)
