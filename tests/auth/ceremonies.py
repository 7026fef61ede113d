"""What tests of passkeys share: the requests of the two ceremonies."""

import json
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from tests.auth.authenticator import Authenticator
from tests.people import Person

MINE = "/v1/auth/me/passkeys"


async def begin(person: Person) -> tuple[str, dict[str, Any]]:
    answer = await person.post(f"{MINE}/options", {})
    assert answer.status_code == 200, answer.text
    return answer.json()["challenge"], answer.json()["options"]


async def add(person: Person, challenge: str, credential: Any, name: str = "Laptop") -> Response:
    # As bytes, since httpx does not write lone surrogates.
    body = json.dumps({"challenge": challenge, "name": name, "credential": credential})
    headers = {**person.auth, "Content-Type": "application/json"}
    return await person.client.post(MINE, content=body, headers=headers)


async def register(person: Person, device: Authenticator, name: str = "Laptop") -> str:
    """The passkey's id."""
    challenge, options = await begin(person)
    answer = await add(person, challenge, device.make(options), name)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def ask(client: AsyncClient) -> tuple[str, dict[str, Any]]:
    answer = await client.post("/v1/auth/login/passkey/options", json={})
    assert answer.status_code == 200, answer.text
    return answer.json()["challenge"], answer.json()["options"]


async def send(client: AsyncClient, challenge: str, credential: Any, **other: Any) -> Response:
    body = json.dumps({"challenge": challenge, "credential": credential, "transport": "body", **other})
    headers = {"Content-Type": "application/json"}
    return await client.post("/v1/auth/login/passkey/verify", content=body, headers=headers)


async def sign_in(client: AsyncClient, device: Authenticator) -> Response:
    challenge, options = await ask(client)
    return await send(client, challenge, device.sign(options))


def from_address(client: AsyncClient, address: str) -> AsyncClient:
    transport = ASGITransport(client._transport.app, client=(address, 5))  # type: ignore[attr-defined]
    return AsyncClient(transport=transport, base_url="http://localhost:8000")
