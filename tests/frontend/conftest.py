"""Pages of the gallery in a real browser, under the product's own content policy."""

import mimetypes
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import Client, RequestFactory

from tests.frontend import samples, sources

ORIGIN = "http://desk.test"


def html(name: str) -> str:
    """Render a page of the gallery, or of the templates, with its sample context."""
    request = RequestFactory().get("/")
    public = name in samples.PUBLIC
    request.user = AnonymousUser() if public else samples.SHELL["user"]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    context = {**({} if public else samples.SHELL), **samples.PAGES.get(name, {})}
    own = sources.GALLERY / f"{name}.html"
    text = own.read_text() if own.exists() else (sources.TEMPLATES / f"{name}.html").read_text()
    return engines["django"].from_string(text).render(context, request)


@pytest.fixture(scope="session")
def content_policy(django_db_setup: None, django_db_blocker: Any) -> str:
    """The Content-Security-Policy that the product sends with a page."""
    with django_db_blocker.unblock():
        return str(Client().get("/accounts/login/").headers["Content-Security-Policy"])


@pytest.fixture
def open_page(page: Any, content_policy: str) -> Iterator[Callable[..., Any]]:
    """Open a page at a size and in a theme; fail at the end on what the console complained of.

    The browser itself reports every 409, which some tests provoke: that is no complaint.
    """
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        headers = {"Content-Security-Policy": content_policy}
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            kind = mimetypes.guess_type(path)[0] or "font/woff2"
            route.fulfill(path=found, content_type=kind, headers=headers) if found else route.fulfill(
                status=404
            )
        else:
            route.fulfill(body=html(path.strip("/")), content_type="text/html", headers=headers)

    page.route(f"{ORIGIN}/**", answer)

    def go(name: str, *, width: int = 1440, theme: str = "light") -> Any:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.goto(f"{ORIGIN}/{name}")
        return page

    yield go
    assert [said for said in complaints if "409" not in said] == []
