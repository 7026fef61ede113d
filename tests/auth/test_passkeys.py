"""Passkeys: made, used, and everything that is not quite one."""

import asyncio
import copy
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pyotp
import pytest
from httpx import ASGITransport, AsyncClient, Response

from tests.auth.authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Authenticator, decode, encode
from tests.auth.factors import age_sessions, claims, events, give_password, refused, unverify
from tests.auth.postbox import Postbox
from tests.people import People, Person

MINE = "/v1/auth/me/passkeys"


async def _begin(person: Person) -> tuple[str, dict[str, Any]]:
    answer = await person.post(f"{MINE}/options", {})
    assert answer.status_code == 200, answer.text
    return answer.json()["challenge"], answer.json()["options"]


async def _add(person: Person, challenge: str, credential: Any, name: str = "Laptop") -> Response:
    # As bytes, since httpx does not write lone surrogates.
    body = json.dumps({"challenge": challenge, "name": name, "credential": credential})
    headers = {**person.auth, "Content-Type": "application/json"}
    return await person.client.post(MINE, content=body, headers=headers)


async def _register(person: Person, device: Authenticator, name: str = "Laptop") -> str:
    """The passkey's id."""
    challenge, options = await _begin(person)
    answer = await _add(person, challenge, device.make(options), name)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _ask(client: AsyncClient) -> tuple[str, dict[str, Any]]:
    answer = await client.post("/v1/auth/login/passkey/options", json={})
    assert answer.status_code == 200, answer.text
    return answer.json()["challenge"], answer.json()["options"]


async def _answer(client: AsyncClient, challenge: str, credential: Any, **other: Any) -> Response:
    body = json.dumps({"challenge": challenge, "credential": credential, "transport": "body", **other})
    headers = {"Content-Type": "application/json"}
    return await client.post("/v1/auth/login/passkey/verify", content=body, headers=headers)


async def _sign_in(client: AsyncClient, device: Authenticator) -> Response:
    challenge, options = await _ask(client)
    return await _answer(client, challenge, device.sign(options))


@pytest.fixture
async def client(client: AsyncClient) -> AsyncIterator[AsyncClient]:
    """From an address of its own, since anybody's questions are limited by it."""
    async with _from(client, f"2001:db8:{secrets.randbelow(65535):x}:{secrets.randbelow(65535):x}::7") as made:
        yield made


def _from(client: AsyncClient, address: str) -> AsyncClient:
    transport = ASGITransport(client._transport.app, client=(address, 5))  # type: ignore[attr-defined]
    return AsyncClient(transport=transport, base_url="http://localhost:8000")


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
async def passkey(ada: Person, device: Authenticator) -> str:
    """The id of the passkey that Ada has on the device."""
    return await _register(ada, device)


# Making one ----------------------------------------------------------------------------------------------------------------


