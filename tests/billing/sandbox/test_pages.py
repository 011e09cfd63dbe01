"""The hosted pages in a real browser: checkout, portal, invoice, and the developer's desk."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.billing.sandbox import shop
from tests.support.stripe import StripeSandbox

pytestmark = pytest.mark.browser
DECLINED, RENEWAL_FAILS = "4000000000000002", "4000000000000341"
PORTAL = {
    "features": {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
    }
}


@pytest.fixture
def studio() -> Iterator[str]:
    """A page to come back to, as the studio's would be."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Studio</title><link rel=icon href='data:,'>")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A page of the browser whose console must say nothing: neither a refused style nor a missing file."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []


def open_checkout(
    sandbox: StripeSandbox, studio: str, price: str | None = None, **more: Any
) -> dict[str, Any]:
    return shop.session(
        sandbox,
        price or shop.price(sandbox),
        success_url=f"{studio}/done/?session={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{studio}/plans/",
        **more,
    )


def type_card(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expires").fill("12 / 40")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on the card").fill("Alice Example")


def test_checkout_is_paid_and_leads_back(stripe_sandbox: StripeSandbox, studio: str, quiet: Page) -> None:
    session = open_checkout(stripe_sandbox, studio)
    quiet.goto(session["url"])

    expect(quiet.get_by_role("note")).to_contain_text("No card is charged and no money moves")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("Starter")
    expect(quiet.get_by_text("$29.00 every month")).to_be_visible()
    expect(quiet.get_by_text("alice@example.com")).to_be_visible()
    expect(quiet.get_by_role("link", name="Back to")).to_have_attribute("href", f"{studio}/plans/")
    type_card(quiet, "4242 4242 4242 4242")
    quiet.get_by_role("button", name="Subscribe for $29.00").click()
    quiet.wait_for_url(f"{studio}/done/?session={session['id']}")

    done = stripe_sandbox.client.v1.checkout.sessions.retrieve(session["id"])
    assert (done.status, done.payment_status) == ("complete", "paid")
    quiet.goto(session["url"] or "")
    assert quiet.url == f"{studio}/done/?session={session['id']}"


def test_checkout_decline_says_why_and_keeps_what_was_typed(
    stripe_sandbox: StripeSandbox, studio: str, quiet: Page
) -> None:
    session = open_checkout(stripe_sandbox, studio)
    quiet.goto(session["url"])
    type_card(quiet, DECLINED)
    quiet.get_by_role("button", name="Subscribe").click()

    expect(quiet.get_by_role("alert")).to_have_text("Your card was declined.")
    expect(quiet.get_by_label("Card number")).to_have_value(DECLINED)
    expect(quiet.get_by_label("Name on the card")).to_have_value("Alice Example")
    assert stripe_sandbox.client.v1.subscriptions.list({"customer": session["customer"]}).data == []
    quiet.get_by_label("Card number").fill("4242424242424242")
    quiet.get_by_role("button", name="Subscribe").click()
    quiet.wait_for_url(re.compile("/done/"))


def test_checkout_refuses_what_no_card_could_be(
    stripe_sandbox: StripeSandbox, studio: str, quiet: Page
) -> None:
    quiet.goto(open_checkout(stripe_sandbox, studio)["url"])
    type_card(quiet, "4242 4242 4242 4241")
    quiet.get_by_label("Expires").fill("13 / 40")
    quiet.get_by_role("button", name="Subscribe").click()

    expect(quiet.get_by_text("a digit is wrong")).to_be_visible()
    expect(quiet.get_by_text("Give the month and the year")).to_be_visible()
    expect(quiet.get_by_label("Card number")).to_have_value("4242 4242 4242 4241")


def test_checkout_real_card_is_refused(stripe_sandbox: StripeSandbox, studio: str, quiet: Page) -> None:
    quiet.goto(open_checkout(stripe_sandbox, studio)["url"])
    type_card(quiet, "4111 1111 1111 1111")
    quiet.get_by_role("button", name="Subscribe").click()

    expect(quiet.get_by_role("alert")).to_contain_text("used a non test card")


def test_checkout_test_card_fills_the_form_in(
    stripe_sandbox: StripeSandbox, studio: str, quiet: Page
) -> None:
    quiet.goto(open_checkout(stripe_sandbox, studio)["url"])
    quiet.get_by_role("link", name="4000 0000 0000 0341").click()

    expect(quiet.get_by_label("Card number")).to_have_value("4000 0000 0000 0341")
    quiet.get_by_role("button", name="Subscribe").click()
    quiet.wait_for_url(re.compile("/done/"))


