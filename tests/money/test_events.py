"""What people can look up about what happened to their money."""

import re
from pathlib import Path
from typing import get_args
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb
from sqlalchemy.engine import make_url

from common.scopes import USER
from money.background import run_due
from money.event_types import GROUPS, MEANINGS, TYPES
from money.schemas.accounts import Kind, Status
from tests.money.notices import BEGINNING, EVENTS, Sql, events, tell
from tests.people import People, Person

DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"
# What a side of a transaction can be called, and never is: no account of a person's is on that side of such a transaction.
IMPOSSIBLE = {
    "deposit.sent",
    "withdrawal.received",
    "claim.sent",
    "return.sent",
    "suspense.sent",
    "suspense.received",
}


async def test_both_sides_are_told_of_a_transfer_each_of_its_own(ada: Person, bob: Person) -> None:
    hers, his = await ada.account(500), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 120, "currency": "EUR"}
    transfer = (await ada.post("/v1/money/transfers", order)).json()
    await run_due()
    sent, deposited = await events(ada)
    (received,) = await events(bob)
    data = {"transaction_id": transfer["id"], "amount": 120, "currency": "EUR"}
    assert (sent["type"], sent["data"]["account_id"]) == ("transfer.sent", hers)
    assert (received["type"], received["data"]["account_id"]) == ("transfer.received", his)
    assert sent["data"].items() >= data.items()
    assert received["data"].items() >= data.items()
    assert sent.keys() == {"id", "type", "timestamp", "data"}
    assert sent["id"] != received["id"]
    assert (deposited["type"], deposited["data"]["amount"]) == ("deposit.received", 500)


async def test_one_person_on_both_sides_of_a_hold_is_told_once(ada: Person, sql: Sql) -> None:
    one, other = await ada.account(500), await ada.account()
    order = {"account_id": one, "payee_account_id": other, "amount": 5, "currency": "EUR"}
    hold = (await ada.post("/v1/money/holds", order)).json()["id"]
    sql("UPDATE money.holds SET expires_at = now() WHERE id = %s", hold)
    await run_due()
    await run_due()
    assert [event["data"]["hold_id"] for event in await events(ada, type="hold.expired")] == [hold]
    assert [event["data"]["hold_id"] for event in await events(ada, type="hold.placed")] == [hold]


async def test_events_are_filtered_by_how_their_type_begins(ada: Person, sql: Sql) -> None:
    for each in ("hold.placed", "account.frozen", "hold.voided"):
        tell(sql, ada, each)
    await run_due()
    assert [event["type"] for event in await events(ada, type="hold.")] == ["hold.voided", "hold.placed"]
    assert [event["type"] for event in await events(ada, type="account.frozen")] == ["account.frozen"]
    assert await events(ada, type="h_ld") == []


