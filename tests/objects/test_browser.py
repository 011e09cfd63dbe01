"""The desk in a real browser: typed text is saved, kept, shown, and never lost."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from objects import text
from objects.models import Document
from objects.services import create_document, save_document
from tests.objects import files
from tests.objects.plans import put_on
from tests.objects.test_rendering import HOSTILE
from tests.support.people import client_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    assert [problem for problem in problems if "409" not in problem] == []


def opened(desk: Page, live_server: Any, document: Document) -> None:
    desk.goto(live_server.url + reverse("objects:document", args=[document.pk]))


def state(desk: Page) -> Any:
    return expect(desk.locator("[data-save-state]"))


def test_typing_saves_by_itself_and_reads_as_it_will(desk: Page, live_server: Any, alice: Any) -> None:
    document = create_document(owner=alice, title="Ledger", body="One.")
    opened(desk, live_server, document)
    desk.get_by_label("Text").fill("One *two* three.")
    state(desk).to_contain_text("Saved ", timeout=10_000)
    desk.get_by_label("Text").fill("One *two* three four.")
    state(desk).to_contain_text("Not saved yet")
    state(desk).to_contain_text("Saved ", timeout=10_000)
    assert list(document.versions.order_by("number").values_list("cause", "body")) == [
        ("created", "One."),
        ("autosave", "One *two* three four."),
    ]
    expect(desk.locator(".editor__foot .limit")).to_contain_text("4 of")
    desk.get_by_role("button", name="Read").click()
    expect(desk.locator("[data-reading-text] em")).to_have_text("two")
    expect(desk.get_by_label("Text")).to_be_hidden()
    desk.get_by_role("button", name="Write").click()
    expect(desk.get_by_label("Text")).to_be_visible()
    with desk.expect_response(lambda answer: answer.request.method == "PATCH"):
        desk.get_by_role("button", name="Save now").click()
    assert document.versions.get(number=2).cause == "save"


def test_a_text_saved_elsewhere_is_shown_beside_ones_own(desk: Page, live_server: Any, alice: Any) -> None:
    document = create_document(owner=alice, title="Ledger", body="One.")
    opened(desk, live_server, document)
    save_document(document_id=document.pk, user=alice, body="Theirs.", expected_revision=1)
    desk.get_by_label("Text", exact=True).fill("Mine.")
    dialog = desk.get_by_role("dialog", name="Saved elsewhere meanwhile")
    expect(dialog).to_be_visible(timeout=10_000)
    expect(dialog.get_by_label("Saved meanwhile")).to_have_value("Theirs.")
    dialog.get_by_label("Yours").fill("Mine and theirs.")
    dialog.get_by_role("button", name="Save the left text").click()
    state(desk).to_contain_text("Saved ", timeout=10_000)
    document.refresh_from_db()
    assert (document.body, document.current.cause) == ("Mine and theirs.", "merge")


def test_a_chosen_file_is_named_and_becomes_a_document(
    desk: Page, live_server: Any, alice: Any, tmp_path: Path
) -> None:
    chapter = tmp_path / "The_first_chapter.docx"
    chapter.write_bytes(files.archive(main=files.document_xml("It was late.")))
    desk.goto(live_server.url + reverse("objects:document_new"))
    desk.locator("input[type=file]").set_input_files(chapter)
    expect(desk.locator("[data-drop-title]")).to_contain_text("The_first_chapter.docx")
    desk.get_by_role("button", name="Open the document").click()
    expect(desk.get_by_label("Title")).to_have_value("The first chapter")
    expect(desk.get_by_label("Text", exact=True)).to_have_value("It was late.")


def test_the_counter_counts_as_the_server_does(desk: Page, live_server: Any, alice: Any) -> None:
    document = create_document(owner=alice, title="Ledger", body="")
    opened(desk, live_server, document)
    for markdown in (
        "# A *bold* move\n\n- it's well-known\n1. 3.5 percent",
        "[the sea](https://example.org/a/b?c=d) and ![a gull](gull.png)",
        "Wait—what? No … yes\n\n```python\ncode here\n```",
        "<b>bold</b> <!-- not read --> snake_case",
        "海は広い and wide\n\n[1]: https://example.org",
    ):
        assert desk.evaluate("text => window.atelier.words(text)", markdown) == text.word_count(markdown)


def test_hostile_markdown_asks_nobody_and_runs_nothing(desk: Page, live_server: Any, alice: Any) -> None:
    document = create_document(owner=alice, title="Ledger", body="")
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.on("dialog", lambda dialog: asked.append(dialog.message))
    for number in range(0, len(HOSTILE), 8):
        opened(desk, live_server, document)
        desk.get_by_label("Text", exact=True).fill("\n\n".join(HOSTILE[number : number + 8]))
        desk.get_by_role("button", name="Read").click()
        expect(desk.locator("[data-reading-text]")).not_to_be_empty()
        desk.wait_for_timeout(100)
        desk.evaluate("localStorage.clear()")
    assert [url for url in asked if not url.startswith(live_server.url)] == []


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_its_screen(desk: Page, live_server: Any, alice: Any, width: int) -> None:
    document = create_document(owner=alice, title="A" * 120, body="word " * 50)
    desk.set_viewport_size({"width": width, "height": 844})
    for path in (
        reverse("objects:projects"),
        reverse("objects:documents"),
        reverse("objects:document_new"),
        reverse("objects:document", args=[document.pk]),
        reverse("objects:trash"),
    ):
        desk.goto(live_server.url + path)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, path


def test_changes_are_kept_and_undone_by_mouse_and_by_keyboard(
    desk: Page, live_server: Any, alice: Any
) -> None:
    put_on(alice, "starter")
    document = create_document(owner=alice, title="Ledger", body="One here.\n\nTwo here.\n\nThree here.")
    new = "First here.\n\nSecond here.\n\nThird here.\n\nFourth."
    save_document(document_id=document.pk, user=alice, body=new, expected_revision=1)
    desk.goto(live_server.url + reverse("objects:diff", args=[document.pk]))
    count = desk.locator("[data-choose-count]")
    switch = desk.get_by_role("switch")
    expect(count).to_have_text("4 of 4 changes kept")
    desk.locator(".keep").nth(0).click()
    expect(switch.nth(0)).not_to_be_checked()
    expect(count).to_have_text("3 of 4 changes kept")
    expect(desk.locator('[data-change="1"]')).to_have_attribute("data-undone", "")
    for key in ("j", "j", "k", "Space"):
        desk.keyboard.press(key)
    expect(switch.nth(1)).to_be_focused()
    expect(switch.nth(1)).not_to_be_checked()
    desk.reload()  # what was chosen in this tab is still chosen
    expect(count).to_have_text("2 of 4 changes kept")
    desk.get_by_role("link", name="Side by side").click()
    expect(count).to_have_text("2 of 4 changes kept")
    desk.get_by_role("button", name="Undo all").click()
    expect(count).to_have_text("0 of 4 changes kept")
    desk.get_by_role("button", name="Keep all").click()
    desk.locator(".keep").nth(3).click()
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("3 of 4 changes kept")).to_be_visible()
    document.refresh_from_db()
    assert document.body == "First here.\n\nSecond here.\n\nThird here."


def test_changes_are_chosen_without_scripts(browser: Any, live_server: Any, alice: Any) -> None:
    put_on(alice, "starter")
    document = create_document(owner=alice, title="Ledger", body="One here.")
    save_document(document_id=document.pk, user=alice, body="One there.\n\nTwo.", expected_revision=1)
    name = settings.SESSION_COOKIE_NAME
    with browser.new_context(java_script_enabled=False) as context:
        value = client_for(alice).cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + reverse("objects:diff", args=[document.pk]))
        expect(page.get_by_role("button", name="Keep all")).to_be_hidden()
        page.locator(".keep").nth(1).click()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("1 of 2 changes kept")).to_be_visible()
    document.refresh_from_db()
    assert document.body == "One there."