def test_checkout_promotion_code(stripe_sandbox: StripeSandbox, studio: str, quiet: Page) -> None:
    v1 = stripe_sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 20, "duration": "once"}).id
    code = v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}}).code
    session = open_checkout(stripe_sandbox, studio, allow_promotion_codes=True)
    quiet.goto(session["url"])
    quiet.get_by_label("Promotion code").fill("NONSENSE")
    quiet.get_by_role("button", name="Use the code").click()
    expect(quiet.get_by_text("This code is invalid.")).to_be_visible()
    expect(quiet.get_by_label("Promotion code")).to_have_value("NONSENSE")

    quiet.get_by_label("Promotion code").fill(code.lower())
    quiet.get_by_role("button", name="Use the code").click()
    expect(quiet.get_by_text(f"Discount ({code})")).to_be_visible()
    quiet.get_by_role("button", name="Remove the code").click()
    expect(quiet.get_by_role("button", name="Subscribe for $29.00")).to_be_visible()
    quiet.get_by_label("Promotion code").fill(code)
    quiet.get_by_role("button", name="Use the code").click()
    type_card(quiet, "4242424242424242")
    quiet.get_by_role("button", name="Subscribe for $23.20").click()
    quiet.wait_for_url(re.compile("/done/"))

    done = v1.checkout.sessions.retrieve(session["id"])
    assert (done.amount_total, done.amount_subtotal) == (2_320, 2_900)
    assert v1.invoices.retrieve(str(done.invoice)).amount_paid == 2_320


def test_checkout_trial(stripe_sandbox: StripeSandbox, studio: str, quiet: Page) -> None:
    session = open_checkout(stripe_sandbox, studio, subscription_data={"trial_period_days": 14})
    quiet.goto(session["url"])
    expect(quiet.get_by_text("14 days free")).to_be_visible()
    type_card(quiet, "4242424242424242")
    quiet.get_by_role("button", name="Start the trial").click()
    quiet.wait_for_url(re.compile("/done/"))

    done = stripe_sandbox.client.v1.checkout.sessions.retrieve(session["id"])
    assert done.payment_status == "no_payment_required"
    assert stripe_sandbox.client.v1.subscriptions.retrieve(str(done.subscription)).status == "trialing"


def test_checkout_expired_leads_back(stripe_sandbox: StripeSandbox, studio: str, quiet: Page) -> None:
    session = open_checkout(stripe_sandbox, studio)
    stripe_sandbox.client.v1.checkout.sessions.expire(session["id"])
    quiet.goto(session["url"])

    expect(quiet.get_by_role("heading", level=1)).to_have_text("This checkout has expired")
    expect(quiet.get_by_role("link", name="Back to")).to_have_attribute("href", f"{studio}/plans/")


def test_portal_cards_and_cancelling(stripe_sandbox: StripeSandbox, studio: str, quiet: Page) -> None:
    v1 = stripe_sandbox.client.v1
    configuration = v1.billing_portal.configurations.create(PORTAL).id  # type: ignore[arg-type]
    subscription = shop.subscribed(stripe_sandbox)
    portal = v1.billing_portal.sessions.create(
        {
            "customer": subscription["customer"],
            "configuration": configuration,
            "return_url": f"{studio}/plan/",
        }
    )
    quiet.goto(portal.url)
    expect(quiet.get_by_role("link", name="Back to")).to_have_attribute("href", f"{studio}/plan/")
    quiet.get_by_role("button", name="Cancel at the end of the period").click()
    expect(quiet.get_by_text("Ends on")).to_be_visible()
    cancelled = v1.subscriptions.retrieve(subscription["id"])
    ends = subscription["items"]["data"][0]["current_period_end"]
    assert (cancelled.cancel_at, cancelled.cancel_at_period_end) == (ends, False)
    quiet.get_by_role("button", name="Keep the plan").click()
    expect(quiet.get_by_text("Renews on")).to_be_visible()
    assert v1.subscriptions.retrieve(subscription["id"]).cancel_at is None

    quiet.get_by_text("Add a card").click()
    type_card(quiet, DECLINED)
    quiet.get_by_role("button", name="Add the card").click()
    expect(quiet.get_by_role("alert")).to_have_text("Your card was declined.")
    expect(quiet.get_by_label("Card number")).to_have_value(DECLINED)
    type_card(quiet, "5555 5555 5555 4444")
    quiet.get_by_role("button", name="Add the card").click()
    new = quiet.get_by_role("listitem").filter(has_text="Mastercard •••• 4444")
    expect(new).to_contain_text("Default")
    old = quiet.get_by_role("listitem").filter(has_text="Visa •••• 4242")
    old.get_by_role("button", name="Make it the default").click()
    expect(quiet.get_by_role("listitem").filter(has_text="Visa •••• 4242")).to_contain_text("Default")
    new.get_by_role("button", name="Remove").click()
    expect(new).to_have_count(0)

    customer = v1.customers.retrieve(subscription["customer"]).to_dict()
    default = customer["invoice_settings"]["default_payment_method"]
    assert [m.id for m in v1.payment_methods.list({"customer": subscription["customer"]}).data] == [default]
    assert v1.subscriptions.retrieve(subscription["id"]).default_payment_method == default


