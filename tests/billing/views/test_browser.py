"""In a real browser: prices and plan fit every screen, and a refusal leads to the plan that would do."""

import pytest
from playwright.sync_api import Page, expect

from billing import usage
from objects.services import create_document, create_project
from tests.billing.people import comp
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


def _sign_in(page, live_server, user):
    key = client_for(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_prices_and_plan_fit_the_screen(page, live_server, complaints, monkeypatch, width, scheme):
    monkeypatch.setattr(usage, "_readers", {"projects": lambda user: 41})
    alice, olga = open_account("alice"), open_account("olga")
    comp(alice, "pro", actor=olga)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/pricing/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    columns = {page.locator(".compare thead th").nth(place).bounding_box()["x"] for place in range(4)}
    assert len(columns) == 4
    _sign_in(page, live_server, alice)
    page.goto(f"{live_server.url}/billing/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("h1")).to_contain_text("Pro")
    expect(page.get_by_role("progressbar", name="Projects")).to_have_attribute("value", "41")


def test_refusal_keeps_what_was_typed_and_leads_to_the_plan(page, live_server):
    alice = open_account("alice")
    for title in ("One", "Two"):
        create_project(owner=alice, fields={"title": title})
    _sign_in(page, live_server, alice)
    page.goto(f"{live_server.url}/projects/new/")
    page.fill("[name=title]", "A third book")
    page.press("[name=title]", "Enter")
    refusal = page.locator(".refusal")
    expect(refusal).to_contain_text(
        "Free carries 2 projects, and you have 2. Starter carries 10, for $29 a month."
    )
    expect(page.locator("[name=title]")).to_have_value("A third book")
    expect(refusal.get_by_role("button")).to_have_text("Get Starter for $29 a month")
    refusal.get_by_role("link", name="Compare plans").click()
    expect(page).to_have_url(f"{live_server.url}/pricing/?plan=starter#starter")
    expect(page.locator(".btn--primary")).to_have_text("Get Starter")


def test_refused_page_leads_back_to_the_page_before(page, live_server):
    alice = open_account("alice")
    document = create_document(owner=alice, title="Harbour", body="Wind from the north.")
    _sign_in(page, live_server, alice)
    page.goto(f"{live_server.url}/billing/")
    page.goto(f"{live_server.url}/documents/{document.pk}/versions/")
    expect(page.locator(".refusal")).to_contain_text(
        "Free does not include version history. Starter does, for $29 a month."
    )
    page.click("a[data-back]")
    expect(page).to_have_url(f"{live_server.url}/billing/")
