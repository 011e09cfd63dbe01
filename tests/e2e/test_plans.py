"""Plans from the first payment to the last, in a real browser: the running product beside its Stripe sandbox.

The product's clock and that of the customer at Stripe move together, so that months pass in seconds.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.models import Notification, User
from billing.models import Payment, StripeSubscription, WebhookEvent
from billing.stripe import customers
from config.common import clock
from credits.verification import verify
from objects.services import create_project
from tests.e2e.newcomer import complaints_of, verify_address
from tests.support.people import PASSWORD, client_for, open_account
from tests.support.sessions import wait_until
from tests.support.stack import Stack
from tests.support.stripe import StripeSandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PAYS = "4242 4242 4242 4242"
FAILS_LATER = "4000 0000 0000 0341"
EMAIL = "paula@example.com"


@pytest.fixture(scope="module")
def _beside_stripe(_live_processes: Stack, _stripe_process: StripeSandbox) -> Iterator[Stack]:
    """The running product with the sandbox for its Stripe, and afterwards without it again."""
    stack, names = _live_processes, ("STRIPE_API_HOST", "STRIPE_SECRET_KEY")
    stack.environ.update(zip(names, (_stripe_process.url, _stripe_process.key), strict=True))
    stack.relaunch()
    yield stack
    for name in names:
        del stack.environ[name]
    stack.move_clock(timedelta(0))
    stack.relaunch()


class Shop:
    """A browser in the studio, and the time of whoever uses it."""

    def __init__(self, page: Page, stack: Stack, sandbox: StripeSandbox, folder: Path) -> None:
        self.page, self.stack, self.sandbox, self.folder = page, stack, sandbox, folder
        self.url = stack.url
        self.ahead = timedelta(0)

    def open(self, path: str) -> None:
        """Open a page of the studio."""
        self.page.goto(self.url + path)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the one button or link of that name in the middle of the page."""
        main = self.page.locator("main")
        main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first.click()

    def pay(self, card: str = PAYS) -> None:
        """Pay at the checkout with a card, and wait for what was bought."""
        expect(self.page.locator("body")).to_contain_text("sandbox")
        self.page.get_by_role("link", name=card).click()
        self.page.locator("button[name=act][value=pay]").click()
        self.page.wait_for_url(f"{self.url}/billing/paid/**")
        expect(self.page.locator("#arrival a", has_text="See your plan")).to_be_visible(timeout=20_000)

    def pass_time(self, user: User, days: float) -> None:
        """Let days pass, here and at Stripe; return when everything that Stripe told has been applied."""
        self.ahead += timedelta(days=days)
        self.stack.move_clock(self.ahead)
        self.sandbox.advance(customers.customer_for(user), clock.now() + self.ahead)
        self.hear(user)

    def hear(self, user: User) -> None:
        """Wait until everything that Stripe has to tell of a user is delivered and applied."""
        events, customer = self.sandbox.client.v1.events, customers.customer_for(user)

        def is_heard() -> bool:
            told = [one for one in events.list({"limit": 30}).data if customer in str(one.data.object)]
            return not any(one.pending_webhooks for one in told) and not WebhookEvent.objects.waiting()

        wait_until(is_heard, 30)

    def shoot(self, name: str) -> None:
        """Take the page as it is on a desktop, and in the dark on a phone."""
        for width, scheme in ((390, "dark"), (1440, "light")):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
            self.page.screenshot(path=self.folder / f"{name}-{width}-{scheme}.png", full_page=True)

    def shows(self, *words: str) -> None:
        """The page says all of these."""
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one)

    def credits(self, count: int) -> None:
        """The header says how many credits there are."""
        expect(self.page.locator("#meter [data-wallet=available]")).to_have_text(str(count))


@pytest.fixture
def shop(
    live_stack: Stack,
    _beside_stripe: Stack,
    stripe_sandbox: StripeSandbox,
    at_stripe: Any,
    settings: Any,
    page: Page,
    tmp_path: Path,
) -> Shop:
    """The studio with everything arranged at the sandbox, deliveries included."""
    settings.SITE_URL = live_stack.url
    call_command("stripe_setup", verbosity=0)
    live_stack.move_clock(timedelta(0))
    return Shop(page, live_stack, stripe_sandbox, tmp_path)


def _sign_up_for_starter(shop: Shop) -> User:
    """From the prices through the account and the address back to the plan that was chosen."""
    page = shop.page
    shop.open("/pricing/")
    page.get_by_role("link", name="By the year").click()
    expect(page).to_have_url(f"{shop.url}/pricing/?interval=year")
    expect(page.locator("#starter")).to_contain_text("$290 a year")
    page.get_by_role("link", name="By the month").click()
    expect(page.locator("#starter")).to_contain_text("$29 a month")
    page.get_by_role("link", name="Get Starter").click()
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password1]", PASSWORD)
    if page.locator("input[name=password2]").count():
        page.fill("input[name=password2]", PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.locator("h1")).to_have_text("Confirm your address")
    verify_address(page, shop.url, EMAIL)
    expect(page).to_have_url(f"{shop.url}/billing/choose/?plan=starter&interval=month")
    return User.objects.get(email=EMAIL)