async def test_a_passkey_is_made_and_listed(
    ada: Person, device: Authenticator, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await _begin(ada)
    assert options["rp"] == {"name": "Artel", "id": "localhost"}
    assert decode(options["user"]["id"]) == ada.id.bytes
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    device.flags = PRESENT | VERIFIED | ELIGIBLE | BACKED_UP
    made = await _add(ada, challenge, device.make(options), "  My phone ")
    assert made.status_code == 201
    assert made.json().keys() == {"id", "name", "backed_up", "created_at", "last_used_at"}
    assert (made.json()["name"], made.json()["backed_up"], made.json()["last_used_at"]) == ("My phone", True, None)
    assert (await ada.get(MINE)).json() == {"items": [made.json()]}
    assert (await ada.get("/v1/auth/me/mfa")).json()["passkeys"] == 1
    assert "a passkey" in postbox.to(ada.email)[-1].text
    assert events(owner_connection, ada) == ["passkey_added"]


async def test_the_options_of_a_second_one_exclude_the_first(ada: Person, passkey: str, device: Authenticator) -> None:
    _, options = await _begin(ada)
    assert [known["id"] for known in options["excludeCredentials"]] == [encode(device.credential_id)]


@pytest.mark.parametrize("attestation", ["none", "packed"])
async def test_an_attestation_is_taken_and_not_asked_for(
    client: AsyncClient, ada: Person, device: Authenticator, attestation: str
) -> None:
    device.attestation = attestation
    challenge, options = await _begin(ada)
    assert options["attestation"] == "none"
    assert (await _add(ada, challenge, device.make(options))).status_code == 201
    assert claims(await _sign_in(client, device))["sub"] == str(ada.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "https://localhost:8000"},
        {"origin": "http://localhost:8000.evil.example"},
        {"relying_party": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"flags": PRESENT | VERIFIED | BACKED_UP},
        {"cross_origin": True},
        {"credential_id": b""},
        {"credential_id": b"x" * 1024},
        {"credential_id": b"x" * 60_000},
        {"attestation": "fido-u2f"},
        {"attestation": "tpm"},
        {"attestation": "apple"},
        {"attestation": "android-key"},
        {"attestation": "android-safetynet"},
        {"attestation": "no such format"},
        {"public_key": {}},
        {"public_key": 7},
        {"public_key": "key"},
        {"public_key": {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}},
        {"public_key": {1: 2, 3: -7, -1: 1, -2: "x", -3: "y"}},
        {"public_key": {1: 2, 3: -7, -1: 99, -2: b"x", -3: b"y"}},
        {"public_key": {1: 2, 3: -47, -1: 8, -2: bytes(32), -3: bytes(32)}},
        {"public_key": {1: 3, 3: -257, -1: b"\x00", -2: b"\x00"}},
        {"public_key": {1: 1, 3: -8, -1: 6, -2: b"short"}},
        {"public_key": {1: 7, 3: -48, -1: b"short"}},
        {"public_key": {1: {}, 3: []}},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}: {str(next(iter(wrong.values())))[:40]}",
)
async def test_what_another_page_or_a_poor_authenticator_makes_is_refused(
    ada: Person, device: Authenticator, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(device, name, value)
    challenge, options = await _begin(ada)
    refused(await _add(ada, challenge, device.make(options)), 422, "PasskeyNotAccepted")
    assert (await ada.get(MINE)).json() == {"items": []}


async def test_an_answer_to_another_question_is_refused(ada: Person, device: Authenticator) -> None:
    challenge, options = await _begin(ada)
    _, other = await _begin(ada)
    refused(await _add(ada, challenge, device.make(other)), 422, "PasskeyNotAccepted")
    refused(await _add(ada, challenge, device.make(options, type="webauthn.get")), 422, "PasskeyNotAccepted")


async def test_a_challenge_makes_one_passkey(ada: Person) -> None:
    challenge, options = await _begin(ada)
    made = [Authenticator().make(options) for _ in range(3)]
    answers = await asyncio.gather(*(_add(ada, challenge, credential) for credential in made))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]
    refused(await _add(ada, challenge, Authenticator().make(options)), 422, "PasskeyNotAccepted")
    assert len((await ada.get(MINE)).json()["items"]) == 1


async def test_another_persons_challenge_makes_none(ada: Person, bob: Person, device: Authenticator) -> None:
    challenge, options = await _begin(bob)
    refused(await _add(ada, challenge, device.make(options)), 422, "PasskeyNotAccepted")
    assert (await ada.get(MINE)).json() == {"items": []}


async def test_a_passkey_belongs_to_one_person(ada: Person, bob: Person, passkey: str, device: Authenticator) -> None:
    challenge, options = await _begin(bob)
    refused(await _add(bob, challenge, device.make(options)), 409, "PasskeyAlreadyKnown")


async def test_twenty_are_enough_however_they_are_begun(ada: Person) -> None:
    for _ in range(18):
        await _register(ada, Authenticator())
    begun = [await _begin(ada) for _ in range(4)]
    answers = await asyncio.gather(*(_add(ada, c, Authenticator().make(options)) for c, options in begun))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    refused(await ada.post(f"{MINE}/options", {}), 409, "TooManyThings")


# Signing in with one -------------------------------------------------------------------------------------------------------


