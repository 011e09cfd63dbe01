"""A newcomer's way in, page by page, as a person takes it in a browser."""

import re

from playwright.sync_api import Page, expect

from tests.support.manuscript import chapter, docx_of
from tests.support.people import PASSWORD

_ABANDONED = re.compile(r"htmx:(sendAbort|afterRequest), ")


def complaints_of(page: Page) -> list[str]:
    """Return a list that grows by whatever the browser complains about on `page`.

    Not by the two lines with which htmx tells that a page was left while it still waited for an answer.
    """
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "console",
        lambda line: (
            heard.append(line.text) if line.type == "error" and not _ABANDONED.match(line.text) else None
        ),
    )
    return heard


def sign_up(page: Page, url: str, email: str) -> None:
    """Open an account, from the front page on."""
    page.goto(f"{url}/")
    page.get_by_role("link", name="Start with your own text").first.click()
    page.fill("input[name=email]", email)
    page.fill("input[name=password1]", PASSWORD)
    if page.locator("input[name=password2]").count():
        page.fill("input[name=password2]", PASSWORD)
    page.locator("main form button[type=submit], form .btn--primary").first.click()
    expect(page.locator("h1")).to_contain_text(re.compile("mail|address", re.IGNORECASE))


def verify_address(page: Page, url: str, email: str) -> None:
    """Follow the link of the mail that came."""
    page.goto(f"{url}/mailbox/")
    mail = page.locator(".row", has_text=f"to {email}")
    mail.locator("a", has_text=re.compile("confirm|address", re.IGNORECASE)).first.click()
    page.locator("a[href*='confirm-email']").first.click()
    page.locator("form .btn--primary").first.click()
    page.wait_for_load_state()


def sign_in(page: Page, url: str, email: str) -> None:
    """Come to the studio; whoever is signed in already stays so."""
    page.goto(f"{url}/accounts/login/")
    if "/studio/" in page.url:
        return
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/studio/")


def upload_chapter(page: Page, url: str, *, words: int) -> None:
    """Bring a Word file of so many words into a new project, and open it."""
    page.goto(f"{url}/projects/new/")
    page.fill("input[name=title]", "Harbour stories")
    page.get_by_role("button", name="Create the project").click()
    page.goto(f"{url}/documents/new/")
    page.set_input_files(
        "input[type=file]",
        {
            "name": "chapter.docx",
            "mimeType": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "buffer": docx_of(chapter(words)),
        },
    )
    page.select_option("select[name=project]", label="Harbour stories")
    page.get_by_role("button", name="Open the document").click()
    page.wait_for_url(re.compile("/documents/[0-9a-f-]{36}/"))