def test_from_free_to_paid_and_back(shop: Shop) -> None:
    page, complaints = shop.page, complaints_of(shop.page)
    user = _sign_up_for_starter(shop)
    shop.credits(20)

    # Free to Starter: nothing before Stripe has told, then the plan and its credits.
    shop.press("Continue to the payment")
    page.get_by_role("link", name=re.compile("Back to")).click()
    shop.shows("Nothing was paid", "Starter")
    shop.press("Continue to the payment")
    shop.pay()
    shop.shows("Starter is yours", "150 credits have arrived")
    shop.credits(170)
    shop.open("/billing/")
    shop.shows("Starter", "$29 a month", "Renews on", "First payment")
    invoice = page.locator("a", has_text="PDF").first.get_attribute("href")
    assert page.request.get(invoice or "").headers["content-type"] == "application/pdf"

    # Up to Pro ten days later: what it costs is shown before anything is agreed to.
    shop.pass_time(user, 10)
    shop.open("/pricing/")
    expect(page.locator("#starter")).to_contain_text("Your plan")
    page.get_by_role("button", name="Upgrade to Pro").click()
    shop.shows("Due now", "What you have not used of Starter", "Next payment")
    due = page.locator(".bill__sum td").inner_text()
    shop.shoot("upgrade")
    assert StripeSubscription.objects.get(user=user).price.terms.plan.code == "starter"
    shop.press(f"Pay {due} and change")
    shop.shows("Pro", "active", "$79 a month")
    paid = Payment.objects.get(user=user, terms__plan__code="pro")
    assert f"${paid.amount_cents / 100:.2f}".removesuffix(".00") == due
    assert 0 < paid.credits < 350

    # Down again with the period's end, and undone.
    oldest, *_ = [create_project(owner=user, fields={"title": f"Book {title}"}) for title in range(12)]
    shop.open("/pricing/")
    page.get_by_role("button", name="Change to Starter").click()
    shop.shows("12 now, 10 then", "No longer included", "Priority support")
    shop.shoot("downgrade")
    shop.press(re.compile("^Change on"))
    shop.shows("you change to Starter, by the month")
    shop.shoot("scheduled")
    shop.press("Undo the change")
    shop.shows("Your plan goes on as it is", "Renews on")

    # A pack of credits, once.
    before = page.locator("#meter [data-wallet=available]").inner_text()
    page.get_by_role("button", name="Buy 100 credits").click()
    shop.pay()
    shop.shows("100 credits have arrived")
    shop.credits(int(before) + 100)

    # Cancelled, it works to the end of what is paid; then the free plan, and what exceeds it is read-only.
    shop.open("/billing/")
    shop.press("Cancel the plan")
    shop.shows("Projects", "12 now, 2 then", "Credits you bought")
    shop.shoot("cancel")
    shop.press("Cancel Pro")
    shop.shows("Pro ends on")
    shop.press("Keep the plan")
    shop.shows("Your plan goes on", "Renews on")
    shop.press("Cancel the plan")
    shop.press("Cancel Pro")
    shop.pass_time(user, 18)
    shop.open("/billing/")
    shop.shows("Pro", "cancelled")
    shop.pass_time(user, 6)
    shop.open("/billing/")
    shop.shows("The free plan has no end date", "12 of 2")
    shop.shoot("fallen")
    shop.open(f"/projects/{oldest.pk}/")
    expect(page.locator("[data-read-only]")).to_contain_text("Free carries 2 projects, and you have 12.")

    # Subscribed again, everything is back.
    shop.open("/pricing/")
    page.get_by_role("button", name="Get Pro").click()
    shop.pay()
    shop.open("/billing/")
    shop.shows("Pro", "active", "12 of 50")
    shop.open(f"/projects/{oldest.pk}/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("[data-read-only]")).to_have_count(0)
    assert complaints == []
    assert {invariant.code: rows for invariant, rows in verify() if rows} == {}


def test_card_that_fails_and_the_one_that_helps(shop: Shop) -> None:
    page = shop.page
    user = open_account("quentin")
    key = client_for(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": shop.url}])
    shop.open("/billing/choose/?plan=starter")
    shop.press("Continue to the payment")
    shop.pay(FAILS_LATER)
    shop.pass_time(user, 31)
    wait_until(lambda: Notification.objects.filter(user=user, kind="payment_failed").exists(), 20)
    shop.open("/billing/")
    shop.shows("Your payment of $29 for Starter did not go through", "Starter works until", "payment failed")
    shop.shoot("past-due")
    page.get_by_role("link", name="Pay $29 now").click()
    page.get_by_role("link", name=PAYS).click()
    page.locator("button[name=act][value=pay]").click()
    wait_until(lambda: Payment.objects.filter(user=user).count() == 2, 20)
    shop.open("/billing/")
    shop.shows("active", "Renews on")
    assert {invariant.code: rows for invariant, rows in verify() if rows} == {}
