"""What most visits begin with."""

import uuid

from playwright.sync_api import Page, expect

from tests.browser import letters

PASSWORD = "a sentence that nobody guesses"


def sign_up(page: Page) -> str:
    """Up to the point where the sign-in form waits; gives the address."""
    email = f"ada-{uuid.uuid4().hex[:12]}@example.com"
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_text("A letter is on its way")).to_be_visible()
    return email


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    form = page.get_by_role("form", name="Sign in")
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("Password").fill(password)
    form.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()


def expect_in(page: Page) -> None:
    expect(page.get_by_role("banner").get_by_role("button", name="Sign out", exact=True)).to_be_visible()


def enter(page: Page) -> str:
    email = sign_up(page)
    sign_in(page, email)
    expect_in(page)
    return email


def enter_verified(page: Page, live_server: str) -> str:
    """As somebody who followed the link of the first letter at once, and signed in there."""
    email = sign_up(page)
    page.goto(letters.link(live_server, email, "verify-email"))
    expect(page.get_by_text("Thank you: the address is verified.")).to_be_visible()
    sign_in(page, email)
    expect_in(page)
    return email


def open_part(page: Page, name: str) -> None:
    """Of the account's pages, by the links a person would follow."""
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("navigation", name="Parts of your account").get_by_role("link", name=name).click()
    expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
