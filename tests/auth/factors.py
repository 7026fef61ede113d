"""What tests of second factors share: a clock to turn, and a sign-in with a password and something besides."""

import json
from dataclasses import dataclass
from typing import Any

import jwt
import psycopg
import pyotp
from httpx import AsyncClient, Response
from sqlalchemy import update

from auth.passwords import hash_password
from common.db import transaction
from common.models.auth import User
from tests.people import Person

PASSWORD = "correct horse battery"
STEP_S = 30


@dataclass
class Clock:
    """In the place of the module `time` where codes are looked at; it stands still."""

    now: int = 1_900_000_000

    def time(self) -> float:
        return float(self.now)

    def code(self, secret: str, steps: int = 0) -> str:
        """That an app shows `steps` half minutes from now."""
        return pyotp.TOTP(secret).at(self.now + steps * STEP_S)

    def forward(self, steps: int = 1) -> None:
        self.now += steps * STEP_S


async def give_password(person: Person) -> None:
    async with transaction("auth") as session:
        hashed = await hash_password(PASSWORD)
        await session.execute(update(User).where(User.id == person.id).values(password_hash=hashed))


async def turn_totp_on(person: Person, clock: Clock) -> tuple[str, list[str]]:
    """The secret and the recovery codes. The clock is past the step that the first code was of."""
    begun = await person.post("/v1/auth/me/mfa/totp", {})
    assert begun.status_code == 201, begun.text
    secret = str(begun.json()["secret"])
    confirmed = await person.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(secret)})
    assert confirmed.status_code == 200, confirmed.text
    clock.forward()
    return secret, confirmed.json()["recovery_codes"]


async def past_the_password(client: AsyncClient, person: Person, **other: Any) -> str:
    """The challenge."""
    order = {"email": person.email, "password": PASSWORD, "transport": "body", **other}
    answer = await client.post("/v1/auth/login", json=order)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"mfa_required", "challenge", "methods", "expires_in"}
    return str(answer.json()["challenge"])


async def second_half(client: AsyncClient, challenge: str, **proof: Any) -> Response:
    order = {"challenge": challenge, "transport": "body", **proof}
    return await client.post(
        "/v1/auth/login/mfa", content=json.dumps(order), headers={"Content-Type": "application/json"}
    )


def claims(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    decoded: dict[str, Any] = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    return decoded


def refused(answer: Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def age_sessions(connection: psycopg.Connection, person: Person, minutes: int = 16) -> None:
    """As if the person had signed in that much earlier."""
    aged = "UPDATE auth.sessions SET created_at = now() - make_interval(mins => %s) WHERE user_id = %s"
    assert connection.execute(aged, [minutes, person.id]).rowcount > 0


def unverify(connection: psycopg.Connection, person: Person) -> None:
    connection.execute("UPDATE auth.users SET email_verified_at = NULL WHERE id = %s", [person.id])


def events(connection: psycopg.Connection, person: Person) -> list[str]:
    """Of the audit log, the oldest first."""
    rows = connection.execute("SELECT event FROM auth.audit_log WHERE user_id = %s ORDER BY id", [person.id])
    return [str(row[0]) for row in rows]
