"""In a real browser: one's credits fit every screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from credits import ledger
from tests.credits.books import fund, hold
from tests.support.people import client_for, open_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def complaints(page: Page):
    """What the browser complains about; a test fails over any of it."""
    heard: list[str] = []
    page.on("console", lambda entry: heard.append(entry.text) if entry.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_credits_fit_the_screen(page, live_server, complaints, tmp_path, width, scheme):
    dora = open_account("dora", verified=False)
    fund(dora.wallet.pk, 500, source="allowance", minutes=60 * 24 * 9)
    fund(dora.wallet.pk, 100, source="purchase")
    for number in range(1, 4):
        held = hold(dora.wallet.pk, 40)
        ledger.settle(
            hold_id=held.hold_id, amount=12, key=f"s{number}", description=f"Writer, round {number}"
        )
    hold(dora.wallet.pk, 120)
    key = client_for(dora).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/credits/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_role("progressbar", name="Credits available")).to_have_attribute("value", "444")
    expect(page.locator(".legend")).to_contain_text("120 held for work")
    expect(page.locator("#meter")).to_contain_text("444 of 600")
    chart = page.locator(".chart")
    expect(chart.locator(".chart__column")).to_have_count(1)
    chart.locator("[data-said]", has=page.locator(".chart__column")).hover()
    expect(chart.locator("figcaption")).to_contain_text("36 credits")
    page.mouse.move(0, 0)
    expect(chart.locator("figcaption")).to_contain_text("Most on")
    page.get_by_text("As a table").click()
    expect(chart.locator("tfoot")).to_contain_text("36")
    page.screenshot(path=tmp_path / "credits.png", full_page=True)
    page.get_by_role("link", name="Earlier:").click()
    page.get_by_role("link", name="The statement of the month").click()
    expect(page).to_have_url(re.compile(r"/credits/statements/20\d\d-\d\d/$"))