def test_portal_of_who_owes_leads_to_the_invoice(
    stripe_sandbox: StripeSandbox, studio: str, quiet: Page
) -> None:
    v1 = stripe_sandbox.client.v1
    configuration = v1.billing_portal.configurations.create(PORTAL).id  # type: ignore[arg-type]
    subscription = shop.subscribed(stripe_sandbox, RENEWAL_FAILS)
    customer = subscription["customer"]
    stripe_sandbox.advance(customer, subscription["items"]["data"][0]["current_period_end"] + 60)
    portal = v1.billing_portal.sessions.create({"customer": customer, "configuration": configuration})

    quiet.goto(portal.url)
    expect(quiet.get_by_text("$29.00 could not be collected on")).to_be_visible()
    quiet.get_by_role("link", name="Pay the invoice").click()
    type_card(quiet, "4242424242424242")
    quiet.get_by_role("button", name="Pay $29.00").click()
    expect(quiet.get_by_text("This invoice is paid")).to_be_visible()

    assert v1.subscriptions.retrieve(subscription["id"]).status == "active"
    quiet.goto(portal.url)
    expect(quiet.get_by_role("link", name="Pay the invoice")).to_have_count(0)


def test_card_that_has_expired_is_refused_at_its_field(
    stripe_sandbox: StripeSandbox, studio: str, quiet: Page
) -> None:
    session = open_checkout(stripe_sandbox, studio)
    quiet.goto(session["url"])
    type_card(quiet, "4242424242424242")
    quiet.get_by_label("Expires").fill("01 / 20")
    quiet.get_by_role("button", name="Subscribe").click()

    expect(quiet.get_by_text("Your card's expiration year is invalid.")).to_be_visible()
    expect(quiet.get_by_label("Card number")).to_have_value("4242424242424242")
    assert stripe_sandbox.client.v1.checkout.sessions.retrieve(session["id"]).status == "open"


def test_portal_shows_only_what_is_configured_and_guards_the_rest(
    stripe_sandbox: StripeSandbox, quiet: Page
) -> None:
    v1 = stripe_sandbox.client.v1
    features = {"features": {"invoice_history": {"enabled": True}}}
    configuration = v1.billing_portal.configurations.create(features).id  # type: ignore[arg-type]
    subscription = shop.subscribed(stripe_sandbox)
    portal = v1.billing_portal.sessions.create(
        {"customer": subscription["customer"], "configuration": configuration}
    )
    quiet.goto(portal.url)

    expect(quiet.get_by_role("heading", name="Invoices")).to_be_visible()
    expect(quiet.get_by_role("button")).to_have_count(0)
    answer = httpx.post(portal.url, data={"act": "cancel", "target": subscription["id"]})
    assert answer.status_code == 403
    assert v1.subscriptions.retrieve(subscription["id"]).cancel_at_period_end is False


