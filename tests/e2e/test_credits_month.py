"""A month of free credits, in a real browser against the running product: nearly all of it is spent.

The language model is a server on loopback that counts a whole credit for each of its answers.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Delivery, Notification, User
from config.common import clock
from config.devserver.programs import ROOT
from credits.models import Entry
from orchestration.models import Session
from tests.e2e.newcomer import complaints_of, sign_in, sign_up, upload_chapter, verify_address
from tests.support.manuscript import chapter
from tests.support.providers import Answer, Received, editor_answer, model_server, writer_answer
from tests.support.sessions import wait_until
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
EMAIL = "mona@example.com"
MODEL = "gpt-4o-mini"
TEXT = chapter(300)
_A_CREDIT = (30_000, 10_000)
"""Tokens read and written that are worth one credit: 10 000 to a credit, of a model that weighs a quarter."""
FOUR_FIFTHS = "16 of this month’s 20 credits are used"


def answer(received: Received) -> Answer:
    """Give each agent's answer; an editor always finds something, so that every round takes place."""
    if received.role == "writer":
        return Answer(writer_answer(TEXT), usage=_A_CREDIT)
    return Answer(editor_answer("keeper", "lamp"), usage=_A_CREDIT)


@pytest.fixture
def stack(live_stack: Stack) -> Iterator[Stack]:
    """The running product with a language model, and afterwards without it again."""
    with model_server() as server:
        server.script = answer
        live_stack.environ["OPENAI_BASE_URL"] = server.url
        try:
            live_stack.relaunch()
            yield live_stack
        finally:
            del live_stack.environ["OPENAI_BASE_URL"]
            live_stack.relaunch()


def run_session(page: Page, document: str, *, rounds: int, cap: int | None = None) -> Session:
    """Start a session of a Writer and an editor on the page; return it once its own page is there."""
    page.goto(document)
    page.get_by_role("link", name="Start a session").click()
    page.select_option("select[name=writer_model]", MODEL)
    page.select_option("select[name=style_editor_model]", MODEL)
    page.fill("input[name=max_rounds]", str(rounds))
    page.fill("input[name=cap_credits]", str(cap or ""))
    page.locator("input[name=cap_credits]").blur()
    quote = page.locator("#estimate")
    expect(quote.get_by_text(f"{MODEL} × 0.25")).to_have_count(2)
    if cap:
        expect(quote).to_contain_text("Your cap")
    quote.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile("/sessions/[0-9a-f-]{36}/"))
    return Session.objects.latest("created_at")


def comes_to(page: Page, status: str) -> None:
    """Wait until the session's page says `status`, by itself."""
    expect(page.locator("#status")).to_have_attribute("data-status", status, timeout=45_000)


def mails(page: Page, url: str, subject: str) -> Locator:
    """Return the mails to the newcomer with `subject`, on the page of the mailbox."""
    page.goto(f"{url}/mailbox/")
    return page.locator(".row", has_text=f"to {EMAIL}").filter(has_text=subject)


def mails_are_out() -> bool:
    return not Delivery.objects.filter(notification__user__email=EMAIL).exclude(state="sent").exists()


def number(cell: Locator) -> int:
    """Read a number as the pages write it."""
    return int(re.sub("[^0-9-]", "", cell.inner_text().replace("−", "-")))


