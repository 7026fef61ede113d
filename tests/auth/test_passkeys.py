"""Passkeys made, listed, renamed, removed."""

import asyncio
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response

from tests.auth.authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Authenticator, decode, encode
from tests.auth.ceremonies import MINE, add, ask, begin, register, send, sign_in
from tests.auth.factors import age_sessions, claims, events, give_password, refused, unverify
from tests.auth.postbox import Postbox
from tests.people import People, Person


async def test_a_passkey_is_made_and_listed(
    ada: Person, device: Authenticator, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await begin(ada)
    assert options["rp"] == {"name": "Artel", "id": "localhost"}
    assert decode(options["user"]["id"]) == ada.id.bytes
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    device.flags = PRESENT | VERIFIED | ELIGIBLE | BACKED_UP
    made = await add(ada, challenge, device.make(options), "  My phone ")
    assert made.status_code == 201
    assert made.json().keys() == {"id", "name", "backed_up", "created_at", "last_used_at"}
    assert (made.json()["name"], made.json()["backed_up"], made.json()["last_used_at"]) == ("My phone", True, None)
    assert (await ada.get(MINE)).json() == {"items": [made.json()]}
    assert (await ada.get("/v1/auth/me/mfa")).json()["passkeys"] == 1
    assert "a passkey" in postbox.to(ada.email)[-1].text
    assert events(owner_connection, ada) == ["passkey_added"]


async def test_the_options_of_a_second_one_exclude_the_first(ada: Person, passkey: str, device: Authenticator) -> None:
    _, options = await begin(ada)
    assert [known["id"] for known in options["excludeCredentials"]] == [encode(device.credential_id)]


@pytest.mark.parametrize("attestation", ["none", "packed"])
async def test_an_attestation_is_taken_and_not_asked_for(
    client: AsyncClient, ada: Person, device: Authenticator, attestation: str
) -> None:
    device.attestation = attestation
    challenge, options = await begin(ada)
    assert options["attestation"] == "none"
    assert (await add(ada, challenge, device.make(options))).status_code == 201
    assert claims(await sign_in(client, device))["sub"] == str(ada.id)


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
    challenge, options = await begin(ada)
    refused(await add(ada, challenge, device.make(options)), 422, "PasskeyNotAccepted")
    assert (await ada.get(MINE)).json() == {"items": []}


async def test_an_answer_to_another_question_is_refused(ada: Person, device: Authenticator) -> None:
    challenge, options = await begin(ada)
    _, other = await begin(ada)
    refused(await add(ada, challenge, device.make(other)), 422, "PasskeyNotAccepted")
    refused(await add(ada, challenge, device.make(options, type="webauthn.get")), 422, "PasskeyNotAccepted")


async def test_a_challenge_makes_one_passkey(ada: Person) -> None:
    challenge, options = await begin(ada)
    made = [Authenticator().make(options) for _ in range(3)]
    answers = await asyncio.gather(*(add(ada, challenge, credential) for credential in made))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]
    refused(await add(ada, challenge, Authenticator().make(options)), 422, "PasskeyNotAccepted")
    assert len((await ada.get(MINE)).json()["items"]) == 1


async def test_another_persons_challenge_makes_none(ada: Person, bob: Person, device: Authenticator) -> None:
    challenge, options = await begin(bob)
    refused(await add(ada, challenge, device.make(options)), 422, "PasskeyNotAccepted")
    assert (await ada.get(MINE)).json() == {"items": []}


async def test_a_passkey_belongs_to_one_person(ada: Person, bob: Person, passkey: str, device: Authenticator) -> None:
    challenge, options = await begin(bob)
    refused(await add(bob, challenge, device.make(options)), 409, "PasskeyAlreadyKnown")


async def test_twenty_are_enough_however_they_are_begun(ada: Person) -> None:
    for _ in range(18):
        await register(ada, Authenticator())
    begun = [await begin(ada) for _ in range(4)]
    answers = await asyncio.gather(*(add(ada, c, Authenticator().make(options)) for c, options in begun))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    refused(await ada.post(f"{MINE}/options", {}), 409, "TooManyThings")


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
    refused(await sign_in(client, device), 401, "InvalidPasskey")
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
    second = await register(ada, Authenticator())
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
    questions = [await ask(client) for _ in range(4)]
    signing_in = [send(client, challenge, device.sign(options)) for challenge, options in questions]
    *signed_in, removed = await asyncio.gather(*signing_in, _remove(ada, passkey))
    assert removed.status_code == 204
    assert {answer.status_code for answer in signed_in} <= {200, 401}


async def test_changes_want_a_sign_in_of_a_short_while_ago(
    ada: Person, device: Authenticator, passkey: str, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await begin(ada)
    age_sessions(owner_connection, ada)
    refused(await ada.post(f"{MINE}/options", {}), 403, "ReauthenticationRequired")
    refused(await add(ada, challenge, Authenticator().make(options)), 403, "ReauthenticationRequired")
    refused(await _remove(ada, passkey), 403, "ReauthenticationRequired")
    assert len((await ada.get(MINE)).json()["items"]) == 1


async def test_an_unproved_address_gets_no_passkey(
    ada: Person, device: Authenticator, owner_connection: psycopg.Connection
) -> None:
    challenge, options = await begin(ada)
    unverify(owner_connection, ada)
    refused(await ada.post(f"{MINE}/options", {}), 403, "EmailNotVerified")
    refused(await add(ada, challenge, device.make(options)), 403, "EmailNotVerified")


async def test_a_token_without_the_scope_profile_may_do_nothing_here(people: People) -> None:
    reader = await people.person("Reader", scope=frozenset({"money:read"}))
    refused(await reader.get(MINE), 403, "Forbidden")
    refused(await reader.post(f"{MINE}/options", {}), 403, "Forbidden")
