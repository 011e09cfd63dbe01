"""In a real browser: the forms of the sign-in pages may lead to GitHub, those of no other page."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from config.settings.security import STRIPE_PAGES
from tests.accounts.test_github import github
from tests.support.github import GitHub
from tests.support.people import client_for

__all__ = ["github"]
pytestmark = pytest.mark.django_db(transaction=True)
OURS = " ".join(["form-action 'self'", *STRIPE_PAGES])
"""Where every page's forms may lead: to us, and to where plans are paid."""


def policy(answer: Any) -> str:
    """The part of an answer's content policy that is about forms."""
    (part,) = (part.strip() for part in answer["Content-Security-Policy"].split(";") if "form-action" in part)
    return part


@pytest.mark.browser
@pytest.mark.parametrize(("path", "button"), [("login", "Continue with"), ("signup", "Sign up with")])
def test_signing_in_by_github_passes_the_content_policy(
    github: GitHub, live_server: Any, page: Page, path: str, button: str
) -> None:
    github.is_(7, ("octo@example.com", True))
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/accounts/{path}/?next=/settings/")
    page.get_by_role("button", name=f"{button} GitHub").click()
    expect(page).to_have_url(f"{live_server.url}/settings/")
    assert refused == []
    assert User.objects.get().github_id == 7


@pytest.mark.browser
def test_a_browser_stops_a_form_that_its_page_does_not_let_go(
    github: GitHub, live_server: Any, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: without the page's leave the same click goes nowhere."""
    monkeypatch.setattr("accounts.elsewhere.PAGES", frozenset())
    github.is_(7, ("octo@example.com", True))
    with page.expect_console_message(lambda said: "form-action" in said.text):
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_role("button", name="Continue with GitHub").click()
    assert not User.objects.exists()


def test_only_the_pages_with_that_form_may(github: GitHub, client: Any, alice: User) -> None:
    for path in ("login", "signup", "github/login"):
        assert policy(client.get(f"/accounts/{path}/")) == f"{OURS} {github.url}"
    for path in ("/", "/pricing/", "/accounts/password/reset/"):
        assert policy(client.get(path)) == OURS
    assert policy(client_for(alice).get("/settings/")) == OURS


def test_without_github_no_page_may(client: Any) -> None:
    assert policy(client.get("/accounts/login/")) == OURS