def shoot(page: Page, folder: Path, name: str) -> None:
    """Take the page as it is on a desktop, and in the dark on a phone."""
    for width, scheme in ((390, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)


def manage(stack: Stack, *command: object) -> Any:
    """Run a command of manage.py as an operator of this product would."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=ROOT,
        env={**os.environ, **stack.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_credits_read(page: Page, url: str, *, used: int, left: int) -> None:
    """The credits page and the history tell the same of the month."""
    page.goto(f"{url}/credits/")
    expect(page.locator(".balance")).to_contain_text(f"{left} of 20 credits available")
    expect(page.locator(".legend")).to_contain_text(f"{used} used in this period")
    expect(page.locator(".usage__sum")).to_contain_text(f"{used} credits spent")
    expect(page.locator("#meter")).to_contain_text(f"{left} of 20")
    page.goto(f"{url}/credits/history/?show=spent")
    lines = page.locator(".statement tbody tr")
    expect(lines).to_have_count(used)
    assert sum(map(number, lines.locator(".amount").all())) == -used
    assert number(lines.first.locator(".statement__after")) == left


def assert_told_once(page: Page, url: str) -> None:
    """Four fifths were told on the page and by mail, once each."""
    page.goto(f"{url}/notifications/")
    expect(page.locator(".notices__item", has_text=FOUR_FIFTHS)).to_have_count(1)
    wait_until(mails_are_out, 30)
    expect(mails(page, url, FOUR_FIFTHS)).to_have_count(1)


def test_month_of_free_credits_to_its_statement(stack: Stack, page: Page, tmp_path: Path) -> None:
    url = stack.url
    complaints = complaints_of(page)
    sign_up(page, url, EMAIL)
    verify_address(page, url, EMAIL)
    sign_in(page, url, EMAIL)
    upload_chapter(page, url, words=300)
    document = page.url
    user = User.objects.get(email=EMAIL)

    for rounds in (3, 3):
        session = run_session(page, document, rounds=rounds)
        comes_to(page, "completed")
        session.refresh_from_db()
        assert session.spent == 2 * rounds
    assert not Notification.objects.filter(user=user, kind="quota_80").exists()

    run_session(page, document, rounds=2)
    comes_to(page, "completed")
    assert_told_once(page, url)
    page.goto(f"{url}/studio/")
    page.locator(".bell a").click()
    expect(page.locator(".notices__item", has_text=FOUR_FIFTHS)).to_have_class(re.compile("unread"))
    shoot(page, tmp_path, "notice")

    # A cap holds to the credit, and nothing is lost at it.
    capped = run_session(page, document, rounds=1, cap=1)
    comes_to(page, "awaiting_credits")
    waiting = page.locator("#waiting")
    expect(waiting).to_contain_text("Paused at your cap of 1 credit")
    expect(waiting).to_contain_text("You have 3")
    expect(page.locator("#cap")).to_contain_text("1 of 1 credit cap")
    shoot(page, tmp_path, "paused")
    capped.refresh_from_db()
    assert (capped.spent, capped.held_now()) == (1, 0)
    assert_credits_read(page, url, used=17, left=3)
    page.goto(f"{url}/credits/")
    shoot(page, tmp_path, "credits")

    page.goto(f"{url}/sessions/{capped.pk}/")
    page.get_by_label("Raise the cap to").fill("2")
    page.get_by_role("button", name="Raise and go on").click()
    comes_to(page, "completed")
    capped.refresh_from_db()
    assert (capped.spent, capped.cap_credits, capped.turns.count()) == (2, 2, 2)

    # Everything that tells of the month tells the same.
    assert_credits_read(page, url, used=18, left=2)
    assert_told_once(page, url)
    told = Counter(Notification.objects.filter(user=user).values_list("kind", flat=True))
    assert told == {"welcome": 1, "run_finished": 4, "quota_80": 2, "run_paused": 1}
    assert Counter(Delivery.objects.values_list("notification__kind", flat=True)) == told
    four_fifths = Notification.objects.filter(user=user, kind="quota_80").order_by("created_at")
    titles = list(four_fifths.values_list("title", flat=True))
    assert titles == [FOUR_FIFTHS, "4 of this month’s 5 sessions are used"]
    settled = Entry.objects.of(user).filter(kind="settle").values_list("amount", flat=True)
    assert -sum(settled) == sum(Session.objects.values_list("spent", flat=True)) == 18

    page.goto(f"{url}/credits/statements/")
    page.get_by_role("link", name=f"{clock.now():%B %Y}", exact=True).click()
    sums = page.get_by_label("The month in figures").locator("dl > div")
    figures = {row.locator("dt").inner_text(): number(row.locator("dd")) for row in sums.all()}
    assert list(figures.values()) == [0, 20, -18, 2]
    assert figures["Granted"] == 20
    assert figures["Spent"] == -18
    shoot(page, tmp_path, "statement")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download with proofs").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert complaints == []

    accepted = manage(stack, "verify_statement", file)
    assert accepted.returncode == 0, accepted.stderr
    assert "0 to 2 credits" in accepted.stdout
    file.write_bytes(file.read_bytes().replace(b'"amount": 20', b'"amount": 21', 1))
    refused = manage(stack, "verify_statement", file)
    assert refused.returncode != 0
    assert "Entry 1" in refused.stderr
    whole = manage(stack, "verify_ledger")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "The ledger is whole." in whole.stdout
