"""An authenticator app, recovery codes and passkeys, as a person uses them."""

import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PASSWORD, enter, enter_verified, expect_in, open_part, sign_in, sign_out
from tests.browser.watching import Watched, barriers

pytestmark = pytest.mark.xdist_group("stack")

STEP_S = 30


def code(secret: str, steps_ahead: int = 0) -> str:
    """A code works once; that of the next half minute is taken too."""
    return pyotp.TOTP(secret).at(int(time.time()) + steps_ahead * STEP_S)


def set_up_app(page: Page) -> tuple[str, list[str]]:
    """The secret, and the recovery codes."""
    open_part(page, "Sign-in")
    page.get_by_role("button", name="Set up an app").click()
    secret = page.get_by_test_id("totp-secret").inner_text().replace(" ", "")
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    assert barriers(page) == []
    # A code of a quarter of an hour ago is wrong, and no chance hits the right one.
    page.get_by_label("Code from the app").fill(code(secret, -30))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_contain_text("The code is not right.")
    page.get_by_label("Code from the app").fill(code(secret))
    page.get_by_role("button", name="Turn it on").click()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    texts = codes.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left.")).to_be_visible()
    return secret, texts


def test_an_app_is_set_up_and_sign_in_asks_for_its_code(watched: Watched, live_server: str) -> None:
    page = watched.page
    email = enter_verified(page, live_server)
    secret, recovery_codes = set_up_app(page)
    sign_out(page)

    sign_in(page, email)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert barriers(page) == []
    page.get_by_label("Code from the app").fill(code(secret, 1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_in(page)
    sign_out(page)

    sign_in(page, email)
    page.get_by_role("button", name="Use a recovery code").click()
    # Forgiving of how it was noted down.
    page.get_by_label("Recovery code").fill(recovery_codes[0].upper().replace("-", " "))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_in(page)
    open_part(page, "Sign-in")
    expect(page.get_by_text("9 recovery codes left.")).to_be_visible()
    sign_out(page)

    sign_in(page, email)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(recovery_codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The code is not right.")
    page.get_by_label("Recovery code").fill(recovery_codes[1])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_in(page)

    open_part(page, "Sign-in")
    page.get_by_role("button", name="Turn the app off").click()
    expect(page.get_by_role("button", name="Set up an app")).to_be_visible()
    sign_out(page)
    sign_in(page, email)
    expect_in(page)


def with_an_authenticator(page: Page) -> None:
    """A passkey device of Chromium's own, which is touched and unlocked at once whenever it is asked."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page: Page, name: str) -> None:
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def test_a_passkey_is_added_renamed_used_and_removed(watched: Watched, live_server: str) -> None:
    page = watched.page
    with_an_authenticator(page)
    enter_verified(page, live_server)
    open_part(page, "Sign-in")
    add_passkey(page, "Laptop")
    mine = page.get_by_role("list", name="Your passkeys")
    expect(mine.get_by_text("Laptop")).to_be_visible()
    expect(page.get_by_label("Name of the passkey")).to_have_value("")
    add_passkey(page, "Laptop again")
    expect(page.get_by_role("alert")).to_have_text("This device has a passkey of your account already.")
    mine.get_by_role("button", name="Rename Laptop").click()
    page.get_by_role("form", name="Rename Laptop").get_by_label("Name").fill("Blue laptop")
    page.get_by_role("form", name="Rename Laptop").get_by_role("button", name="Save").click()
    expect(mine.get_by_text("Blue laptop")).to_be_visible()
    assert barriers(page) == []
    assert watched.errors == []

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect_in(page)
    open_part(page, "Sign-in")
    mine.get_by_role("button", name="Remove Blue laptop").click()
    expect(mine).to_be_hidden()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("The passkey was not accepted. Try another way in.")


def test_a_sign_in_of_long_ago_is_confirmed_before_a_sensitive_change_and_the_change_is_made(
    watched: Watched, live_server: str
) -> None:
    page = watched.page
    enter_verified(page, live_server)
    open_part(page, "Sign-in")
    # As the server answers 15 minutes after the sign-in; the second time it answers itself.
    refusal = {"code": "ReauthenticationRequired", "status": 403, "title": "Reauthentication required"}
    page.route("**/v1/auth/me/mfa/totp", lambda route: route.fulfill(status=403, json=refusal), times=1)
    page.get_by_role("button", name="Set up an app").click()
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_label("Password").fill("not the password")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("The e-mail or the password is not right.")
    assert barriers(page) == []
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("totp-secret")).to_be_visible()
    open_part(page, "Sessions")
    expect(page.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(1)


def test_whoever_will_not_confirm_changes_nothing(page: Page, live_server: str) -> None:
    enter_verified(page, live_server)
    open_part(page, "Sign-in")
    refusal = {"code": "ReauthenticationRequired", "status": 403, "title": "Reauthentication required"}
    page.route("**/v1/auth/me/mfa/totp", lambda route: route.fulfill(status=403, json=refusal), times=1)
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_role("dialog", name="Confirm that it is you").get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_have_text("Nothing was changed: it was not confirmed that it is you.")
    expect(page.get_by_role("button", name="Set up an app")).to_be_focused()


def test_an_unverified_account_is_told_why_it_cannot_have_an_app(page: Page) -> None:
    enter(page)
    open_part(page, "Sign-in")
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_role("alert")).to_have_text("Verify your e-mail address first: follow the link in our letter.")
