"""The pages that letters lead to."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser import letters
from tests.browser.conftest import Opens
from tests.browser.steps import PASSWORD, enter, enter_verified, expect_in, open_part, sign_in, sign_out, sign_up
from tests.browser.watching import Watched, barriers

pytestmark = pytest.mark.xdist_group("stack")

NEW_PASSWORD = "quite another sentence, longer too"


def test_the_first_letter_s_link_verifies_the_address_and_is_gone_from_the_address_bar(
    watched: Watched, live_server: str
) -> None:
    page = watched.page
    email = enter(page)
    expect(page.get_by_text(f"Your address {email} is not verified yet")).to_be_visible()
    page.goto(letters.link(live_server, email, "verify-email"))
    expect(page.get_by_text("Thank you: the address is verified.")).to_be_visible()
    assert page.url == f"{live_server}/verify-email"
    assert barriers(page) == []
    sign_in(page, email)
    expect_in(page)
    expect(page.get_by_text("is not verified yet")).to_be_hidden()


def test_an_old_link_says_so_and_offers_a_new_one(watched: Watched, live_server: str) -> None:
    page = watched.page
    email = sign_up(page)
    first = letters.link(live_server, email, "verify-email")
    page.goto("/verify-email#token=" + "A" * 40)
    expect(page.get_by_role("alert")).to_have_text("This link is too old, or was used already.")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send a new link").click()
    expect(page.get_by_text("If this address waits to be verified")).to_be_visible()
    page.goto(letters.link(live_server, email, "verify-email", other_than=first))
    expect(page.get_by_text("Thank you: the address is verified.")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_letter_and_the_old_one_ends(watched: Watched, live_server: str) -> None:
    page = watched.page
    email = enter_verified(page, live_server)
    sign_out(page)
    page.get_by_role("link", name="Forgot the password?").click()
    expect(page.get_by_role("heading", name="A new password")).to_be_visible()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the letter").click()
    expect(page.get_by_text("If there is an account with this address")).to_be_visible()
    address = letters.link(live_server, email, "reset-password")

    page.goto(address)
    assert barriers(page) == []
    page.get_by_role("textbox", name="New password").fill("password1")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("This password is too easy to guess")
    page.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("The new password is set")).to_be_visible()
    sign_in(page, email, PASSWORD)
    expect(page.get_by_role("alert")).to_have_text("The e-mail or the password is not right.")
    sign_in(page, email, NEW_PASSWORD)
    expect_in(page)

    page.goto(address)
    page.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_have_text("This link is too old, or was used already.")
    page.get_by_role("link", name="Ask for a new link").click()
    expect(page.get_by_role("button", name="Send the letter")).to_be_visible()


def test_the_address_changes_when_the_letter_to_the_new_one_is_followed(watched: Watched, live_server: str) -> None:
    page = watched.page
    email = enter_verified(page, live_server)
    new = f"countess-{uuid.uuid4().hex[:12]}@example.com"
    open_part(page, "Sign-in")
    page.get_by_label("New address").fill(new)
    page.get_by_role("form", name="Change the address").get_by_role("button", name="Change").click()
    expect(page.get_by_text(f"A letter is on its way to {new}.")).to_be_visible()
    expect(page.get_by_text(f"{email} verified")).to_be_visible()

    page.goto(letters.link(live_server, new, "confirm-email"))
    expect(page.get_by_text("The new address is in use")).to_be_visible()
    page.get_by_role("link", name="To the first page").click()
    open_part(page, "Sign-in")
    expect(page.get_by_text(f"{new} verified")).to_be_visible()
    sign_out(page)
    sign_in(page, email)
    expect(page.get_by_role("alert")).to_have_text("The e-mail or the password is not right.")
    sign_in(page, new)
    expect_in(page)


def test_the_password_changes_in_the_account_and_other_sessions_end(
    watched: Watched, another_browser: Opens, live_server: str
) -> None:
    page = watched.page
    email = enter_verified(page, live_server)
    other = another_browser().page
    sign_in(other, email)
    expect_in(other)
    open_part(page, "Sign-in")
    form = page.get_by_role("form", name="Change the password")
    form.get_by_label("Current password").fill("not the password")
    form.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    form.get_by_role("button").click()
    expect(form.get_by_role("alert")).to_have_text("The current password is not right.")
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    page.reload()
    expect_in(page)
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_deleted_account_is_gone_until_its_letter_brings_it_back(watched: Watched, live_server: str) -> None:
    page = watched.page
    email = enter_verified(page, live_server)
    open_part(page, "Your data")
    page.get_by_role("button", name="Delete the account").click()
    assert barriers(page) == []
    page.get_by_label("Type your e-mail address to confirm").fill("somebody@example.com")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("alert")).to_have_text("This is not the e-mail address of your account.")
    page.get_by_label("Type your e-mail address to confirm").fill(email)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", name="The account is deleted")).to_be_visible()
    page.get_by_role("link", name="To the first page").click()
    sign_in(page, email)
    expect(page.get_by_role("alert")).to_have_text("The e-mail or the password is not right.")

    page.goto(letters.link(live_server, email, "restore-account"))
    page.get_by_role("button", name="Restore it").click()
    expect(page.get_by_text("Welcome back: the account is restored.")).to_be_visible()
    sign_in(page, email)
    expect_in(page)
