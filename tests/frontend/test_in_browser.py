"""The gallery in Chromium: the content policy holds, nothing overflows, fingers and keys reach everything."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.frontend import samples

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PAGES = [*samples.PAGES, "404"]
ORIGIN = "http://desk.test"

SMALL_TARGETS = """() => [...document.querySelectorAll(
    'button, summary, .btn, .nav a, .tabs a, .menu__item, .input, .choice')]
    .filter(e => e.offsetParent && !e.classList.contains('btn--link') && !e.closest('dialog, .meter'))
    .filter(e => { const r = e.getBoundingClientRect(); return r.height < 43.5 && r.width > 0; })
    .map(e => e.outerHTML.slice(0, 90))"""
UNNAMED = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), textarea, select')]
    .filter(e => e.offsetParent)
    .filter(e => !(e.labels?.length || e.ariaLabel || e.textContent.trim() || e.placeholder))
    .map(e => e.outerHTML.slice(0, 90))"""
WIDTH = """family => {
    const s = document.createElement('span');
    s.textContent = 'Every evening at six the keeper wrote down the weather, though nobody had asked him to.';
    s.style.fontFamily = family;
    s.style.whiteSpace = 'nowrap';
    document.body.append(s);
    const width = s.getBoundingClientRect().width;
    s.remove();
    return width; }"""