async def test_a_passkey_signs_in(
    client: AsyncClient, ada: Person, passkey: str, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await _ask(client)
    assert options["allowCredentials"] == []
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    answer = await _answer(client, challenge, device.sign(options))
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
    assert claims(await _sign_in(client, device))["amr"] == "hwk"


async def test_in_a_browser_the_refresh_token_is_in_a_cookie(
    client: AsyncClient, passkey: str, device: Authenticator
) -> None:
    challenge, options = await _ask(client)
    answer = await _answer(client, challenge, device.sign(options), transport="cookie")
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
    refused(await _sign_in(client, device), 401, "InvalidPasskey")


async def test_a_failed_sign_in_is_in_the_owners_log(
    client: AsyncClient, ada: Person, passkey: str, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    device.flags = PRESENT
    refused(await _sign_in(client, device), 401, "InvalidPasskey")
    assert events(owner_connection, ada) == ["passkey_added", "sign_in_failed"]


async def test_no_byte_of_the_answer_may_change(client: AsyncClient, passkey: str, device: Authenticator) -> None:
    for part in ("signature", "authenticatorData", "clientDataJSON"):
        challenge, options = await _ask(client)
        credential = device.sign(options)
        raw = bytearray(decode(credential["response"][part]))
        raw[-2] ^= 1
        credential["response"][part] = encode(bytes(raw))
        refused(await _answer(client, challenge, credential), 401, "InvalidPasskey")


async def test_an_answer_counts_once(client: AsyncClient, passkey: str, device: Authenticator) -> None:
    challenge, options = await _ask(client)
    credential = device.sign(options)
    answers = await asyncio.gather(*(_answer(client, challenge, credential) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    refused(await _answer(client, challenge, credential), 401, "InvalidChallenge")


async def test_an_answer_to_an_earlier_question_is_refused(
    client: AsyncClient, passkey: str, device: Authenticator
) -> None:
    _, earlier = await _ask(client)
    challenge, options = await _ask(client)
    refused(await _answer(client, challenge, device.sign(earlier)), 401, "InvalidPasskey")
    challenge, options = await _ask(client)
    made_not_got = device.sign(options, type="webauthn.create")
    refused(await _answer(client, challenge, made_not_got), 401, "InvalidPasskey")


async def test_an_expired_question_is_refused(
    client: AsyncClient, passkey: str, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await _ask(client)
    owner_connection.execute("UPDATE auth.challenges SET expires_at = now() WHERE purpose = 'passkey-login'")
    refused(await _answer(client, challenge, device.sign(options)), 401, "InvalidChallenge")


async def test_a_passkey_is_its_owners_alone(client: AsyncClient, ada: Person, bob: Person, passkey: str) -> None:
    """Bob's own passkey does not sign in as Ada, whatever his authenticator says whose it is."""
    bobs = Authenticator()
    await _register(bob, bobs)
    bobs.user_handle = ada.id.bytes
    refused(await _sign_in(client, bobs), 401, "InvalidPasskey")
    bobs.user_handle = bob.id.bytes
    assert claims(await _sign_in(client, bobs))["sub"] == str(bob.id)


async def test_another_persons_credential_under_ones_own_key_is_refused(
    client: AsyncClient, passkey: str, device: Authenticator, bob: Person
) -> None:
    bobs = Authenticator()
    await _register(bob, bobs)
    bobs.credential_id, bobs.user_handle = device.credential_id, device.user_handle
    refused(await _sign_in(client, bobs), 401, "InvalidPasskey")


async def test_a_count_that_does_not_rise_is_a_copy(client: AsyncClient, ada: Person, device: Authenticator) -> None:
    device.sign_count = 5
    await _register(ada, device)
    for count, status in ((6, 200), (6, 401), (5, 401), (0, 401), (7, 200)):
        device.sign_count = count
        assert (await _sign_in(client, device)).status_code == status, count


async def test_an_authenticator_that_does_not_count_is_fine(
    client: AsyncClient, passkey: str, device: Authenticator
) -> None:
    for _ in range(2):
        assert (await _sign_in(client, device)).status_code == 200


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
    refused(await _sign_in(client, device), 401, "InvalidPasskey")


async def test_questions_are_limited_by_address(client: AsyncClient) -> None:
    async with _from(client, "2001:db8:77::1") as elsewhere:
        answers = [await elsewhere.post("/v1/auth/login/passkey/options", json={}) for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900


# Nonsense ------------------------------------------------------------------------------------------------------------------


_NONSENSE: list[Any] = [
    None,
    7,
    1e400,
    True,
    "",
    "\0",
    "\ud800",
    "é",
    "=",
    "A" * 10_000,
    encode(b"null"),
    encode(b"[]"),
    encode(b"{}"),
    encode(b'{"type": {}, "challenge": {}, "origin": []}'),
    encode(b'{"type": "\\ud800", "challenge": "\\ud800", "origin": "\\ud800"}'),
    encode(b"[" * 5000),
    encode(b"\x81" * 5000),
    encode(b"\x9b" + b"\xff" * 8),
    encode(b"\xd8\x1c\x81\xd8\x1d\x00"),
    [],
    ["usb", ["usb"]],
    {},
    {"a": {"a": {}}},
]


def _bent(credential: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy that says `value` at the place, which is written with a dot."""
    made = copy.deepcopy(credential)
    *above, last = place.split(".")
    (made[above[0]] if above else made)[last] = value
    return made


@pytest.mark.parametrize(
    "place", ["id", "rawId", "type", "response", "response.clientDataJSON", "response.attestationObject"]
)
async def test_nonsense_makes_no_passkey(ada: Person, device: Authenticator, place: str) -> None:
    for value in _NONSENSE:
        challenge, options = await _begin(ada)
        answer = await _add(ada, challenge, _bent(device.make(options), place, value))
        assert answer.status_code == 422, (value, answer.text)
    assert (await ada.get(MINE)).json() == {"items": []}


@pytest.mark.parametrize("place", ["authenticatorAttachment", "clientExtensionResults", "response.transports"])
async def test_nonsense_in_a_hint_does_no_harm(ada: Person, place: str) -> None:
    for value in _NONSENSE:
        challenge, options = await _begin(ada)
        answer = await _add(ada, challenge, _bent(Authenticator().make(options), place, value))
        assert answer.status_code in {201, 422}, (value, answer.text)
        if answer.status_code == 201:
            removed = await ada.client.delete(f"{MINE}/{answer.json()['id']}", headers=ada.auth)
            assert removed.status_code in {204, 409}


@pytest.mark.parametrize(
    "place",
    [
        "id",
        "rawId",
        "type",
        "response",
        "response.clientDataJSON",
        "response.authenticatorData",
        "response.signature",
        "response.userHandle",
    ],
)
async def test_nonsense_signs_nobody_in(client: AsyncClient, passkey: str, device: Authenticator, place: str) -> None:
    for value in _NONSENSE:
        challenge, options = await _ask(client)
        answer = await _answer(client, challenge, _bent(device.sign(options), place, value))
        assert answer.status_code in {401, 422}, (value, answer.text)


@pytest.mark.parametrize(
    "credential",
    [None, [], "x", 7, {}, {"\ud800": 1}, {"\0": 1}, {"x" * 10_000: 1}, {"id": {"a": [[[[[]]]]]}}],
    ids=["null", "list", "text", "number", "empty", "surrogate", "nul", "long name", "deep"],
)
async def test_what_is_no_credential_at_all_is_refused(client: AsyncClient, ada: Person, credential: Any) -> None:
    challenge, _ = await _ask(client)
    assert (await _answer(client, challenge, credential)).status_code in {401, 422}
    assert (await _add(ada, (await _begin(ada))[0], credential)).status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\0b", "a\nb", "\ud800", 7, None])
async def test_a_name_is_a_short_line(ada: Person, device: Authenticator, passkey: str, name: Any) -> None:
    challenge, options = await _begin(ada)
    body = json.dumps({"challenge": challenge, "name": name, "credential": Authenticator().make(options)})
    headers = {**ada.auth, "Content-Type": "application/json"}
    refused(await ada.client.post(MINE, content=body, headers=headers), 422, "MalformedRequest")
    rename = json.dumps({"name": name})
    refused(await ada.client.patch(f"{MINE}/{passkey}", content=rename, headers=headers), 422, "MalformedRequest")


# Keeping and removing --------------------------------------------------------------------------------------------------------


async def _remove(person: Person, passkey: str) -> Response:
    return await person.client.delete(f"{MINE}/{passkey}", headers=person.auth)


async def test_a_passkey_is_renamed(ada: Person, passkey: str) -> None:
    answer = await ada.client.patch(f"{MINE}/{passkey}", json={"name": " Desk "}, headers=ada.auth)
    assert (answer.status_code, answer.json()["name"]) == (200, "Desk")
    assert (await ada.get(MINE)).json()["items"] == [answer.json()]


async def test_a_removed_passkey_signs_nobody_in(
    client: AsyncClient,
    ada: Person,
    passkey: str,
    device: Authenticator,
    postbox: Postbox,
    owner_connection: psycopg.Connection,
) -> None:
    await give_password(ada)
    assert (await _remove(ada, passkey)).status_code == 204
    assert (await ada.get(MINE)).json() == {"items": []}
    refused(await _sign_in(client, device), 401, "InvalidPasskey")
    refused(await _remove(ada, passkey), 404, "PasskeyNotFound")
    assert "a passkey" in postbox.to(ada.email)[-1].text
    assert events(owner_connection, ada) == ["passkey_added", "passkey_removed"]


async def test_another_persons_passkey_is_not_there(ada: Person, bob: Person, passkey: str) -> None:
    assert (await bob.get(MINE)).json() == {"items": []}
    refused(await _remove(bob, passkey), 404, "PasskeyNotFound")
    renamed = await bob.client.patch(f"{MINE}/{passkey}", json={"name": "Mine"}, headers=bob.auth)
    refused(renamed, 404, "PasskeyNotFound")
    assert (await ada.get(MINE)).json()["items"][0]["name"] == "Laptop"


async def test_the_last_way_in_stays(ada: Person, passkey: str) -> None:
    """Ada has no password."""
    refused(await _remove(ada, passkey), 409, "LastWayIn")
    second = await _register(ada, Authenticator())
    answers = await asyncio.gather(_remove(ada, passkey), _remove(ada, second))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert len((await ada.get(MINE)).json()["items"]) == 1


async def test_an_outside_account_is_a_way_in_too(
    ada: Person, passkey: str, owner_connection: psycopg.Connection
) -> None:
    owner_connection.execute(
        "INSERT INTO auth.external_identities (issuer, subject, user_id, provider) VALUES (%s, %s, %s, %s)",
        ["https://idp.example", str(ada.id), ada.id, "idp"],
    )
    assert (await _remove(ada, passkey)).status_code == 204


async def test_signing_in_and_removing_at_once_do_not_wait_for_each_other(
    client: AsyncClient, ada: Person, device: Authenticator, passkey: str
) -> None:
    await give_password(ada)
    questions = [await _ask(client) for _ in range(4)]
    signing_in = [_answer(client, challenge, device.sign(options)) for challenge, options in questions]
    *signed_in, removed = await asyncio.gather(*signing_in, _remove(ada, passkey))
    assert removed.status_code == 204
    assert {answer.status_code for answer in signed_in} <= {200, 401}


async def test_changes_want_a_sign_in_of_a_short_while_ago(
    ada: Person, device: Authenticator, passkey: str, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await _begin(ada)
    age_sessions(owner_connection, ada)
    refused(await ada.post(f"{MINE}/options", {}), 403, "ReauthenticationRequired")
    refused(await _add(ada, challenge, Authenticator().make(options)), 403, "ReauthenticationRequired")
    refused(await _remove(ada, passkey), 403, "ReauthenticationRequired")
    assert len((await ada.get(MINE)).json()["items"]) == 1


async def test_an_unproved_address_gets_no_passkey(
    ada: Person, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await _begin(ada)
    unverify(owner_connection, ada)
    refused(await ada.post(f"{MINE}/options", {}), 403, "EmailNotVerified")
    refused(await _add(ada, challenge, device.make(options)), 403, "EmailNotVerified")


async def test_a_token_without_the_scope_profile_may_do_nothing_here(people: People) -> None:
    reader = await people.person("Reader", scope=frozenset({"money:read"}))
    refused(await reader.get(MINE), 403, "Forbidden")
    refused(await reader.post(f"{MINE}/options", {}), 403, "Forbidden")
