"""Limits: counted in the database, each for itself, over when their window is."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from auth import limits
from auth.errors import TooManyRequests
from auth.limits import Limit
from common.db import transaction
from common.settings import ConfigurationError, settings
from tests.people import Person

PASSWORD = "correct horse battery"
WRONG = "incorrect horse battery"


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limits as a deployment has them."""
    monkeypatch.setenv("RATE_LIMITS", "")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def elsewhere(client: AsyncClient, rates: None) -> AsyncIterator[AsyncClient]:
    """The same server, visited from an address that nobody else has."""
    address = f"2001:db8:{secrets.randbelow(65535):x}:{secrets.randbelow(65535):x}::7"
    transport = ASGITransport(client._transport.app, client=(address, 5))  # type: ignore[attr-defined]
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as made:
        yield made


async def _login(client: AsyncClient, email: str, password: str = WRONG, **more: str) -> int:
    order = {"email": email, "password": password, "transport": "body", **more}
    answer = await client.post("/v1/auth/login", json=order)
    if answer.status_code == 429:
        assert answer.json()["code"] == "TooManyRequests"
        assert 0 < int(answer.headers["retry-after"]) <= 3600
    return answer.status_code


async def _register(client: AsyncClient, email: str) -> None:
    order = {"email": email, "password": PASSWORD, "display_name": "Someone"}
    assert (await client.post("/v1/auth/register", json=order)).status_code == 202


def _email() -> str:
    return f"limits.{secrets.token_hex(6)}@example.org"


@pytest.mark.parametrize("known", [True, False])
async def test_the_sixth_wrong_password_is_429_known_account_or_not(elsewhere: AsyncClient, known: bool) -> None:
    email = _email()
    if known:
        await _register(elsewhere, email)
    assert [await _login(elsewhere, email) for _ in range(7)] == [401] * 5 + [429] * 2
    assert await _login(elsewhere, email, PASSWORD) == 429


async def test_signing_in_takes_its_own_hits_back(elsewhere: AsyncClient) -> None:
    email = _email()
    await _register(elsewhere, email)
    assert [await _login(elsewhere, email, PASSWORD) for _ in range(8)] == [200] * 8


async def test_the_right_password_with_a_wrong_scope_is_no_guess(elsewhere: AsyncClient) -> None:
    email = _email()
    await _register(elsewhere, email)
    assert [await _login(elsewhere, email, PASSWORD, scope="the:moon") for _ in range(7)] == [422] * 7
    assert await _login(elsewhere, email, PASSWORD) == 200


async def test_an_account_under_attack_from_many_addresses_still_lets_its_owners_device_in(
    elsewhere: AsyncClient, client: AsyncClient
) -> None:
    email = _email()
    await _register(elsewhere, email)
    order = {"email": email, "password": PASSWORD, "transport": "body"}
    device = (await elsewhere.post("/v1/auth/login", json=order)).json()["device_token"]
    async with transaction("auth") as session:
        for _ in range(20):
            await limits.count(session, Limit("login-account", (email,)))
    assert await _login(elsewhere, email, PASSWORD) == 429
    assert await _login(elsewhere, email, PASSWORD, device_token=device) == 200
    other = _email()
    await _register(elsewhere, other)
    async with transaction("auth") as session:
        for _ in range(20):
            await limits.count(session, Limit("login-account", (other,)))
    assert await _login(elsewhere, other, PASSWORD, device_token=device) == 429


async def test_a_forged_device_token_is_no_known_device(elsewhere: AsyncClient, ada: Person) -> None:
    assert await _login(elsewhere, ada.email, device_token="A" * 44) == 401
    assert await _login(elsewhere, ada.email, device_token="not base64 at all") == 401


async def test_one_address_has_so_many_tries_over_all_accounts(elsewhere: AsyncClient) -> None:
    async with transaction("auth") as session:
        network = limits.network(str(elsewhere._transport.client[0]))  # type: ignore[attr-defined]
        for _ in range(50):
            await limits.count(session, Limit("login-address", (network,)))
    assert await _login(elsewhere, _email()) == 429


async def test_a_window_ends_by_itself_and_further_tries_do_not_prolong_it(rates: None) -> None:
    limit = Limit("login-pair", (secrets.token_hex(8), "198.51.100.1"))
    waits = []
    for _ in range(3):
        for _ in range(6):
            try:
                await limits.hit(limit)
            except TooManyRequests as error:
                waits.append(int(error.response_headers["Retry-After"]))
    assert waits == sorted(waits, reverse=True)
    async with transaction("auth") as session:
        await session.execute(
            text("UPDATE auth.limits SET window_ends = now() WHERE key = :key"),
            {"key": await limits._key(session, limit)},
        )
    await limits.hit(limit)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("testclient", "testclient"),
    ],
)
def test_what_one_subscriber_has_counts_as_one(address: str, expected: str) -> None:
    assert limits.network(address) == expected


@pytest.mark.parametrize("given", ["nonsense", "register=5", "register=5/x", "unheard-of=1/1", "register=-1/5"])
def test_a_wrong_setting_is_named(given: str) -> None:
    with pytest.raises(ConfigurationError, match="RATE_LIMITS"):
        limits._configured(given)
