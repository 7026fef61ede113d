"""Sign-in with an outside account: the page's part of it. The provider and what the API says of it are played here."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import PASSWORD, expect_in, sign_up

pytestmark = pytest.mark.xdist_group("stack")

# Of digits only, and more than a number of JavaScript can hold.
CODE = "90071992547409931234"


def offer_lighthouse(page: Page, back_with: str) -> None:
    """A provider that sends whoever comes straight back."""
    offered = [{"name": "lighthouse", "title": "Lighthouse"}]
    page.route("**/v1/auth/external/providers", lambda route: route.fulfill(json=offered))
    departure = {"authorization_url": f"/sign-in/external/lighthouse?{back_with}", "state": "s" * 40}
    page.route("**/v1/auth/login/external/lighthouse/start", lambda route: route.fulfill(json=departure))
    page.reload()


def test_an_outside_account_signs_in_with_what_its_provider_sent_back(page: Page, live_server: str) -> None:
    email = sign_up(page)
    offer_lighthouse(page, f"code={CODE}&state={'s' * 40}")
    sent = []

    def finish(route: Route) -> None:
        """Gives the session of an ordinary sign-in."""
        sent.append(route.request.post_data_json)
        login = {"email": email, "password": PASSWORD}
        headers = {"Origin": live_server}
        route.fulfill(response=page.request.post("/v1/auth/login", data=login, headers=headers))

    page.route("**/v1/auth/login/external/lighthouse/finish", finish)
    page.get_by_role("button", name="Sign in with Lighthouse").click()
    expect_in(page)
    assert page.url == f"{live_server}/"
    assert sent == [{"code": CODE, "state": "s" * 40}]


def test_whoever_does_not_let_the_provider_tell_is_not_left_in_a_dead_end(page: Page) -> None:
    offer_lighthouse(page, f"error=access_denied&state={'s' * 40}")
    page.get_by_role("button", name="Sign in with Lighthouse").click()
    expect(page.get_by_role("alert")).to_have_text("The outside account could not be confirmed. Begin anew.")
    page.get_by_role("link", name="To sign-in").click()
    expect(page.get_by_role("button", name="Sign in with Lighthouse")).to_be_visible()


def test_an_address_that_has_an_account_here_is_sent_to_its_own_sign_in(page: Page) -> None:
    offer_lighthouse(page, f"code={CODE}&state={'s' * 40}")
    known = {"code": "AccountExists", "status": 409, "title": "Account exists"}
    page.route("**/v1/auth/login/external/lighthouse/finish", lambda route: route.fulfill(status=409, json=known))
    page.get_by_role("button", name="Sign in with Lighthouse").click()
    expect(page.get_by_role("alert")).to_contain_text("There is an account with this e-mail address.")
