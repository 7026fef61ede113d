"""Whom money may be sent to: somebody with a handle, an address that is somebody's, and one that is nobody's yet."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from common.db import transaction
from common.models.auth import User
from money import delivering
from tests.people import People, Person

TRANSFERS = "/v1/money/transfers"
Sql = Callable[..., list[Any]]


def new_address(who: str = "someone") -> str:
    return f"{who}.{secrets.token_hex(6)}@example.org"


def new_handle() -> str:
    return f"h{secrets.token_hex(6)}"


def to_email(source: str, email: str, amount: int = 100, currency: str = "EUR", **other: Any) -> dict[str, Any]:
    return {"from_account_id": source, "to_email": email, "amount": amount, "currency": currency, **other}


def to_handle(source: str, handle: str, amount: int = 100, currency: str = "EUR", **other: Any) -> dict[str, Any]:
    return {"from_account_id": source, "to_handle": handle, "amount": amount, "currency": currency, **other}


async def state(person: Person, **values: Any) -> None:
    """Makes the person's row say this."""
    async with transaction("auth") as session:
        await session.execute(update(User).where(User.id == person.id).values(**values))


async def call(person: Person, handle: str | None = None) -> str:
    """Gives them a handle."""
    handle = handle or new_handle()
    await state(person, handle=handle)
    return handle


async def register(people: People, email: str, *, verified: bool = True) -> Person:
    """Somebody who signs up with this address."""
    person = await people.person("Newcomer")
    await state(
        person, email=email, email_key=email.casefold(), email_verified_at=datetime.now(UTC) if verified else None
    )
    return person


async def entries(person: Person, account: str) -> list[dict[str, Any]]:
    """Newest first."""
    listed: list[dict[str, Any]] = (await person.get(f"/v1/money/accounts/{account}/entries")).json()["items"]
    return listed


def events(sql: Sql, person: Person) -> list[tuple[str, dict[str, Any]]]:
    query = "SELECT type, data FROM money.events WHERE owner_id = %s ORDER BY id"
    return [(kind, data) for kind, data in sql(query, person.id)]


async def fee_rule(sql: Sql, currency: str, flat: int) -> None:
    sql(
        "INSERT INTO money.fee_rules (operation, currency, flat, rate, created_by) VALUES ('transfer', %s, %s, 0, uuidv7())",
        currency,
        flat,
    )


def end_fee_rules(sql: Sql) -> None:
    sql("UPDATE money.fee_rules SET ended_at = now() WHERE ended_at IS NULL")


async def look_through(sql: Sql) -> int:
    """As if ten minutes had passed since the last time."""
    sql(
        "DELETE FROM money.rate_limits WHERE key = money.rate_key('look through', '00000000-0000-0000-0000-000000000000')"
    )
    return await delivering.look_through()
