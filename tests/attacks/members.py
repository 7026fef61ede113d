"""People with accounts, who come through a door as anybody does."""

import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from auth import passwords
from tests.attacks.door import Door, bearer
from tests.server.ways import Answer

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class SignedIn:
    door: Door
    access: str
    refresh: str
    device: str

    async def call(self, method: str, path: str, order: Any = None) -> Answer:
        return await self.door.call(method, path, order, bearer(self.access))

    async def made(self, method: str, path: str, order: Any = None) -> dict[str, Any]:
        answer = await self.call(method, path, order)
        assert answer.status in (200, 201, 202), answer
        return dict(answer.json)

    async def refreshed(self) -> "SignedIn":
        answer = await refresh(self.door, self.refresh)
        assert answer.status == 200, answer
        return signed_in(self.door, answer)


@dataclass(frozen=True)
class Member:
    door: Door
    id: UUID
    email: str

    async def try_to_sign_in(self, password: str = PASSWORD, **more: str) -> Answer:
        order = {"email": self.email, "password": password, "transport": "body", **more}
        return await self.door.call("POST", "/v1/auth/login", order)

    async def sign_in(self, password: str = PASSWORD, **more: str) -> SignedIn:
        answer = await self.try_to_sign_in(password, **more)
        assert answer.status == 200, answer
        return signed_in(self.door, answer)


def signed_in(door: Door, answer: Answer) -> SignedIn:
    said = answer.json
    return SignedIn(door, said["access_token"], said["refresh_token"], said["device_token"] or "")


async def refresh(door: Door, token: str) -> Answer:
    return await door.call("POST", "/v1/auth/refresh", {"refresh_token": token})


def address(name: str) -> str:
    return f"{name.lower()}.{secrets.token_hex(6)}@example.org"


@cache
def _hashed() -> str:
    return str(passwords._context().hash(PASSWORD))


def member(door: Door, name: str, *roles: str, verified: bool = True) -> Member:
    """Straight into the database: a whole stack's sign-ups come from one address, which has a limit."""
    email = address(name)
    statement = """
        INSERT INTO auth.users (email, email_key, email_verified_at, display_name, locale, password_hash, roles)
        VALUES (%s, %s, CASE WHEN %s THEN now() END, %s, 'en', %s, %s) RETURNING id"""
    row = [email, email, verified, name, _hashed(), ["user", *roles]]
    found = door.owner.execute(statement, row).fetchone()
    assert found is not None
    return Member(door, found[0], email)
