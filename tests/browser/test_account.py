"""Profile, sessions, tokens and data, on the account's pages."""

import io
import json
import re
import zipfile
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import letters
from tests.browser.conftest import Opens
from tests.browser.steps import enter, enter_verified, expect_in, open_part, sign_in
from tests.browser.watching import Watched, barriers

pytestmark = pytest.mark.xdist_group("stack")


def picture() -> FilePayload:
    contents = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(contents, "PNG")
    return FilePayload(name="me.png", mimeType="image/png", buffer=contents.getvalue())


def test_a_profile_is_filled_in_and_stays(watched: Watched) -> None:
    page = watched.page
    enter(page)
    open_part(page, "Profile")
    form = page.get_by_role("form", name="Profile")
    form.get_by_label("Full name").fill("Augusta Ada King")
    form.get_by_label("About you").fill("Numbers,\nand what they could do.")
    form.get_by_label("Phone").fill("not a number")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Phone")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Phone").fill("+44 20 7946 0958")
    form.get_by_label("Birthday").fill("1990-12-10")
    form.get_by_label("Country").select_option(label="United Kingdom")
    form.get_by_label("City").fill("London")
    form.get_by_label("Time zone").select_option("Europe/London")
    form.get_by_label("Language of our letters").select_option("ru")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(form.get_by_label("Phone")).to_have_value("+442079460958")
    expect(form.get_by_label("About you")).to_have_value("Numbers,\nand what they could do.")
    expect(form.get_by_label("Country")).to_have_value("GB")
    expect(form.get_by_label("Language of our letters")).to_have_value("ru")
    form.get_by_label("City").fill("")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(form.get_by_label("City")).to_have_value("")
    assert barriers(page) == []


def test_a_picture_is_chosen_shown_and_removed(watched: Watched) -> None:
    page = watched.page
    enter(page)
    open_part(page, "Profile")
    page.locator("input[type=file]").set_input_files(picture())
    shown = page.get_by_role("main").locator("img")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 128)
    expect(page.get_by_role("banner").locator("img")).to_be_visible()
    assert watched.errors == []
    broken = FilePayload(name="me.png", mimeType="image/png", buffer=b"no picture at all")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_role("alert")).to_contain_text("This is not a PNG, JPEG, WebP or GIF picture")
    page.get_by_role("button", name="Remove the picture").click()
    expect(shown).to_be_hidden()


def test_sessions_are_listed_ended_one_by_one_and_all_at_once(watched: Watched, another_browser: Opens) -> None:
    page = watched.page
    email = enter(page)
    second, third = another_browser().page, another_browser().page
    for other in (second, third):
        sign_in(other, email)
        expect_in(other)
    open_part(page, "Sessions")
    rows = page.get_by_role("list", name="Sessions").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="This device")).to_have_count(1)
    expect(rows.first).to_contain_text("Chrome on Linux")
    assert barriers(page) == []
    rows.filter(has_not_text="This device").first.get_by_role("button", name=re.compile("^End")).click()
    expect(rows).to_have_count(2)
    expect(page.get_by_role("list", name="What happened lately")).to_contain_text("Session ended")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(rows).to_have_count(1)
    for other in (second, third):
        other.reload()
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()

    sign_in(second, email)
    expect_in(second)
    page.get_by_role("button", name="Sign out everywhere", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    second.reload()
    expect(second.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_personal_token_is_made_used_and_revoked(watched: Watched, live_server: str) -> None:
    page = watched.page
    enter_verified(page, live_server)
    open_part(page, "Access tokens")
    page.get_by_label("Name of the token").fill("Bookkeeping")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("alert")).to_have_text("Choose at least one.")
    page.get_by_label("see accounts and entries").check()
    page.get_by_role("button", name="Make a token").click()
    token = page.get_by_test_id("token").inner_text()
    assert barriers(page) == []
    exchanged = httpx.post(f"{live_server}/v1/auth/tokens/exchange", json={"token": token})
    assert exchanged.is_success
    assert exchanged.json()["scope"] == "money:read"
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_test_id("token")).to_be_hidden()
    page.get_by_role("button", name="Revoke Bookkeeping").click()
    expect(page.get_by_role("list", name="Your tokens")).to_be_hidden()
    assert httpx.post(f"{live_server}/v1/auth/tokens/exchange", json={"token": token}).status_code == 401
    assert watched.errors == []


def test_a_copy_of_the_data_is_asked_for_and_downloaded(watched: Watched, live_server: str, tmp_path: Path) -> None:
    page = watched.page
    email = enter(page)
    open_part(page, "Your data")
    page.get_by_role("button", name="Ask for a copy").click()
    button = page.get_by_role("main").get_by_role("button", name="Download")
    expect(button).to_be_visible(timeout=60_000)
    assert barriers(page) == []
    with page.expect_download() as started:
        button.click()
    started.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as archive:
        told = b"\n".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
        assert all(json.loads(archive.read(name)) is not None for name in archive.namelist() if name.endswith(".json"))
    assert email.encode() in told
    expect(page.get_by_role("heading", name="A copy of your data")).to_be_visible()
    assert letters.has_text(live_server, email, f"{live_server}/account")


def test_a_visitor_of_the_account_signs_in_there_and_an_unknown_part_is_told(page: Page) -> None:
    page.goto("/account/sessions")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/account/nothing")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_the_account_fits_a_narrow_phone_and_speaks_russian(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page)
    for part in ("Profile", "Sign-in", "Sessions", "Access tokens", "Your data"):
        open_part(page, part)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, part
    page.get_by_role("button", name="Русский").click()
    expect(page.get_by_role("heading", name="Ваша учётная запись")).to_be_visible()
    page.get_by_role("button", name="Тёмная тема").click()
    assert barriers(page) == []
