"""S13: no page of the studio breaks its own content policy, in any of its scripts and styles."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from orchestration import services
from tests.orchestration.conftest import author, models
from tests.support.people import client_for
from tests.support.providers import by_role, editor_answer
from tests.support.sessions import drive, started

__all__ = ["author", "models"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOUD = ("error", "warning")
PUBLIC = ("home", "billing:pricing", "account_login", "account_signup")
OWN = (
    "studio", "home", "billing:pricing", "billing:overview", "billing:invoices", "credits:overview",
    "accounts:profile", "accounts:preferences", "accounts:avatars", "accounts:security",
    "objects:projects", "objects:documents", "objects:document_new", "objects:trash",
    "orchestration:sessions", "orchestration:new", "api-docs",
)  # fmt: skip


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained of; nothing, at the end."""
    found: list[str] = []
    page.on("console", lambda said: found.append(f"{page.url}: {said.text}") if said.type in LOUD else None)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    yield found
    assert found == []


def _open(page: Page, live_server: Any, paths: list[str]) -> None:
    for path in paths:
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.ok, path
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        page.wait_for_timeout(100)


def test_pages_for_everybody_keep_to_the_policy(
    page: Page, live_server: Any, transactional_db: None, complaints: list[str]
) -> None:
    _open(page, live_server, [reverse(name) for name in PUBLIC])


def test_a_writers_pages_keep_to_the_policy(
    page: Page, live_server: Any, author: Any, models: Any, complaints: list[str]
) -> None:
    models.script = by_role(style_editor=editor_answer("the sea"))
    session = drive(started(author, roles=("writer", "style_editor"), max_rounds=2, approve_rounds=True))
    services.add_note(session_id=session.pk, user=author, text="Plainer.")
    document = session.document_id
    name = settings.SESSION_COOKIE_NAME
    value = client_for(author).cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.route("**/events", lambda route: route.fulfill(body="", content_type="text/event-stream"))
    own = [reverse(name) for name in OWN]
    own += [reverse(f"objects:{name}", args=[document]) for name in ("document", "versions", "diff")]
    own += [
        reverse("orchestration:session", args=[session.pk]),
        f"{reverse('orchestration:new')}?document={document}",
    ]
    _open(page, live_server, own)
