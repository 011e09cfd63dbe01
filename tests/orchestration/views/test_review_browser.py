"""In a real browser: a round that waits is judged change by change, and the choice outlives what the stream brings."""

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.support.people import client_for
from tests.support.providers import by_role, writer_answer
from tests.support.sessions import drive, started

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SNAPSHOT = 'id: 1\nevent: snapshot\ndata: {"turns": []}\n\n'


@pytest.mark.parametrize("width", [390, 1440])
def test_a_round_is_judged_change_by_change(
    page: Page, live_server: Any, author: Any, models: Any, width: int
) -> None:
    models.script = by_role(writer=writer_answer("To know the sea, he read it. The boy saw the keeper."))
    team = ("writer", "style_editor")
    session = drive(started(author, roles=team, max_rounds=2, approve_rounds=True))
    name = settings.SESSION_COOKIE_NAME
    value = client_for(author).cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.route("**/events", lambda route: route.fulfill(body=SNAPSHOT, content_type="text/event-stream"))
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(live_server.url + reverse("orchestration:session", args=[session.pk]))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_response("**/manuscript/"):  # the stream brings the manuscript anew
        page.locator(".keep").nth(1).click()
    expect(page.locator("[data-choose-count]")).to_have_text("1 of 2 changes kept")
    expect(page.get_by_role("switch").nth(1)).not_to_be_checked()
    page.get_by_role("link", name="The text", exact=True).click()
    expect(page.get_by_text("The boy saw the keeper.")).to_be_visible()
    page.locator(".review-views").get_by_role("link", name="What changed").click()
    expect(page.locator("[data-choose-count]")).to_have_text("1 of 2 changes kept")
    page.get_by_role("button", name="Save and go on to round 2").click()
    expect(page.get_by_text("Round 2, the Writer at work").first).to_be_attached()
    session.refresh_from_db()
    assert session.document.body == "To know the sea, he read it. The keeper was seen by the boy."
