"""People for tests: signed in, each with a fresh address, without the price of hashing a password."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from auth import access_tokens, sessions
from auth.client import Client
from common.db import transaction
from common.models.auth import User
from common.scopes import USER

TESTS = Client("127.0.0.1", "tests", "")


@dataclass(frozen=True)
class Person:
    id: UUID
    email: str
    token: str
    client: AsyncClient

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def key(self, value: str | None = None) -> dict[str, str]:
        """Headers of a request that moves money."""
        return {**self.auth, "Idempotency-Key": value or secrets.token_hex(8)}

    async def get(self, path: str, **options: Any) -> Response:
        return await self.client.get(path, headers=self.auth, **options)

    async def post(self, path: str, json: Any, key: str | None = None) -> Response:
        return await self.client.post(path, json=json, headers=self.key(key))

    async def account(self, balance: int = 0, currency: str = "EUR") -> str:
        """The id of a new account with this balance."""
        opened = await self.post("/v1/money/accounts", {"currency": currency})
        assert opened.status_code == 201, opened.text
        identifier = str(opened.json()["id"])
        if balance:
            order = {"account_id": identifier, "amount": balance, "currency": currency}
            paid = await self.post("/v1/money/deposits", order)
            assert paid.status_code == 201, paid.text
        return identifier

    async def balance(self, account: str) -> int:
        return int((await self.get(f"/v1/money/accounts/{account}")).json()["balance"])


@dataclass(frozen=True)
class People:
    client: AsyncClient

    async def person(self, name: str, *, scope: frozenset[str] = USER, roles: tuple[str, ...] = ("user",)) -> Person:
        email = f"{name.lower()}.{secrets.token_hex(5)}@example.org"
        async with transaction("auth") as session:
            user = User(
                email=email,
                email_key=email,
                email_verified_at=datetime.now(UTC),
                display_name=name,
                locale="en",
                roles=list(roles),
            )
            session.add(user)
            await session.flush()
            signed_in = await sessions.start(session, user.id, " ".join(sorted(scope)), "pwd", TESTS)
            token = await access_tokens.mint(session, signed_in)
        return Person(user.id, email, token, self.client)
