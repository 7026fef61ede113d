"""Whether an address has an account is told to nobody but its owner: neither by answers nor by the time they take."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from auth import outbox, passwords
from common.db import transaction
from common.models.auth import User
from common.settings import settings
from tests.auth.postbox import Postbox, new_address
from tests.people import Person

PASSWORD, WRONG = "correct horse battery", "incorrect horse battery"
STATES: dict[str, dict[str, datetime | None]] = {
    "verified": {"email_verified_at": datetime.now(UTC)},
    "unverified": {},
    "disabled": {"email_verified_at": datetime.now(UTC), "disabled_at": datetime.now(UTC)},
    "deleted": {"email_verified_at": datetime.now(UTC), "deleted_at": datetime.now(UTC)},
}
# Not the same for two requests of one kind either.
_OWN = {"date", "x-request-id"}


@pytest.fixture(scope="module")
async def password_hash(loop_of_the_run: None) -> str:
    return await passwords.hash_password(PASSWORD)


async def _account(password_hash: str | None, **state: datetime | None) -> str:
    email = new_address("known")
    async with transaction("auth") as session:
        row = {"email": email, "email_key": email, "display_name": "Known", "locale": "en"}
        session.add(User(**row, password_hash=password_hash, **state))
    return email


async def _register(client: AsyncClient, email: str) -> Response:
    order = {"email": email, "password": WRONG, "display_name": "Stranger"}
    return await client.post("/v1/auth/register", json=order)


async def _login(client: AsyncClient, email: str) -> Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": WRONG})


async def _login_with_the_right_password(client: AsyncClient, email: str) -> Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})


async def _forgot(client: AsyncClient, email: str) -> Response:
    return await client.post("/v1/auth/password/forgot", json={"email": email})


async def _resend(client: AsyncClient, email: str) -> Response:
    return await client.post("/v1/auth/verify-email/resend", json={"email": email})


ORDERS = {"register": _register, "login": _login, "forgot": _forgot, "resend": _resend}


def _told(answer: Response) -> tuple[int, Any, dict[str, str]]:
    body = answer.json()
    body.pop("request_id", None)
    return answer.status_code, body, {k: v for k, v in answer.headers.items() if k not in _OWN | {"content-length"}}


@pytest.fixture
def nothing_after_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client in process waits for that too; one on a network does not."""

    async def nothing() -> None:
        pass

    for part in ("registration", "password", "email"):
        monkeypatch.setattr(f"auth.routes.{part}.nudge", nothing)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("order", ORDERS)
async def test_known_and_unknown_addresses_are_answered_alike(
    client: AsyncClient, password_hash: str, order: str, state: str
) -> None:
    ask = ORDERS[order]
    known = await ask(client, await _account(password_hash, **STATES[state]))
    unknown = await ask(client, new_address("unknown"))
    assert _told(known) == _told(unknown)
    assert len(known.content) == len(unknown.content)


@pytest.mark.parametrize("state", ["disabled", "deleted"])
async def test_a_closed_account_answers_like_an_unknown_one_even_to_its_password(
    client: AsyncClient, password_hash: str, state: str
) -> None:
    known = await _login_with_the_right_password(client, await _account(password_hash, **STATES[state]))
    unknown = await _login_with_the_right_password(client, new_address("unknown"))
    assert _told(known) == _told(unknown)
    assert known.status_code == 401


async def test_an_account_without_a_password_answers_like_an_unknown_one(client: AsyncClient) -> None:
    known = await _login(client, await _account(None, email_verified_at=datetime.now(UTC)))
    assert _told(known) == _told(await _login(client, new_address("unknown")))


@pytest.mark.parametrize("state", [*STATES, "unknown"])
async def test_whoever_asks_for_an_address_does_not_learn_whose_it_is(
    ada: Person, password_hash: str, state: str
) -> None:
    new = new_address() if state == "unknown" else await _account(password_hash, **STATES[state])
    asked = await ada.post("/v1/auth/me/email", {"email": new})
    free = await ada.post("/v1/auth/me/email", {"email": new_address()})
    assert _told(asked) == _told(free)
    assert asked.status_code == 202


