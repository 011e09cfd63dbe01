"""A newcomer's first day, in a real browser against the running product."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from billing.models import Plan
from billing.provisioning import comp_plan
from config.common import clock
from credits.models import Entry, UsageRecord
from credits.verification import verify
from objects.models import DocumentVersion
from orchestration.models import Session
from tests.e2e.newcomer import complaints_of, sign_in, sign_up, upload_chapter, verify_address
from tests.support.people import open_operator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
EMAIL = "nora@example.com"


def comp_to_pro(email: str) -> User:
    user = User.objects.get(email=email)
    comp_plan(
        user=user,
        plan=Plan.objects.get(code="pro"),
        until=clock.now() + timedelta(days=30),
        actor=open_operator(),
        reason="A reviewer's account",
    )
    return user


def start_session(page: Page) -> Session:
    page.get_by_role("link", name="Start a session").click()
    page.fill("input[name=max_rounds]", "3")
    page.fill("textarea[name=instructions]", "Tighten it.")
    page.locator("textarea[name=instructions]").blur()
    start = page.locator("#estimate").get_by_role("button", name="Start")
    expect(start).to_be_enabled()
    expect(page.locator("#estimate")).to_contain_text("At most")
    start.click()
    page.wait_for_url(re.compile("/sessions/[0-9a-f-]{36}/"))
    return Session.objects.get()


def watch_tokens_arrive(page: Page) -> None:
    writing = page.locator("[data-live-text]")
    expect(writing).to_be_visible(timeout=15_000)
    first = len(writing.inner_text())
    expect(writing).not_to_have_text(re.compile(f"^.{{0,{first}}}$", re.DOTALL), timeout=10_000)


def test_first_day_from_sign_up_to_the_last_credit(live_stack, page: Page) -> None:
    live_stack.pace(400)  # slow enough to be watched
    url = live_stack.url
    complaints = complaints_of(page)

    sign_up(page, url, EMAIL)
    verify_address(page, url, EMAIL)
    sign_in(page, url, EMAIL)
    user = comp_to_pro(EMAIL)
    upload_chapter(page, url, words=1500)
    session = start_session(page)

    watch_tokens_arrive(page)
    page.reload()  # the page comes back where the stream is
    watch_tokens_arrive(page)

    page.locator("#status").get_by_role("button", name="Pause").click()
    expect(page.locator("#status")).to_have_attribute("data-status", "paused", timeout=15_000)
    session.refresh_from_db()
    assert session.turns.filter(hold_id__isnull=False).count() == 0
    live_stack.pace(0)  # what is watched is over

    page.get_by_role("link", name="Edit", exact=True).click()
    body = page.locator("textarea[name=body]")
    body.fill(body.input_value() + "\n\nAnd the lamp was lit again.")
    expect(page.locator(".save")).to_have_attribute("data-state", "saved", timeout=15_000)

    page.goto(f"{url}/sessions/{session.pk}/")
    expect(page.locator(".manuscript")).to_contain_text("And the lamp was lit again.")
    page.locator("#status").get_by_role("button", name="Resume").click()
    expect(page.locator("#status")).to_have_attribute("data-status", re.compile("completed"), timeout=120_000)
    session.refresh_from_db()
    expect(page.locator("#status")).to_contain_text(session.reason)
    assert session.reason

    # Versions, diff, findings and the ledger agree.
    versions = DocumentVersion.objects.filter(document=session.document)
    assert versions.filter(agent_label__startswith="Writer").exists()
    assert "And the lamp was lit again." in session.document.body
    expect(page.locator(".manuscript .meta")).to_contain_text(f"Version {session.document.current_number}")
    assert page.locator("li.note").count() == session.findings.count() > 0
    page.get_by_role("link", name="What changed").click()
    expect(page.locator("ins, del").first).to_be_visible()

    spent = sum(session.turns.values_list("credits", flat=True))
    settled = -sum(Entry.objects.filter(wallet=user.wallet, kind="settle").values_list("amount", flat=True))
    metered = sum(UsageRecord.objects.filter(user=user, metric="llm_call").values_list("credits", flat=True))
    assert session.spent == spent == settled == metered >= 1
    assert {invariant.code: rows for invariant, rows in verify() if rows} == {}
    user.wallet.refresh_from_db()
    assert user.wallet.held == 0
    assert complaints == []
