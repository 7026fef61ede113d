"""Signing in with an account elsewhere, and what those try who have none."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import jwt
import psycopg
import pytest
from httpx import ASGITransport, AsyncClient, Response
from joserfc.jwk import OctKey, RSAKey

from auth.oidc import discovery
from auth.oidc.providers import providers as configured_providers
from common.settings import ConfigurationError, settings
from tests.auth import fake_provider
from tests.auth.factors import STEP_S, Clock, turn_totp_on
from tests.auth.fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider
from tests.people import Person

START, FINISH = "/v1/auth/login/external/{}/start", "/v1/auth/login/external/{}/finish"
LINK_START, LINK_FINISH = "/v1/auth/me/identities/{}/start", "/v1/auth/me/identities/{}/finish"


def _entry(name: str, provider: FakeProvider) -> dict[str, str]:
    named = {"name": name, "title": name.title(), "issuer": provider.url}
    return {**named, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@pytest.fixture
def providers(environment: None) -> Iterator[tuple[FakeProvider, FakeProvider]]:
    with fake_provider.running() as north, fake_provider.running() as south, pytest.MonkeyPatch.context() as patch:
        offered = [_entry("north", north), _entry("south", south)]
        patch.setenv("OIDC_PROVIDERS", json.dumps(offered))
        patch.setenv("RATE_LIMITS", "external=100000/900")
        settings.cache_clear()
        discovery._documents.clear()
        yield north, south
    settings.cache_clear()


@pytest.fixture
def north(providers: tuple[FakeProvider, FakeProvider]) -> FakeProvider:
    providers[0].person = someone()
    return providers[0]


@pytest.fixture
def south(providers: tuple[FakeProvider, FakeProvider]) -> FakeProvider:
    providers[1].person = someone()
    return providers[1]


@pytest.fixture
def no_nudge(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> None:
        pass

    monkeypatch.setattr("auth.routes.external.nudge", nothing)


class Browser:
    """Keeps its cookies, and may be signed in."""

    def __init__(self, person: Person | None = None) -> None:
        from server.app import create_app

        transport = ASGITransport(create_app(), raise_app_exceptions=False)
        self.http = AsyncClient(transport=transport, base_url="http://localhost:8000")
        self.headers = person.auth if person else {}

    async def post(self, path: str, order: Any = None) -> Response:
        return await self.http.post(path, json=order, headers=self.headers)

    async def leaves(self, provider: FakeProvider, name: str = "north", path: str = START) -> dict[str, str]:
        """To the provider, and back with what that sends."""
        departure = await self.post(path.format(name))
        assert departure.status_code == 200, departure.text
        assert departure.headers["cache-control"] == "no-store"
        return provider.sign_in(departure.json()["authorization_url"])

    async def finishes(self, back: dict[str, str], name: str = "north", **more: str) -> Response:
        return await self.post(FINISH.format(name), {**back, "transport": "body", **more})

    async def signs_in(self, provider: FakeProvider, name: str = "north") -> Response:
        return await self.finishes(await self.leaves(provider, name), name)

    async def connects(self, provider: FakeProvider, name: str = "north") -> Response:
        return await self.post(LINK_FINISH.format(name), await self.leaves(provider, name, LINK_START))


def someone(**change: Any) -> dict[str, Any]:
    tag = secrets.token_hex(5)
    email = f"grace.{tag}@example.org"
    return {"sub": f"sub-{tag}", "email": email, "email_verified": True, "name": "Grace Hopper", **change}


def refused(answer: Response, code: str = "ExternalSignInFailed", status: int = 401) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert "access_token" not in answer.text


async def me(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return dict((await Browser().http.get("/v1/auth/me", headers=headers)).json())


# --- signing in ----------------------------------------------------------------------------------------------------------


async def test_the_page_learns_which_providers_there_are_and_no_secret(
    north: FakeProvider, client: AsyncClient
) -> None:
    answer = await client.get("/v1/auth/external/providers")
    assert answer.json() == [{"name": "north", "title": "North"}, {"name": "south", "title": "South"}]


async def test_without_configuration_there_are_none(client: AsyncClient) -> None:
    assert (await client.get("/v1/auth/external/providers")).json() == []
    assert (await client.post(START.format("north"))).json()["code"] == "ProviderNotFound"


async def test_a_stranger_gets_a_verified_account_without_a_password(north: FakeProvider) -> None:
    answer = await Browser().signs_in(north)
    person = await me(answer)
    assert person["email"] == north.person["email"]
    assert person["display_name"] == "Grace Hopper"
    assert person["email_verified"] is True
    assert person["has_password"] is False
    assert jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["amr"] == "fed"


async def test_the_same_outsider_comes_back_to_the_same_account(north: FakeProvider) -> None:
    first = await me(await Browser().signs_in(north))
    north.person["email"] = "another.address@example.org"
    assert (await me(await Browser().signs_in(north)))["id"] == first["id"]


async def test_a_page_gets_the_refresh_token_in_a_cookie(north: FakeProvider) -> None:
    browser = Browser()
    back = await browser.leaves(north)
    answer = await browser.post(FINISH.format("north"), back)
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] is None
    assert "artel-refresh" in browser.http.cookies


async def test_the_provider_is_asked_for_what_the_standards_want(north: FakeProvider) -> None:
    browser = Browser()
    url = (await browser.post(START.format("north"))).json()["authorization_url"]
    back = north.sign_in(url)
    order = north.codes[back["code"]]
    assert order["redirect_uri"] == "http://localhost:8000/sign-in/external/north"
    assert len(order["nonce"]) >= 32
    assert len(order["code_challenge"]) == 43
    assert order["scope"] == "openid email profile"


async def test_the_address_people_come_back_to_is_not_taken_from_the_host_header(north: FakeProvider) -> None:
    answer = await Browser().http.post(START.format("north"), headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text


async def test_the_cookie_of_a_visit_is_out_of_reach_of_scripts(north: FakeProvider) -> None:
    cookie = (await Browser().post(START.format("north"))).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/v1/auth" in cookie


async def test_two_tabs_of_a_browser_may_be_under_way(north: FakeProvider) -> None:
    browser = Browser()
    first, second = await browser.leaves(north), await browser.leaves(north)
    assert (await browser.finishes(first)).status_code == 200
    assert (await browser.finishes(second)).status_code == 200


async def test_the_secret_may_go_in_the_form_where_the_provider_wants_it_there(north: FakeProvider) -> None:
    north.metadata_lies = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await Browser().signs_in(north)).status_code == 200


async def test_a_key_the_provider_has_made_since_is_found(north: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    await Browser().signs_in(north)
    north.rotates_its_key()
    refused(await Browser().signs_in(north))  # looked at a moment ago: nobody makes us ask for each token
    monkeypatch.setattr(discovery, "_ASKED_AGAIN_AFTER_S", 0.0)
    assert (await Browser().signs_in(north)).status_code == 200
    assert north.asked.count("/jwks") == 2


async def test_an_authenticator_app_is_asked_for_after_the_provider_too(
    north: FakeProvider, ada: Person, no_nudge: None
) -> None:
    secret, _ = await turn_totp_on(ada, Clock(int(time.time()) - STEP_S))
    await Browser(ada).connects(north)
    browser = Browser()
    asked = await browser.signs_in(north)
    assert (asked.status_code, asked.json()["mfa_required"]) == (200, True)
    assert "access_token" not in asked.json()
    order = {"challenge": asked.json()["challenge"], "code": Clock(int(time.time())).code(secret), "transport": "body"}
    signed_in = await browser.post("/v1/auth/login/mfa", order)
    assert (await me(signed_in))["id"] == str(ada.id)
    claims = jwt.decode(signed_in.json()["access_token"], options={"verify_signature": False})
    assert claims["amr"] == "fed otp"


async def test_it_is_noted_down(north: FakeProvider, owner_connection: psycopg.Connection) -> None:
    person = await me(await Browser().signs_in(north))
    logged = owner_connection.execute(
        "SELECT event, detail FROM auth.audit_log WHERE user_id = %s ORDER BY id", [person["id"]]
    ).fetchall()
    assert logged == [("registered", {"provider": "north"}), ("signed_in", {"amr": "fed"})]


# --- whose account -------------------------------------------------------------------------------------------------------


async def test_an_account_is_never_found_by_its_address(north: FakeProvider, ada: Person) -> None:
    north.person["email"] = ada.email.upper()
    refused(await Browser().signs_in(north), "AccountExists", 409)


async def test_the_same_subject_at_another_issuer_is_somebody_else(north: FakeProvider, south: FakeProvider) -> None:
    first = await me(await Browser().signs_in(north))
    south.person = {**north.person, "email": f"other.{secrets.token_hex(4)}@example.org"}
    assert (await me(await Browser().signs_in(south, "south")))["id"] != first["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"email_verified": False},
        {"email_verified": ...},
        {"email_verified": 1.5},
        {"email_verified": "false"},
        {"email": ...},
        {"email": "no address"},
        {"email": "a\0b@example.org"},
        {"email": ["grace@example.org"]},
        {"email": "x" * 5000 + "@example.org"},
    ],
)
async def test_without_an_address_that_the_provider_confirms_there_is_no_account(
    north: FakeProvider, change: dict[str, Any]
) -> None:
    north.lies = change
    refused(await Browser().signs_in(north), "ExternalEmailUnconfirmed")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", None), ("\0\n\t", None), ("G" * 500, "G" * 80), (7, None), ("Ада\nЛ", "АдаЛ"), (["a"], None)],
    ids=["empty", "control", "long", "number", "lines", "list"],
)
async def test_whatever_name_the_provider_has_somebody_gets_one(
    north: FakeProvider, name: Any, shown: str | None
) -> None:
    north.person["name"] = name
    person = await me(await Browser().signs_in(north))
    assert person["display_name"] == (shown or north.person["email"].partition("@")[0])


async def test_a_disabled_account_stays_shut(north: FakeProvider, owner_connection: psycopg.Connection) -> None:
    person = await me(await Browser().signs_in(north))
    owner_connection.execute("UPDATE auth.users SET disabled_at = now() WHERE id = %s", [person["id"]])
    refused(await Browser().signs_in(north))


async def test_of_two_that_make_an_account_at_once_nobody_gets_a_second_one(north: FakeProvider) -> None:
    browsers = [Browser(), Browser()]
    backs = [await each.leaves(north) for each in browsers]
    both = zip(browsers, backs, strict=True)
    answers = await asyncio.gather(*(each.finishes(back) for each, back in both))
    assert sorted(each.status_code for each in answers) in ([200, 200], [200, 409])


# --- attacks -------------------------------------------------------------------------------------------------------------


async def test_a_state_of_another_browser_is_refused(north: FakeProvider) -> None:
    """The attacker's own code and state, put before a victim: the victim must not end up in the attacker's account."""
    back = await Browser().leaves(north)
    refused(await Browser().finishes(back), "InvalidChallenge")
    victim = Browser()
    await victim.leaves(north)
    refused(await victim.finishes(back), "InvalidChallenge")


async def test_a_visit_ends_once(north: FakeProvider) -> None:
    browser = Browser()
    back = await browser.leaves(north)
    assert (await browser.finishes(back)).status_code == 200
    refused(await browser.finishes(back), "InvalidChallenge")


async def test_a_code_is_worth_something_once_and_to_the_visit_that_got_it(north: FakeProvider) -> None:
    browser = Browser()
    first, second = await browser.leaves(north), await browser.leaves(north)
    refused(await browser.finishes({"code": first["code"], "state": second["state"]}))  # another PKCE verifier
    refused(await browser.finishes(first))  # the provider has heard of it


async def test_a_code_of_one_provider_is_not_shown_to_another(north: FakeProvider, south: FakeProvider) -> None:
    browser = Browser()
    back = await browser.leaves(north)
    refused(await browser.finishes(back, "south"), "InvalidChallenge")
    assert "/token" not in south.asked


async def test_the_sender_of_the_code_is_checked_where_it_is_told(north: FakeProvider, south: FakeProvider) -> None:
    browser = Browser()
    assert (await browser.finishes({**await browser.leaves(north), "iss": north.url})).status_code == 200
    refused(await browser.finishes({**await browser.leaves(north), "iss": south.url}))
    discovery._documents.clear()
    north.metadata_lies = {"authorization_response_iss_parameter_supported": True}
    refused(await browser.finishes(await browser.leaves(north)))


async def test_a_visit_to_connect_an_account_is_no_sign_in(north: FakeProvider, ada: Person) -> None:
    browser = Browser(ada)
    refused(await browser.finishes(await browser.leaves(north, "north", LINK_START)), "InvalidChallenge")


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"iss": ...},
        {"aud": "somebody else"},
        {"aud": ["somebody else"]},
        {"aud": []},
        {"aud": ...},
        {"aud": [CLIENT_ID, "somebody else"]},
        {"aud": [CLIENT_ID, "somebody else"], "azp": "somebody else"},
        {"azp": "somebody else"},
        {"nonce": "another"},
        {"nonce": ...},
        {"nonce": ["another"]},
        {"exp": 1_000_000_000},
        {"exp": ...},
        {"exp": "soon"},
        {"iat": 4_102_444_800},
        {"iat": ...},
        {"nbf": 4_102_444_800},
        {"sub": ...},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\0b"},
        {"sub": "s" * 300},
    ],
)
async def test_an_id_token_with_a_wrong_claim_is_refused(north: FakeProvider, lies: dict[str, Any]) -> None:
    north.lies = lies
    refused(await Browser().signs_in(north))


async def test_an_id_token_for_several_with_us_as_the_party_is_taken(north: FakeProvider) -> None:
    north.lies = {"aud": [CLIENT_ID, "somebody else"], "azp": CLIENT_ID}
    assert (await Browser().signs_in(north)).status_code == 200


async def test_an_unsigned_id_token_is_refused(north: FakeProvider) -> None:
    north.header = {"alg": "none"}
    refused(await Browser().signs_in(north))


async def test_an_id_token_signed_with_the_client_secret_is_refused(north: FakeProvider) -> None:
    north.key, north.header = OctKey.import_key(CLIENT_SECRET), {"alg": "HS256", "kid": "first"}
    refused(await Browser().signs_in(north))


async def test_an_id_token_of_a_key_that_is_not_published_is_refused(north: FakeProvider) -> None:
    north.key = RSAKey.generate_key(2048, {"kid": "first"})
    refused(await Browser().signs_in(north))
    north.key = RSAKey.generate_key(2048, {"kid": "unheard of"})
    refused(await Browser().signs_in(north))


async def test_a_stronger_algorithm_than_agreed_is_refused_too(north: FakeProvider) -> None:
    north.header = {"alg": "RS512"}
    refused(await Browser().signs_in(north))


async def test_a_wrong_client_secret_is_refused(north: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    back = await browser.leaves(north)
    monkeypatch.setattr(fake_provider, "CLIENT_SECRET", "changed at the provider")
    refused(await browser.finishes(back))


# --- providers that fail -------------------------------------------------------------------------------------------------


async def test_a_provider_that_is_down_is_503_and_may_be_tried_again(north: FakeProvider) -> None:
    north.down = True
    answer = await Browser().post(START.format("north"))
    refused(answer, "ExternalProviderUnavailable", 503)
    assert answer.headers["retry-after"] == "30"
    north.down = False
    assert (await Browser().signs_in(north)).status_code == 200


async def test_a_provider_that_nobody_reaches_is_503(north: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = [{**_entry("north", north), "issuer": "http://127.0.0.1:1"}]
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps(offered))
    settings.cache_clear()
    refused(await Browser().post(START.format("north")), "ExternalProviderUnavailable", 503)


@pytest.mark.parametrize(
    "lies", [{"issuer": "https://evil.example"}, {"issuer": "http://127.0.0.1:1"}], ids=["stranger", "neighbour"]
)
async def test_a_discovery_document_of_another_issuer_is_refused(north: FakeProvider, lies: dict[str, Any]) -> None:
    north.metadata_lies = lies
    refused(await Browser().post(START.format("north")))


@pytest.mark.parametrize("lies", [{"token_endpoint": ...}, {"jwks_uri": 7}, {"issuer": None}])
async def test_a_discovery_document_that_is_none_is_503(north: FakeProvider, lies: dict[str, Any]) -> None:
    north.metadata_lies = lies
    refused(await Browser().post(START.format("north")), "ExternalProviderUnavailable", 503)


@pytest.mark.parametrize(
    ("status", "body", "code", "told"),
    [
        (500, b"{}", "ExternalProviderUnavailable", 503),
        (302, b"", "ExternalProviderUnavailable", 503),
        (429, b"{}", "ExternalProviderUnavailable", 503),
        (200, b"<html>", "ExternalProviderUnavailable", 503),
        (200, b"\xff", "ExternalProviderUnavailable", 503),
        (200, b"[]", "ExternalSignInFailed", 401),
        (200, b"{}", "ExternalSignInFailed", 401),
        (200, b'{"id_token": 7}', "ExternalSignInFailed", 401),
        (200, b'{"id_token": "a.b.c"}', "ExternalSignInFailed", 401),
        (200, b'{"id_token": "' + b"A" * 40000 + b'"}', "ExternalSignInFailed", 401),
        (200, b'{"id_token": "..........."}', "ExternalSignInFailed", 401),
        (200, '{"id_token": "ё.ё.ё"}'.encode(), "ExternalSignInFailed", 401),
        (200, b'{"id_token": "\\ud800"}', "ExternalSignInFailed", 401),
    ],
    ids=["error", "elsewhere", "busy", "page", "bytes", "list", "nothing", "number", "letters", "long", "dots", "not-ascii", "surrogate"],
)  # fmt: skip
async def test_whatever_the_token_endpoint_says_nothing_breaks(
    north: FakeProvider, status: int, body: bytes, code: str, told: int
) -> None:
    browser = Browser()
    back = await browser.leaves(north)
    north.token_status, north.token_body = status, body
    refused(await browser.finishes(back), code, told)


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("code", "", 422),
        ("code", "a\0b", 422),
        ("code", "c" * 5000, 422),
        ("code", "\ud800", 422),
        ("code", 7, 422),
        ("state", "", 401),
        ("state", "x", 401),
        ("state", "\0", 401),
        ("state", "s" * 10_000, 422),
        ("iss", "i" * 10_000, 422),
        ("iss", "\0", 401),
        ("device_token", "d" * 500, 422),
        ("user_id", "me", 422),
    ],
)
async def test_absurd_input_is_4xx(north: FakeProvider, field: str, value: object, status: int) -> None:
    browser = Browser()
    order = {**await browser.leaves(north), field: value}
    raw = json.dumps(order).encode()
    answer = await browser.http.post(FINISH.format("north"), content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("name", ["nobody", "NORTH", "%00", "..%2f..", "n" * 3000])
async def test_a_provider_nobody_knows_is_404(north: FakeProvider, ada: Person, name: str) -> None:
    browser = Browser(ada)
    assert (await browser.post(START.format(name))).status_code == 404
    assert (await browser.post(LINK_START.format(name))).status_code == 404


async def test_visits_are_limited_by_address(north: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "external=3/900")
    settings.cache_clear()
    from server.app import create_app

    transport = ASGITransport(create_app(), client=("198.51.100.77", 1), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
        statuses = [(await http.post(START.format("north"))).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        north.asked.clear()
        assert (await http.post(FINISH.format("north"), json={"code": "c", "state": "s"})).status_code == 429
        assert north.asked == []


@pytest.mark.parametrize(
    "given",
    [
        "no json",
        "{}",
        '[{"name": "north"}]',
        '[{"name": "North!", "title": "t", "issuer": "https://a.example", "client_id": "c", "client_secret": "hush"}]',
        '[{"name": "n", "title": "t", "issuer": "http://a.example", "client_id": "c", "client_secret": "hush"}]',
        '[{"name": "n", "title": "t", "issuer": "https://a.example", "client_id": "c", "client_secret": "hush", "x": 1}]',
        '[{"name": "n", "title": "t", "issuer": "https://a.example", "client_id": "c", "client_secret": "hush", "scopes": "email"}]',
    ],
    ids=["text", "object", "half", "name", "plain-http", "misspelt", "scopes"],
)
def test_a_wrong_configuration_is_told_by_name_and_without_its_secrets(given: str) -> None:
    from auth.oidc.providers import _parsed

    with pytest.raises(ConfigurationError, match="OIDC_PROVIDERS") as told:
        _parsed(given)
    assert "hush" not in str(told.value)


async def test_providers_may_stand_in_a_secret(
    north: FakeProvider, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OIDC_PROVIDERS")
    monkeypatch.setenv("OIDC_PROVIDERS_ARN", "arn:providers")
    settings.cache_clear()
    secret = {"providers": json.dumps([_entry("north", north)])}
    monkeypatch.setattr("auth.oidc.providers.read_secret", lambda arn: {"arn:providers": secret}[arn])
    assert (await client.get("/v1/auth/external/providers")).json() == [{"name": "north", "title": "North"}]
    del secret["providers"]
    with pytest.raises(ConfigurationError, match="OIDC_PROVIDERS_ARN"):
        configured_providers()


# --- connecting an outside account to one's own --------------------------------------------------------------------------


async def test_an_account_is_connected_and_signs_in_from_then_on(
    north: FakeProvider, ada: Person, no_nudge: None, owner_connection: psycopg.Connection
) -> None:
    answer = await Browser(ada).connects(north)
    assert answer.status_code == 200, answer.text
    (connected,) = answer.json()
    assert (connected["provider"], connected["email"]) == ("north", north.person["email"])
    assert (await ada.get("/v1/auth/me/identities")).json() == [connected]
    assert (await me(await Browser().signs_in(north)))["id"] == str(ada.id)
    letters = owner_connection.execute("SELECT subject FROM auth.mails WHERE recipient = %s", [ada.email]).fetchall()
    assert len(letters) == 1
    events = owner_connection.execute("SELECT event FROM auth.audit_log WHERE user_id = %s", [ada.id]).fetchall()
    assert ("identity_linked",) in events


async def test_connecting_twice_changes_nothing(north: FakeProvider, ada: Person, no_nudge: None) -> None:
    first = (await Browser(ada).connects(north)).json()
    assert (await Browser(ada).connects(north)).json() == first


async def test_an_outside_account_has_one_owner_here(
    north: FakeProvider, ada: Person, bob: Person, no_nudge: None
) -> None:
    await Browser(ada).connects(north)
    refused(await Browser(bob).connects(north), "IdentityTaken", 409)
    assert (await bob.get("/v1/auth/me/identities")).json() == []


async def test_a_visit_that_another_person_began_connects_nothing(
    north: FakeProvider, ada: Person, bob: Person
) -> None:
    browser = Browser(ada)
    back = await browser.leaves(north, "north", LINK_START)
    browser.headers = bob.auth
    refused(await browser.post(LINK_FINISH.format("north"), back), "InvalidChallenge")


async def test_a_visit_to_sign_in_connects_nothing(north: FakeProvider, ada: Person) -> None:
    browser = Browser(ada)
    back = await browser.leaves(north)
    refused(await browser.post(LINK_FINISH.format("north"), back), "InvalidChallenge")


async def test_connecting_wants_a_recent_sign_in_and_a_verified_address(
    north: FakeProvider, ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    back = await Browser(ada).leaves(north, "north", LINK_START)
    owner_connection.execute(
        "UPDATE auth.sessions SET created_at = created_at - interval '1 hour' WHERE user_id = %s", [ada.id]
    )
    refused(await Browser(ada).post(LINK_START.format("north")), "ReauthenticationRequired", 403)
    refused(await Browser(ada).post(LINK_FINISH.format("north"), back), "ReauthenticationRequired", 403)
    delete = await ada.client.delete(f"/v1/auth/me/identities/{uuid4()}", headers=ada.auth)
    refused(delete, "ReauthenticationRequired", 403)
    owner_connection.execute("UPDATE auth.users SET email_verified_at = NULL WHERE id = %s", [bob.id])
    refused(await Browser(bob).post(LINK_START.format("north")), "EmailNotVerified", 403)


@pytest.mark.parametrize("path", [LINK_START, LINK_FINISH])
async def test_strangers_connect_nothing(north: FakeProvider, path: str) -> None:
    assert (await Browser().post(path.format("north"), {"code": "c", "state": "s"})).status_code == 401


async def test_ten_are_enough(north: FakeProvider, ada: Person, owner_connection: psycopg.Connection) -> None:
    for number in range(10):
        owner_connection.execute(
            "INSERT INTO auth.external_identities (issuer, subject, user_id, provider) VALUES ('https://x', %s, %s, 'x')",
            [f"{ada.id} {number}", ada.id],
        )
    refused(await Browser(ada).connects(north), "TooManyThings", 409)


# --- and taking it away --------------------------------------------------------------------------------------------------


async def _disconnect(person: Person, identity: str) -> Response:
    return await person.client.delete(f"/v1/auth/me/identities/{identity}", headers=person.auth)


async def test_a_disconnected_account_does_not_sign_in_any_more(
    north: FakeProvider, ada: Person, no_nudge: None, owner_connection: psycopg.Connection
) -> None:
    owner_connection.execute("UPDATE auth.users SET password_hash = 'some' WHERE id = %s", [ada.id])
    (connected,) = (await Browser(ada).connects(north)).json()
    assert (await _disconnect(ada, connected["id"])).status_code == 204
    assert (await ada.get("/v1/auth/me/identities")).json() == []
    assert (await me(await Browser().signs_in(north)))["id"] != str(ada.id)
    mails = owner_connection.execute("SELECT subject FROM auth.mails WHERE recipient = %s", [ada.email]).fetchall()
    assert len(mails) == 2


async def test_the_last_way_in_stays(north: FakeProvider, south: FakeProvider, ada: Person, no_nudge: None) -> None:
    (first,) = (await Browser(ada).connects(north)).json()
    refused(await _disconnect(ada, first["id"]), "LastWayIn", 409)
    assert (await me(await Browser().signs_in(north)))["id"] == str(ada.id)
    await Browser(ada).connects(south, "south")
    assert (await _disconnect(ada, first["id"])).status_code == 204


async def test_of_two_ways_in_that_are_taken_away_at_once_one_stays(
    north: FakeProvider, south: FakeProvider, ada: Person, no_nudge: None
) -> None:
    await Browser(ada).connects(north)
    both = (await Browser(ada).connects(south, "south")).json()
    answers = await asyncio.gather(*(_disconnect(ada, each["id"]) for each in both))
    assert sorted(each.status_code for each in answers) == [204, 409]


async def test_other_people_s_are_not_there(north: FakeProvider, ada: Person, bob: Person, no_nudge: None) -> None:
    (connected,) = (await Browser(ada).connects(north)).json()
    refused(await _disconnect(bob, connected["id"]), "IdentityNotFound", 404)
    refused(await _disconnect(bob, str(uuid4())), "IdentityNotFound", 404)
    assert (await _disconnect(bob, "x")).status_code == 422