@pytest.mark.parametrize("order", ["forgot", "resend"])
async def test_an_unknown_address_is_limited_like_a_known_one(
    client: AsyncClient, password_hash: str, order: str
) -> None:
    ask = ORDERS[order]
    tries = {}
    for email in (await _account(password_hash), new_address("unknown")):
        tries[email] = [(await ask(client, email)).status_code for _ in range(6)]
    assert list(tries.values()) == [[202] * 5 + [429]] * 2


@pytest.mark.parametrize("order", ["register", "forgot", "resend"])
async def test_one_network_asks_so_often_an_hour(elsewhere: AsyncClient, order: str) -> None:
    answers = [(await ORDERS[order](elsewhere, new_address())).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


@pytest.fixture
async def elsewhere(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncClient]:
    """From a network that nobody else has, with the limits as a deployment has them."""
    monkeypatch.setenv("RATE_LIMITS", "")
    settings.cache_clear()
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::7"
    transport = ASGITransport(client._transport.app, client=(address, 5))  # type: ignore[attr-defined]
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as made:
        yield made
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("order", "state", "letters"),
    [
        ("register", "verified", 1),
        ("register", "unverified", 1),
        ("register", "disabled", 0),
        ("register", "deleted", 0),
        ("forgot", "verified", 1),
        ("forgot", "unverified", 1),
        ("forgot", "disabled", 0),
        ("forgot", "deleted", 0),
        ("resend", "verified", 0),
        ("resend", "unverified", 1),
        ("resend", "disabled", 0),
        ("resend", "deleted", 0),
    ],
)
async def test_only_the_owner_of_an_open_account_is_written_to(
    client: AsyncClient, postbox: Postbox, password_hash: str, order: str, state: str, letters: int
) -> None:
    email = await _account(password_hash, **STATES[state])
    await ORDERS[order](client, email)
    assert len(postbox.to(email)) == letters


# By time. A ratio of medians of requests that take turns: what the machine does meanwhile slows both alike.


async def _ratio(known: Callable[[], Awaitable[Any]], unknown: Callable[[], Awaitable[Any]], pairs: int = 40) -> float:
    """Median time of the known over that of the unknown."""
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(pairs + 1):
        for is_known in (True, False) if number % 2 else (False, True):
            begin = time.perf_counter()
            await (known if is_known else unknown)()
            took[is_known].append(time.perf_counter() - begin)
    return median(took[True][1:]) / median(took[False][1:])


@pytest.fixture
async def compare(
    client: AsyncClient, password_hash: str, nothing_after_the_reply: None
) -> Callable[[str], Awaitable[float]]:
    """The ratio for one kind of request; each known account is asked for once, so that no limit comes between."""

    async def run(order: str) -> float:
        emails = [await _account(password_hash, email_verified_at=datetime.now(UTC)) for _ in range(41)]
        ask = ORDERS[order]
        return await _ratio(lambda: ask(client, emails.pop()), lambda: ask(client, new_address("unknown")))

    return run


_ALIKE = (0.7, 1.4)


@pytest.mark.parametrize("order", ORDERS)
async def test_known_and_unknown_addresses_take_as_long(compare: Callable[[str], Awaitable[float]], order: str) -> None:
    low, high = _ALIKE
    assert low < await compare(order) < high


async def test_the_measure_notices_when_unknown_accounts_are_not_hashed_for(
    compare: Callable[[str], Awaitable[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = passwords._check

    def careless(password: str, stored: str | None) -> tuple[bool, str | None]:
        return check(password, stored) if stored else (False, None)

    monkeypatch.setattr(passwords, "_check", careless)
    assert await compare("login") > _ALIKE[1]


async def test_the_measure_notices_when_letters_are_sent_before_the_reply(
    compare: Callable[[str], Awaitable[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifteen milliseconds are a fast mail server."""
    put = outbox.put

    async def hasty(*given: Any, really: bool = True) -> None:
        await put(*given, really=really)
        if really:
            await asyncio.sleep(0.015)

    monkeypatch.setattr(outbox, "put", hasty)
    assert await compare("forgot") > _ALIKE[1]