def test_open_invoice_is_paid_with_a_new_card(stripe_sandbox: StripeSandbox, quiet: Page) -> None:
    v1 = stripe_sandbox.client.v1
    subscription = shop.subscribed(stripe_sandbox, RENEWAL_FAILS)
    stripe_sandbox.advance(
        subscription["customer"], subscription["items"]["data"][0]["current_period_end"] + 7_200
    )
    assert v1.subscriptions.retrieve(subscription["id"]).status == "past_due"
    bill = v1.invoices.list({"customer": subscription["customer"], "status": "open"}).data[0]
    quiet.goto(str(bill.hosted_invoice_url))
    type_card(quiet, "4000 0000 0000 9995")
    quiet.get_by_role("button", name="Pay $29.00", exact=True).click()
    expect(quiet.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    type_card(quiet, "4242424242424242")
    quiet.get_by_role("button", name="Pay $29.00", exact=True).click()

    expect(quiet.get_by_text("This invoice is paid")).to_be_visible()
    assert v1.subscriptions.retrieve(subscription["id"]).status == "active"
    quiet.get_by_role("link", name="receipt").click()
    expect(quiet.get_by_text("Visa •••• 4242")).to_be_visible()
    answer = httpx.get(str(bill.invoice_pdf))
    text = PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f"Invoice {bill.number}" in text
    assert "$29.00" in text
    assert "no money has moved" in text


def test_desk_moves_time_and_does_what_banks_do(stripe_sandbox: StripeSandbox, quiet: Page) -> None:
    v1 = stripe_sandbox.client.v1
    email = f"{shop.customer(stripe_sandbox)}@example.com"
    customer = shop.customer(stripe_sandbox, email=email)
    shop.subscribed(stripe_sandbox, customer_id=customer)
    quiet.goto(f"{stripe_sandbox.url}/")
    quiet.get_by_role("link", name=email).click()
    expect(quiet.get_by_text("goes on with the real time")).to_be_visible()

    quiet.get_by_role("button", name="To the end of the period").click()
    expect(quiet.get_by_text("stands there until it is moved again")).to_be_visible()
    quiet.get_by_label("How many days").fill("nonsense")
    quiet.get_by_role("button", name="Advance so many days").click()
    expect(quiet.get_by_role("alert")).to_contain_text("Say how many days")
    quiet.get_by_label("How many days").fill("1")
    quiet.get_by_role("button", name="Advance so many days").click()
    quiet.get_by_role("button", name="Advance one month").click()
    assert len(v1.invoices.list({"customer": customer, "status": "paid"}).data) == 3

    charge = quiet.get_by_role("listitem").filter(has_text="Open a dispute")
    charge.first.get_by_label("Amount").fill("4.50")
    charge.first.get_by_role("button", name="Refund").click()
    expect(quiet.get_by_text("$4.50 given back")).to_be_visible()
    for button, status in (("The shop wins", "Won"), ("The shop loses", "Lost")):
        charge.first.get_by_role("button", name="Open a dispute").click()
        quiet.get_by_role("button", name=button).click()
        expect(quiet.get_by_text(status, exact=True)).to_be_visible()
    assert {d.status for d in v1.disputes.list({"limit": 2}).data} == {"won", "lost"}


def test_desk_shows_events_and_delivers_again(stripe_sandbox: StripeSandbox, quiet: Page) -> None:
    from tests.billing.sandbox.receiver import receiving

    with receiving(stripe_sandbox, "customer.created") as receiver:
        shop.customer(stripe_sandbox)
        receiver.wait(1)
        quiet.goto(f"{stripe_sandbox.url}/sandbox/events")
        row = quiet.get_by_role("listitem").filter(has_text="customer.created").first
        expect(row).to_contain_text("200")
        row.get_by_role("button", name="Deliver again").click()
        receiver.wait(2)

    assert len({event.id for event in receiver.events()}) == 1


def test_desk_says_that_dials_are_turned_and_turns_them_back(
    stripe_sandbox: StripeSandbox, quiet: Page
) -> None:
    stripe_sandbox.dials(drop=0.25)
    quiet.goto(f"{stripe_sandbox.url}/sandbox/")
    expect(quiet.get_by_text("drop = 0.25")).to_be_visible()
    quiet.get_by_role("button", name="Set all to nothing").click()
    expect(quiet.get_by_text("Dials are turned")).to_have_count(0)

    assert stripe_sandbox.dials()["drop"] == 0.0


@pytest.mark.parametrize(
    "path", ["checkout/cs_none", "portal/bps_none", "invoice/in_none", "sandbox/customers/cus_none"]
)
def test_page_of_nothing_is_404_under_the_strict_policy(stripe_sandbox: StripeSandbox, path: str) -> None:
    answer = httpx.get(f"{stripe_sandbox.url}/{path}")

    assert answer.status_code == 404
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_another_host_name_is_refused(stripe_sandbox: StripeSandbox) -> None:
    answer = httpx.get(f"{stripe_sandbox.url}/sandbox/", headers={"Host": "elsewhere.example"})

    assert answer.status_code == 400


def test_files_outside_of_the_look_are_not_served(stripe_sandbox: StripeSandbox) -> None:
    assert httpx.get(f"{stripe_sandbox.url}/static/css/tokens.css").status_code == 200
    assert httpx.get(f"{stripe_sandbox.url}/static/js/app.js").status_code == 404
    assert httpx.get(f"{stripe_sandbox.url}/static/css/%2e%2e/%2e%2e/pyproject.toml").status_code in (
        400,
        404,
    )
