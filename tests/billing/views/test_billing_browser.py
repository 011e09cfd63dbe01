"""In a real browser: every state of the pages that sell and keep plans fits every screen."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from billing import usage
from billing.models import StripeRequest
from config.common.clock import now
from tests.billing.paying import bought, card, invoice, past_due, pays, price_of
from tests.billing.people import comp
from tests.support.people import client_for, open_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [(1440, "light"), (390, "dark")]


def _nobody(alice: User) -> None:
    pass


def _trialing(alice: User) -> None:
    pays(alice, status="trialing", trial_end=now() + timedelta(days=4), period_end=now() + timedelta(days=4))


def _active(alice: User) -> None:
    paid = pays(alice, interval="year")
    card(alice)
    for number in range(8):
        made = now() - timedelta(days=30 * number)
        invoice(alice, f"in_000{8 - number}", subscription=paid.pk, created=made)
    bought(alice)


def _ending(alice: User) -> None:
    paid = pays(alice)
    paid.cancel_at = paid.period_end
    paid.save()


def _scheduled(alice: User) -> None:
    paid = pays(alice)
    paid.next_price, paid.next_at = price_of("starter"), paid.period_end
    paid.save()
    card(alice)


def _past_due(alice: User) -> None:
    past_due(alice)
    card(alice, last4="0341")


def _given(alice: User) -> None:
    comp(alice, "pro", actor=open_account("olga"))


def _waiting(alice: User) -> None:
    _asked(alice, "payment")


def _asked(alice: User, mode: str) -> None:
    StripeRequest.objects.create(
        key=f"checkout:{mode}",
        operation="checkout.session.create",
        user=alice,
        parameters={"mode": mode},
        state="done",
        result_id=f"cs_credits-100_{alice.pk.hex}",
        created_at=now(),
        sent_at=now(),
        finished_at=now(),
    )


def _arrived(alice: User) -> None:
    _asked(alice, "payment")
    bought(alice)


PAGES: dict[str, tuple[Callable[[User], None], str]] = {
    "pricing-free": (_nobody, "/pricing/"),
    "pricing-year-subscriber": (_active, "/pricing/?interval=year"),
    "free": (_nobody, "/billing/"),
    "trialing": (_trialing, "/billing/"),
    "active": (_active, "/billing/"),
    "ending": (_ending, "/billing/"),
    "scheduled": (_scheduled, "/billing/"),
    "past-due": (_past_due, "/billing/"),
    "given": (_given, "/billing/"),
    "invoices": (_active, "/billing/invoices/"),
    "no-invoices": (_nobody, "/billing/invoices/"),
    "choose": (_nobody, "/billing/choose/?plan=pro&interval=year"),
    "choose-back": (_nobody, "/billing/choose/?plan=starter&back=1"),
    "choose-product": (_nobody, "/billing/choose/?product=credits-100"),
    "cancel": (_active, "/billing/cancel/"),
    "waiting": (_waiting, "/billing/paid/?session=cs_credits-100_{hex}"),
    "arrived": (_arrived, "/billing/paid/?session=cs_credits-100_{hex}"),
}


@pytest.fixture
def complaints(page: Page) -> Any:
    """What the browser complains about; a test fails over any of it."""
    heard: list[str] = []
    page.on("console", lambda entry: heard.append(entry.text) if entry.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


def _sign_in(page: Page, live_server: Any, user: User) -> None:
    key = client_for(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])


def _look(page: Page, name: str) -> None:
    """The page fits both screens; with SHOTS in the environment a picture of each is kept there."""
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_the_screen(name: str, page: Page, live_server: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(usage._readers, "projects", lambda user: 12)
    alice = open_account("alice")
    build, path = PAGES[name]
    build(alice)
    _sign_in(page, live_server, alice)
    page.goto(live_server.url + path.format(hex=alice.pk.hex))
    expect(page.locator("h1")).to_be_visible()
    _look(page, name)


@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize("path", ["/pricing/", "/pricing/?interval=year"])
def test_prices_fit_the_screen_of_a_visitor(path: str, page: Page, live_server: Any) -> None:
    page.goto(live_server.url + path)
    _look(page, f"pricing-visitor-{'year' if 'year' in path else 'month'}")
