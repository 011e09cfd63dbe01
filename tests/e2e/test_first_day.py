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
from tests.support.manuscript import chapter, docx_of
from tests.support.people import PASSWORD, open_operator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
EMAIL = "nora@example.com"


def sign_up(page: Page, url: str) -> None:
    page.goto(f"{url}/")
    page.get_by_role("link", name="Start with your own text").first.click()
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password1]", PASSWORD)
    if page.locator("input[name=password2]").count():
        page.fill("input[name=password2]", PASSWORD)
    page.locator("main form button[type=submit], form .btn--primary").first.click()
    expect(page.locator("h1")).to_contain_text(re.compile("mail|address", re.IGNORECASE))


def verify_address(page: Page, url: str) -> None:
    page.goto(f"{url}/mailbox/")
    page.locator("a", has_text=re.compile("confirm|address|welcome", re.IGNORECASE)).first.click()
    page.locator("a[href*='confirm-email']").first.click()
    page.locator("form .btn--primary").first.click()
    page.wait_for_load_state()


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/login/")
    if "/studio/" in page.url:
        return
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/studio/")


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


def upload_chapter(page: Page, url: str) -> None:
    page.goto(f"{url}/projects/new/")
    page.fill("input[name=title]", "Harbour stories")
    page.get_by_role("button", name="Create the project").click()
    page.goto(f"{url}/documents/new/")
    page.set_input_files(
        "input[type=file]",
        {
            "name": "chapter.docx",
            "mimeType": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "buffer": docx_of(chapter(1500)),
        },
    )
    page.select_option("select[name=project]", label="Harbour stories")
    page.get_by_role("button", name="Open the document").click()
    page.wait_for_url(re.compile("/documents/[0-9a-f-]{36}/"))


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
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)

    sign_up(page, url)
    verify_address(page, url)
    sign_in(page, url)
    user = comp_to_pro(EMAIL)
    upload_chapter(page, url)
    session = start_session(page)

    watch_tokens_arrive(page)
    page.reload()  # the page comes back where the stream is
    watch_tokens_arrive(page)

    page.locator("#status").get_by_role("button", name="Pause").click()
    expect(page.locator("#status")).to_have_attribute("data-status", "paused", timeout=15_000)
    session.refresh_from_db()
    assert session.turns.filter(hold_id__isnull=False).count() == 0

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
