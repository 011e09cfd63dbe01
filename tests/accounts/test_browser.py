"""In a real browser: the settings pages under their content policy, the theme, passkeys, the admin."""

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from playwright.sync_api import ConsoleMessage, Page, expect

from accounts.models import User
from accounts.services.avatars import add_avatar
from tests.objects.plans import put_on
from tests.support.people import PASSWORD, open_account, open_operator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = [f"/settings/{page}" for page in ("", "preferences/", "avatars/", "notifications/", "security/")]


@pytest.fixture
def home(live_server) -> str:
    """The studio's address by the name that passkeys need."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains about; a test fails over any of it."""
    heard: list[str] = []

    def hear(entry: ConsoleMessage) -> None:
        if entry.type in ("error", "warning"):
            heard.append(f"{entry.text} {entry.location['url']}")

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


def sign_in(page: Page, home: str, user: User, following: str = "/settings/") -> None:
    page.goto(f"{home}/accounts/login/?next={following}")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


def code_of(user: User) -> str:
    """The code that the user's authenticator app shows."""
    secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize("width", [390, 1440])
def test_the_settings_fit_the_screen(page, home, complaints, width):
    sign_in(page, home, open_account("alice"))
    expect(page).to_have_url(f"{home}/settings/")
    page.set_viewport_size({"width": width, "height": 900})
    for path in SETTINGS:
        page.goto(home + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").inner_text() == "Settings"


def test_the_theme_is_kept_for_the_user_and_for_the_visitor(page, home, complaints):
    alice = open_account("alice")
    sign_in(page, home, alice)
    page.click("summary[aria-label='Light or dark']")
    with page.expect_response("**/settings/theme/") as kept:
        page.click("[data-theme-choice=dark]")
    assert kept.value.status == 204
    alice.refresh_from_db()
    assert alice.chosen_preferences == {"theme": "dark"}
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{home}/accounts/login/")
    assert page.get_attribute("html", "data-theme") == "dark"


def test_a_passkey_is_made_and_signs_in(page, home, complaints):
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    abilities = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": abilities})
    alice = open_account("alice")
    sign_in(page, home, alice)
    page.goto(f"{home}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.fill("[name=name]", "This machine")
    if page.locator("[name=passwordless]").count():
        page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/accounts/2fa/**recovery**")
    page.goto(f"{home}/settings/security/")
    expect(page.locator("main")).to_contain_text("1 passkey")

    page.context.clear_cookies()
    page.goto(f"{home}/accounts/login/?next=/settings/")
    page.click("#passkey_login")
    expect(page).to_have_url(f"{home}/settings/")


def test_an_operator_suspends_a_user(page, home, complaints):
    ann, olga = open_account("ann"), open_operator()
    sign_in(page, home, olga, "/admin/accounts/user/")
    page.fill("[name=code]", code_of(olga))
    page.press("[name=code]", "Enter")
    page.check("tr:has-text('ann@example.com') input[type=checkbox]")
    page.select_option("select[name=action]", "suspend_users")
    page.click("button[name=index]")
    page.fill("[name=reason]", "Sells accounts")
    page.click("button:has-text('Suspend')")
    expect(page.locator("body")).to_contain_text("1 account suspended.")
    ann.refresh_from_db()
    assert not ann.is_active


def test_the_api_shows_its_documentation(page, home, db):
    page.goto(f"{home}/api/docs/")
    expect(page.locator("#swagger-ui")).to_contain_text("/api/v1/auth/token")


def test_one_click_in_the_header_switches_the_avatar(page, home, complaints):
    alice = open_account("alice")
    put_on(alice, "starter")
    second = add_avatar(user=alice, display_name="A name that is rather long for a header")
    sign_in(page, home, alice, "/settings/security/")
    switch = page.get_by_role("group", name="Write as")
    switch.get_by_role("button", name="A name that is rather long").click()
    expect(page).to_have_url(f"{home}/settings/security/")
    active = switch.get_by_role("button", pressed=True)
    expect(active).to_contain_text("A name that is rather long")
    alice.refresh_from_db()
    assert alice.active_avatar == second
    for width in (1440, 768):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Account of Alice").click()
    page.get_by_role("button", name="Write as Alice").click()
    page.get_by_label("Account of Alice").click()
    expect(page.get_by_role("button", name="Write as Alice")).to_have_attribute("aria-pressed", "true")