LOCKED = {"error": {"code": "conflict", "message": "A session is writing this document.", "details": {}}}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_and_complains_of_nothing(name: str, width: int, open_page: Callable[..., Any]) -> None:
    page = open_page(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(UNNAMED) == []


@pytest.mark.parametrize("name", ["live", "desk", "forms", "editor", "home"])
def test_targets_on_a_phone_are_large_enough(name: str, open_page: Callable[..., Any]) -> None:
    assert open_page(name, width=390).evaluate(SMALL_TARGETS) == []


def test_fonts_are_ours(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(
        "document.fonts.check('16px \"Source Serif 4\"') && document.fonts.check('16px Inter')"
    )
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
    )
    assert set(loaded) >= {"Inter", "Source Serif 4"}


def test_fallback_fonts_keep_the_measure(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    page.evaluate("document.fonts.ready")
    assert abs(page.evaluate(WIDTH, "'Sans Fallback'") / page.evaluate(WIDTH, "Inter") - 1) < 0.03


def test_theme_is_chosen_and_kept(open_page: Callable[..., Any]) -> None:
    page = open_page("home")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("summary[aria-label='Light or dark']")
    page.click("[data-theme-choice=dark]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert "theme=dark" in page.evaluate("document.cookie")


def test_palette_finds_and_opens_a_page(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    page.keyboard.press("Control+k")
    page.keyboard.type("e-m")
    assert page.locator("#palette").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#palette").is_hidden()


def test_shortcuts_list_what_the_page_adds(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    page.keyboard.press("?")
    assert "Pause or resume the session" in page.locator("#shortcuts").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    assert page.locator("#note-text").evaluate("e => e === document.activeElement")
    page.keyboard.type("?p")
    assert page.locator("#note-text").input_value() == "?p"


def test_first_tab_skips_to_the_text(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_finding_and_its_card_show_together(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    page.hover("mark[data-finding='3']")
    assert page.locator("[data-finding='3'][data-active]").count() == 2


def test_status_leaves_a_strip_on_a_phone(open_page: Callable[..., Any]) -> None:
    page = open_page("live", width=390)
    assert page.locator(".strip").is_hidden()
    page.evaluate("scrollTo(0, 900)")
    page.wait_for_selector(".strip", state="visible")
    assert page.locator(".strip").evaluate("e => e.getBoundingClientRect().top") == 56


def test_limit_is_counted_and_marked(open_page: Callable[..., Any]) -> None:
    page = open_page("forms")
    page.fill("#id_title", "x" * 81)
    counter = page.locator("[data-for=id_title]")
    assert counter.inner_text() == "81 of 80 characters"
    assert counter.get_attribute("data-state") == "over"


def test_deletion_waits_for_the_name(open_page: Callable[..., Any]) -> None:
    page = open_page("forms")
    button = page.get_by_role("button", name="Delete the project")
    assert button.get_attribute("aria-disabled") == "true"
    page.fill("#sure", "Harbour stories")
    assert button.get_attribute("aria-disabled") == "false"


def saving(page: Any, *, status: int, body: dict[str, Any]) -> list[Any]:
    """Answer the editor's saves; return the list that fills with them."""
    seen: list[Any] = []

    def answer(route: Any) -> None:
        seen.append({"match": route.request.headers["if-match"], **json.loads(route.request.post_data)})
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    page.route(f"{ORIGIN}/save.json", answer)
    return seen


def test_editor_saves_by_itself_and_knows_the_new_revision(open_page: Callable[..., Any]) -> None:
    page = open_page("editor")
    seen = saving(page, status=200, body={"revision": 8})
    page.locator("#editor-body").press_sequentially("A line. ")
    page.wait_for_selector("[data-save-state][data-state=saved]:not(:text-is('Saved'))")
    assert [save["match"] for save in seen] == ['"r7"']
    assert page.locator("form.editor").get_attribute("data-revision") == "8"
    assert page.evaluate("localStorage.length") == 0


def test_editor_keeps_what_could_not_be_sent(open_page: Callable[..., Any]) -> None:
    page = open_page("editor")
    saving(page, status=409, body=LOCKED)
    page.locator("#editor-body").press_sequentially("Kept. ")
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-state=refused]")
    assert (
        "A session is writing this document. Your text is kept on this device."
        in page.locator("[data-save-state]").inner_text()
    )
    page.reload()
    assert "Kept." in page.locator("#editor-body").input_value()


def test_stale_save_shows_both_texts_and_loses_neither(open_page: Callable[..., Any]) -> None:
    page = open_page("editor")
    theirs = {
        "error": {"code": "conflict", "message": "stale", "details": {"theirs": "Their text.", "revision": 9}}
    }
    saving(page, status=409, body=theirs)
    page.fill("#editor-body", "My text.")
    page.keyboard.press("Control+s")
    page.wait_for_selector("#conflict[open]")
    assert page.locator("#conflict-mine").input_value() == "My text."
    assert page.locator("#conflict-theirs").input_value() == "Their text."
    page.unroute(f"{ORIGIN}/save.json")
    seen = saving(page, status=200, body={"revision": 10})
    page.fill("#conflict-mine", "My text. Their text.")
    page.click("[data-take=mine]")
    page.wait_for_selector("[data-save-state][data-state=saved]")
    assert seen == [
        {
            "match": '"r9"',
            "title": "The Lighthouse Keeper’s Ledger",
            "body": "My text. Their text.",
            "cause": "merge",
        }
    ]


def test_text_put_aside_comes_back(open_page: Callable[..., Any]) -> None:
    page = open_page("editor")
    saving(
        page,
        status=409,
        body={
            "error": {
                "code": "conflict",
                "message": "stale",
                "details": {"theirs": "Their text.", "revision": 9},
            }
        },
    )
    page.fill("#editor-body", "My text.")
    page.keyboard.press("Control+s")
    page.wait_for_selector("#conflict[open]")
    page.click("[data-take=theirs]")
    assert page.locator("#editor-body").input_value() == "Their text."
    page.reload()
    page.wait_for_selector("#conflict[open]")
    assert page.locator("#conflict-mine").input_value() == "My text."


def test_reduced_motion_stops_what_moves(open_page: Callable[..., Any]) -> None:
    page = open_page("live")
    assert (
        page.locator(".turn[data-state=running] .ring").first.evaluate(
            "e => getComputedStyle(e).animationDuration"
        )
        == "0s"
    )


def test_a_swap_takes_over_no_style_that_a_script_or_a_screenshot_set(open_page: Callable[..., Any]) -> None:
    """htmx would write it as an attribute, which the policy blocks, now and then in the middle of a run."""
    page = open_page("live")
    page.evaluate(
        """async () => {
            const box = document.createElement('div');
            box.append(Object.assign(document.createElement('input'), {id: 'kept'}));
            document.querySelector('main').append(box);
            document.getElementById('kept').style.setProperty('caret-color', 'transparent', 'important');
            htmx.swap(box, '<input id="kept" class="new">', {swapStyle: 'innerHTML', swapDelay: 0, settleDelay: 1});
            await new Promise(done => setTimeout(done, 100));
        }"""
    )
    assert page.evaluate("document.getElementById('kept').className") == "new"
    assert page.evaluate("document.getElementById('kept').getAttribute('style')") is None
