"""The product runs as processes for tests, and its supervisor brings back what dies."""

import os
import signal

import httpx
import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.support import people


def test_live_stack_sees_committed_rows_and_accepts_their_passwords(live_stack, alice: User) -> None:
    with httpx.Client(base_url=live_stack.url, follow_redirects=False) as client:
        client.get("/accounts/login/")
        answer = client.post(
            "/accounts/login/",
            data={
                "login": alice.email,
                "password": people.PASSWORD,
                "next": "/accounts/email/",
                "csrfmiddlewaretoken": client.cookies["csrftoken"],
            },
        )
    assert answer.status_code == 302
    assert "sessionid" in answer.cookies


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_live_stack_process_killed_is_started_again(live_stack, name: str) -> None:
    before = live_stack.pid(name)
    os.kill(before, signal.SIGKILL)
    live_stack.wait(lambda: live_stack.pid(name) != before, f"another {name}")
    assert httpx.get(f"{live_stack.url}/accounts/login/", timeout=30).status_code == 200


@pytest.mark.browser
def test_browser_reads_a_page_of_the_live_stack(live_stack, page: Page) -> None:
    page.goto(f"{live_stack.url}/accounts/login/")
    expect(page.locator("input[name=login]")).to_be_visible()
