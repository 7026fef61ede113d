"""Things to happen, and endpoints to be told of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from money.background import run_due
from tests.people import Person

EVENTS = "/v1/money/events"
ENDPOINTS = "/v1/money/webhook-endpoints"
BEGINNING = str(UUID(int=0))

type Sql = Callable[..., list[Any]]


def runner(connection: Connection) -> Sql:
    def run(statement: str, *values: Any) -> list[Any]:
        ran = connection.execute(statement.encode(), values)
        return ran.fetchall() if ran.description else []

    return run


async def endpoint(person: Person, url: str, *event_types: str, **other: Any) -> dict[str, Any]:
    made = await person.post(ENDPOINTS, {"url": url, "event_types": list(event_types), **other})
    assert made.status_code == 201, made.text
    return dict(made.json())


def tell(sql: Sql, person: Person, event_type: str = "hold.placed", **data: Any) -> None:
    """As the ledger's functions do it."""
    sql("SELECT money.tell(%s, %s, %s)", person.id, event_type, Jsonb(data))


async def events(person: Person, **params: Any) -> list[dict[str, Any]]:
    answer = await person.get(EVENTS, params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def deliveries(person: Person, made: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    answer = await person.get(f"{ENDPOINTS}/{made['id']}/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def read(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    return dict((await person.get(f"{ENDPOINTS}/{made['id']}")).json())


def now(sql: Sql, made: dict[str, Any]) -> None:
    """Its deliveries are due."""
    sql("UPDATE money.deliveries SET due_at = now() WHERE endpoint_id = %s AND status = 'pending'", made["id"])


async def again(sql: Sql, made: dict[str, Any]) -> None:
    now(sql, made)
    await run_due()
