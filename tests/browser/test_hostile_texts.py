"""What is made of hostile texts, given to a real browser without any content security policy to help."""

import json

import pytest
from playwright.sync_api import Browser, Page

from posts.markdown import excerpt, render
from posts.previews import document
from tests.posts.hostile import CALL, HTML, MARKDOWN, ODD

pytestmark = pytest.mark.xdist_group("stack")

_LINKS = """[...document.querySelectorAll('a[href], img[src]')]
    .map(each => each.href || each.src).filter(each => URL.canParse(each)).map(each => new URL(each).protocol)"""


@pytest.fixture
def page(browser: Browser) -> Page:
    page = browser.new_page()
    page.evaluate("window.hit = () => { window.hits += 1 }")
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.route("**/*", lambda route: route.abort())  # what is written must not be asked for either
    return page


def _hits(page: Page, html: str) -> int:
    page.evaluate("window.hits = 0")
    page.set_content(html, wait_until="domcontentloaded")
    page.wait_for_timeout(50)
    return int(page.evaluate("window.hits"))


def test_the_browser_would_tell(page: Page) -> None:
    """Some of the texts do run, if they are served as they are."""
    assert _hits(page, f"<script>{CALL}</script>") == 1
    assert sum(_hits(page, text) > 0 for text in HTML) > 10


def test_nothing_runs_in_what_posts_become(page: Page) -> None:
    for text in (*HTML, *MARKDOWN, *ODD):
        html = render(text)
        assert _hits(page, f"<!doctype html><article>{html}</article>") == 0, text
        assert set(page.evaluate(_LINKS)) <= {"http:", "https:", "mailto:", "about:"}, text
        # As the page puts it in.
        page.set_content("<!doctype html><article></article>")
        page.evaluate(f"document.querySelector('article').innerHTML = {json.dumps(html)}")
        page.wait_for_timeout(10)
        assert page.evaluate("window.hits") == 0, text


def test_nothing_runs_in_the_preview_of_a_link(page: Page) -> None:
    for text in (*HTML, *MARKDOWN, *ODD):
        html = render(text)
        post = {
            "slug": "a-slug",
            "title": text,
            "excerpt": excerpt(html),
            "html": html,
            "tags": [text],
            "author": {"display_name": text},
            "published_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }
        assert _hits(page, document(post)) == 0, text
