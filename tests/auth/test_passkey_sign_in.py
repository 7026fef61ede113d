"""Signing in with a passkey, and with what is not quite one."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pyotp
import pytest
from httpx import AsyncClient

from tests.auth.authenticator import BACKED_UP, PRESENT, VERIFIED, Authenticator, decode, encode
from tests.auth.ceremonies import MINE, ask, from_address, register, send, sign_in
from tests.auth.factors import claims, events, refused
from tests.people import Person


@pytest.fixture
async def client(client: AsyncClient) -> AsyncIterator[AsyncClient]:
    """From an address of its own, since anybody's questions are limited by it."""
    async with from_address(client, f"2001:db8:{secrets.randbelow(65535):x}:{secrets.randbelow(65535):x}::7") as made:
        yield made


async def test_a_passkey_signs_in(
    client: AsyncClient, ada: Person, passkey: str, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await ask(client)
    assert options["allowCredentials"] == []
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    answer = await send(client, challenge, device.sign(options))
    assert (claims(answer)["sub"], claims(answer)["amr"]) == (str(ada.id), "hwk")
    assert answer.headers["cache-control"] == "no-store"
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await client.get("/v1/auth/me", headers=headers)).json()["email"] == ada.email
    assert (await ada.get(MINE)).json()["items"][0]["last_used_at"] is not None
    assert events(owner_connection, ada) == ["passkey_added", "signed_in"]
    again = await client.post("/v1/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]})
    assert claims(again)["amr"] == "hwk"


async def test_a_passkey_is_two_factors(client: AsyncClient, ada: Person, passkey: str, device: Authenticator) -> None:
    secret = (await ada.post("/v1/auth/me/mfa/totp", {})).json()["secret"]
    confirmed = await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": pyotp.TOTP(secret).now()})
    assert confirmed.status_code == 200
    assert claims(await sign_in(client, device))["amr"] == "hwk"


async def test_in_a_browser_the_refresh_token_is_in_a_cookie(
    client: AsyncClient, passkey: str, device: Authenticator
) -> None:
    challenge, options = await ask(client)
    answer = await send(client, challenge, device.sign(options), transport="cookie")
    assert answer.json()["refresh_token"] is None
    assert answer.json()["device_token"] is None
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=strict" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"relying_party": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"flags": 0},
        {"flags": PRESENT | VERIFIED | BACKED_UP},
        {"cross_origin": True},
        {"user_handle": None},
        {"user_handle": b""},
        {"user_handle": b"somebody"},
        {"user_handle": bytes(16)},
        {"credential_id": b""},
        {"credential_id": b"unknown"},
        {"credential_id": b"x" * 60_000},
        {"key": Authenticator().key},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}: {str(next(iter(wrong.values())))[:30].partition(' object')[0]}",
)
async def test_a_sign_in_that_is_not_quite_right_is_401(
    client: AsyncClient, passkey: str, device: Authenticator, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(device, name, value)
    refused(await sign_in(client, device), 401, "InvalidPasskey")


async def test_a_failed_sign_in_is_in_the_owners_log(
    client: AsyncClient, ada: Person, passkey: str, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    device.flags = PRESENT
    refused(await sign_in(client, device), 401, "InvalidPasskey")
    assert events(owner_connection, ada) == ["passkey_added", "sign_in_failed"]


async def test_no_byte_of_the_answer_may_change(client: AsyncClient, passkey: str, device: Authenticator) -> None:
    for part in ("signature", "authenticatorData", "clientDataJSON"):
        challenge, options = await ask(client)
        credential = device.sign(options)
        raw = bytearray(decode(credential["response"][part]))
        raw[-2] ^= 1
        credential["response"][part] = encode(bytes(raw))
        refused(await send(client, challenge, credential), 401, "InvalidPasskey")


async def test_an_answer_counts_once(client: AsyncClient, passkey: str, device: Authenticator) -> None:
    challenge, options = await ask(client)
    credential = device.sign(options)
    answers = await asyncio.gather(*(send(client, challenge, credential) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    refused(await send(client, challenge, credential), 401, "InvalidChallenge")


async def test_an_answer_to_an_earlier_question_is_refused(
    client: AsyncClient, passkey: str, device: Authenticator
) -> None:
    _, earlier = await ask(client)
    challenge, options = await ask(client)
    refused(await send(client, challenge, device.sign(earlier)), 401, "InvalidPasskey")
    challenge, options = await ask(client)
    made_not_got = device.sign(options, type="webauthn.create")
    refused(await send(client, challenge, made_not_got), 401, "InvalidPasskey")


async def test_an_expired_question_is_refused(
    client: AsyncClient, passkey: str, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await ask(client)
    owner_connection.execute("UPDATE auth.challenges SET expires_at = now() WHERE purpose = 'passkey-login'")
    refused(await send(client, challenge, device.sign(options)), 401, "InvalidChallenge")


async def test_a_passkey_is_its_owners_alone(client: AsyncClient, ada: Person, bob: Person, passkey: str) -> None:
    """Bob's own passkey does not sign in as Ada, whatever his authenticator says whose it is."""
    bobs = Authenticator()
    await register(bob, bobs)
    bobs.user_handle = ada.id.bytes
    refused(await sign_in(client, bobs), 401, "InvalidPasskey")
    bobs.user_handle = bob.id.bytes
    assert claims(await sign_in(client, bobs))["sub"] == str(bob.id)


async def test_another_persons_credential_under_ones_own_key_is_refused(
    client: AsyncClient, passkey: str, device: Authenticator, bob: Person
) -> None:
    bobs = Authenticator()
    await register(bob, bobs)
    bobs.credential_id, bobs.user_handle = device.credential_id, device.user_handle
    refused(await sign_in(client, bobs), 401, "InvalidPasskey")


async def test_a_count_that_does_not_rise_is_a_copy(client: AsyncClient, ada: Person, device: Authenticator) -> None:
    device.sign_count = 5
    await register(ada, device)
    for count, status in ((6, 200), (6, 401), (5, 401), (0, 401), (7, 200)):
        device.sign_count = count
        assert (await sign_in(client, device)).status_code == status, count


async def test_an_authenticator_that_does_not_count_is_fine(
    client: AsyncClient, passkey: str, device: Authenticator
) -> None:
    for _ in range(2):
        assert (await sign_in(client, device)).status_code == 200


@pytest.mark.parametrize("column", ["disabled_at", "deleted_at"])
async def test_a_closed_account_stays_closed(
    client: AsyncClient,
    ada: Person,
    passkey: str,
    device: Authenticator,
    owner_connection: psycopg.Connection,
    column: str,
) -> None:
    owner_connection.execute(f"UPDATE auth.users SET {column} = now() WHERE id = %s", [ada.id])
    refused(await sign_in(client, device), 401, "InvalidPasskey")


async def test_questions_are_limited_by_address(client: AsyncClient) -> None:
    async with from_address(client, "2001:db8:77::1") as elsewhere:
        answers = [await elsewhere.post("/v1/auth/login/passkey/options", json={}) for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
