"""What a newcomer does first, through the real page, against the whole stack."""

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.steps import PASSWORD, enter, sign_in, sign_up
from tests.browser.watching import Watched, barriers

pytestmark = pytest.mark.xdist_group("stack")

WORKBOOK = Path(__file__).parents[1] / "data" / "online-retail-ii-part.xlsx"
UPLOAD_MS = 60_000


def open_account(page: Page, name: str) -> None:
    if page.get_by_role("button", name="Open an account").count():
        page.get_by_role("button", name="Open an account").click()
    page.get_by_label("Name of the account").fill(name)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("button", name=re.compile(f"^{name}"))).to_be_visible()


def deposit(page: Page, amount: str) -> None:
    page.get_by_role("button", name="Deposit").click()
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name="Put it on the account").click()


def test_a_newcomer_gets_from_an_empty_page_to_a_chart(watched: Watched) -> None:
    page = watched.page
    expect(page.get_by_role("heading", name="Posts")).to_be_visible()
    enter(page)

    expect(page.get_by_text("No accounts yet")).to_be_visible()
    open_account(page, "Workshop")
    deposit(page, "1250.50")
    expect(page.get_by_role("button", name="Workshop")).to_contain_text("€1,250.50")
    expect(page.get_by_text("Money deposited")).to_be_visible()

    title = f"The workbench stands {uuid.uuid4().hex[:6]}"
    page.get_by_label("Title of a new post").fill(title)
    page.get_by_label("Text").fill("We put it **together** on Saturday.")
    page.get_by_label("Tags").fill("oak, workshop")
    page.get_by_role("button", name="Publish").click()
    post = page.get_by_role("article", name=title)
    expect(post).to_contain_text("Ada Lovelace")
    post.get_by_role("button", name="Read").click()
    expect(post.locator("strong")).to_have_text("together")

    page.locator("input[type=file]").set_input_files(WORKBOOK)
    expect(page.get_by_text("998 rows read")).to_be_visible(timeout=UPLOAD_MS)
    expect(page.get_by_role("heading", name="Sum of Quantity × Price")).to_be_visible()
    expect(page.locator(".recharts-bar-rectangle path").first).to_be_visible()
    table = page.get_by_role("region", name="The chart as a table")
    expect(table.get_by_role("row", name=re.compile("Dec 2009"))).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("Dec 2010"))).to_be_visible()
    page.get_by_label("Split by").select_option(label="Country")
    expect(table.get_by_role("row", name=re.compile("United Kingdom"))).to_be_visible()

    assert barriers(page) == []
    assert watched.errors == []


def test_money_goes_to_another_account_but_never_more_than_there_is(page: Page) -> None:
    enter(page)
    open_account(page, "Workshop")
    deposit(page, "300")
    open_account(page, "Savings")
    page.get_by_role("button", name=re.compile("^Savings")).click()
    savings = page.get_by_test_id("account-number").inner_text()
    page.get_by_role("button", name=re.compile("^Workshop")).click()

    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_label("To account number").fill(savings)
    page.get_by_label("Amount").fill("300.01")
    page.keyboard.press("Tab")  # the button says the amount once it is complete
    page.get_by_role("button", name="Send €300.01").click()
    expect(page.get_by_role("form", name="Send").get_by_role("alert")).to_have_text(
        "There is not enough money on this account."
    )
    page.get_by_label("Amount").fill("100.01")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Send €100.01").click()

    expect(page.get_by_role("button", name=re.compile("^Workshop"))).to_contain_text("€199.99")
    expect(page.get_by_role("button", name=re.compile("^Savings"))).to_contain_text("€100.01")


def test_a_wrong_password_is_told_in_a_sentence_and_keeps_what_was_typed(page: Page) -> None:
    email = sign_up(page)
    sign_in(page, email, "not the password")
    expect(page.get_by_role("alert")).to_have_text("The e-mail or the password is not right.")
    expect(page.get_by_label("E-mail")).to_have_value(email)


def test_a_reload_keeps_the_session_and_signing_out_ends_it(page: Page) -> None:
    enter(page)
    page.reload()
    expect(page.get_by_role("banner").get_by_text("Ada Lovelace")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_session_that_ends_in_the_middle_keeps_the_draft(page: Page) -> None:
    email = enter(page)
    page.get_by_label("Title of a new post").fill("A draft")
    page.get_by_label("Text").fill("Written before the session ended.")
    # Elsewhere: the page does not know of it until the server refuses.
    page.evaluate("fetch('/v1/auth/logout', { method: 'POST' })")
    page.get_by_role("button", name="Publish").click()
    again = page.get_by_role("dialog", name="Sign in again")
    expect(again).to_be_visible()
    again.get_by_label("E-mail").fill(email)
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again).to_be_hidden()
    expect(page.get_by_label("Text")).to_have_value("Written before the session ended.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published.")).to_be_visible()


def test_a_file_that_is_no_workbook_is_refused_with_a_reason(page: Page) -> None:
    enter(page)
    broken = FilePayload(name="broken.xlsx", mimeType="application/zip", buffer=b"not a workbook")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_text("broken.xlsx could not be read")).to_be_visible(timeout=UPLOAD_MS)
    expect(page.get_by_text("This is not an Excel workbook (.xlsx).")).to_be_visible()


def test_the_page_speaks_russian_and_has_a_dark_side(page: Page) -> None:
    page.get_by_role("button", name="Русский").click()
    expect(page.get_by_role("heading", name="Войти")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    page.get_by_role("button", name="Тёмная тема").click()
    assert barriers(page) == []
    page.reload()
    expect(page.get_by_role("heading", name="Войти")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_nothing_overflows_a_narrow_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    sign_in(page, sign_up(page))
    open_account(page, "Workshop")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
