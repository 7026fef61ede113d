"""What no authenticator says, sent to the routes of passkeys: refused, and never an error of ours."""

import copy
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from tests.auth.authenticator import Authenticator, encode
from tests.auth.ceremonies import MINE, add, ask, begin, from_address, send
from tests.auth.factors import refused
from tests.people import Person


@pytest.fixture
async def client(client: AsyncClient) -> AsyncIterator[AsyncClient]:
    """From an address of its own, since anybody's questions are limited by it."""
    async with from_address(client, f"2001:db8:{secrets.randbelow(65535):x}:{secrets.randbelow(65535):x}::7") as made:
        yield made


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
        challenge, options = await begin(ada)
        answer = await add(ada, challenge, _bent(device.make(options), place, value))
        assert answer.status_code == 422, (value, answer.text)
    assert (await ada.get(MINE)).json() == {"items": []}


@pytest.mark.parametrize("place", ["authenticatorAttachment", "clientExtensionResults", "response.transports"])
async def test_nonsense_in_a_hint_does_no_harm(ada: Person, place: str) -> None:
    for value in _NONSENSE:
        challenge, options = await begin(ada)
        answer = await add(ada, challenge, _bent(Authenticator().make(options), place, value))
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
        challenge, options = await ask(client)
        answer = await send(client, challenge, _bent(device.sign(options), place, value))
        assert answer.status_code in {401, 422}, (value, answer.text)


@pytest.mark.parametrize(
    "credential",
    [None, [], "x", 7, {}, {"\ud800": 1}, {"\0": 1}, {"x" * 10_000: 1}, {"id": {"a": [[[[[]]]]]}}],
    ids=["null", "list", "text", "number", "empty", "surrogate", "nul", "long name", "deep"],
)
async def test_what_is_no_credential_at_all_is_refused(client: AsyncClient, ada: Person, credential: Any) -> None:
    challenge, _ = await ask(client)
    assert (await send(client, challenge, credential)).status_code in {401, 422}
    assert (await add(ada, (await begin(ada))[0], credential)).status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\0b", "a\nb", "\ud800", 7, None])
async def test_a_name_is_a_short_line(ada: Person, device: Authenticator, passkey: str, name: Any) -> None:
    challenge, options = await begin(ada)
    body = json.dumps({"challenge": challenge, "name": name, "credential": Authenticator().make(options)})
    headers = {**ada.auth, "Content-Type": "application/json"}
    refused(await ada.client.post(MINE, content=body, headers=headers), 422, "MalformedRequest")
    rename = json.dumps({"name": name})
    refused(await ada.client.patch(f"{MINE}/{passkey}", content=rename, headers=headers), 422, "MalformedRequest")