async def test_pages_go_back_to_the_first_event_without_a_gap_or_a_repetition(ada: Person, sql: Sql) -> None:
    for number in range(7):
        tell(sql, ada, number=number)
    await run_due()
    seen, cursor = [], None
    while True:
        answer = (await ada.get(EVENTS, params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
        seen += [event["data"]["number"] for event in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == [6, 5, 4, 3, 2, 1, 0]


async def test_a_client_that_polls_gets_everything_once_and_in_order(ada: Person, sql: Sql) -> None:
    seen, last = [], BEGINNING
    for number in range(9):
        tell(sql, ada, number=number)
        if number % 2:
            await run_due()
            for event in await events(ada, after=last, limit=3):
                seen.append(event["data"]["number"])
                last = event["id"]
    await run_due()
    seen += [event["data"]["number"] for event in await events(ada, after=last)]
    assert seen == list(range(9))


async def test_after_goes_on_over_pages(ada: Person, sql: Sql) -> None:
    for number in range(5):
        tell(sql, ada, number=number)
    await run_due()
    first = (await ada.get(EVENTS, params={"after": BEGINNING, "limit": 2})).json()
    rest = (await ada.get(EVENTS, params={"after": BEGINNING, "cursor": first["next_cursor"]})).json()
    assert [event["data"]["number"] for event in first["items"] + rest["items"]] == [0, 1, 2, 3, 4]
    assert rest["next_cursor"] is None


async def test_what_was_written_first_and_committed_last_is_not_passed_over(
    ada: Person, sql: Sql, database: str
) -> None:
    """Its id is the smaller one: a client that asked for greater ids than the last it saw would never get it."""
    url = make_url(database)
    with psycopg.connect(user=url.username, dbname=url.database, host=str(url.query["host"])) as slow:
        slow.execute("SELECT money.tell(%s, 'hold.placed', %s)", [ada.id, Jsonb({"number": 1})])
        tell(sql, ada, number=2)
        await run_due()
        (seen,) = await events(ada, after=BEGINNING)
        slow.commit()
    await run_due()
    (late,) = await events(ada, after=seen["id"])
    assert (seen["data"]["number"], late["data"]["number"]) == (2, 1)
    assert late["id"] < seen["id"]
    assert [event["data"]["number"] for event in await events(ada)] == [1, 2]


async def test_nobody_sees_or_goes_on_from_another_persons_events(ada: Person, bob: Person, sql: Sql) -> None:
    tell(sql, ada)
    await run_due()
    (hers,) = await events(ada)
    assert await events(bob) == []
    for unknown in (hers["id"], str(uuid4())):
        refused = await bob.get(EVENTS, params={"after": unknown})
        assert (refused.status_code, refused.json()["code"]) == (404, "EventNotFound")


@pytest.mark.parametrize("params", [{"cursor": "x"}, {"after": "x"}, {"type": "X%"}, {"limit": 101}])
async def test_malformed_questions_are_refused(ada: Person, params: dict[str, str]) -> None:
    assert (await ada.get(EVENTS, params=params)).status_code in (400, 422)


async def test_without_the_scope_there_are_no_events(people: People) -> None:
    eve = await people.person("Eve", scope=USER - {"money:read"})
    assert (await eve.get(EVENTS)).status_code == 403


async def test_events_are_forgotten_after_90_days_with_their_deliveries_and_the_ledger_stays(
    ada: Person, sql: Sql
) -> None:
    account = await ada.account(500)
    old, young = sql("SELECT uuidv7(interval '-91 days'), uuidv7(interval '-89 days')")[0]
    endpoint = sql(
        "INSERT INTO money.webhook_endpoints (owner_id, url, description, event_types, enabled, disabled_reason)"
        " VALUES (%s, 'https://example.org', '', '{}', false, 'owner') RETURNING id",
        ada.id,
    )[0][0]
    for event in (old, young):
        sql("INSERT INTO money.events (id, owner_id, type, data) VALUES (%s, %s, 'hold.placed', '{}')", event, ada.id)
        sql(
            "INSERT INTO money.deliveries (endpoint_id, event_id, status, finished_at) VALUES (%s, %s, 'delivered', now())",
            endpoint,
            event,
        )
    await run_due()
    assert sql("SELECT event_id FROM money.deliveries WHERE endpoint_id = %s", endpoint) == [(young,)]
    assert sql("SELECT id FROM money.events WHERE id = ANY(%s)", [old, young]) == [(young,)]
    assert await ada.balance(account) == 500


def test_the_services_role_can_neither_invent_nor_change_events_and_deliveries(database: str) -> None:
    url = make_url(database)
    host = str(url.query["host"])
    with psycopg.connect(user="artel_money", dbname=url.database, host=host, autocommit=True) as connection:
        for statement in (
            "INSERT INTO money.events (owner_id, type, data) VALUES (uuidv7(), 'ping', '{}')",
            "UPDATE money.events SET data = '{}'",
            "DELETE FROM money.events",
            "UPDATE money.deliveries SET status = 'delivered'",
            "UPDATE money.webhook_endpoints SET owner_id = uuidv7()",
            "DELETE FROM money.webhook_endpoints",
            "SELECT money.tell(uuidv7(), 'ping', '{}')",
            "SELECT money.disable_webhook_endpoint(uuidv7(), 'gone')",
            "SELECT money.give_up_deliveries(uuidv7())",
            "UPDATE money.secrets SET value = ''",
            "UPDATE money.webhook_mark SET position = 0",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_every_type_that_the_database_tells_of_is_one_that_people_were_promised(sql: Sql) -> None:
    """Whoever adds one adds it to money.event_types, where its name stays."""
    told = {f"{kind}.{side}" for kind in get_args(Kind) for side in ("sent", "received")} - IMPOSSIBLE
    sources = sql("SELECT p.prosrc FROM pg_proc AS p WHERE p.pronamespace = 'money'::regnamespace")
    for (source,) in sources:
        for name in re.findall(r"(?:money\.tell\(|INSERT INTO money\.events)[^']*'([a-z_.]+)'", source):
            if name.endswith("."):
                told |= {name + status for status in get_args(Status)}
            elif name != "debit" and not name.startswith("money."):  # of the sides of transactions, which are above
                told.add(name)
    assert told == set(TYPES)


def test_every_type_is_explained_in_the_document() -> None:
    assert MEANINGS.keys() == set(TYPES)
    lines = DOCUMENT.read_text().splitlines()
    for name, meaning in MEANINGS.items():
        assert f"| `{name}` | {meaning} |" in lines
    for group in GROUPS:
        assert any(name.startswith(group[:-1]) for name in TYPES)
