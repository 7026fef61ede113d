"""Statements: which lines a period has, and that nothing is printed that does not add up."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from money.errors import InvalidPeriod
from money.service import statement_lines, statements
from tests.money.parties import new_address, register
from tests.people import People, Person


def path(account: str) -> str:
    return f"/v1/money/accounts/{account}/statement"


async def statement(person: Person, account: str, **query: str) -> dict[str, Any]:
    answer = await person.get(path(account), params=query)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    assert made["opening_balance"] + made["total_in"] - made["total_out"] == made["closing_balance"]
    assert made["opening_balance"] + sum(line["amount"] for line in made["lines"]) == made["closing_balance"]
    return made


async def send(person: Person, source: str, target: str, amount: int, description: str = "") -> None:
    order = {
        "from_account_id": source,
        "to_account_id": target,
        "amount": amount,
        "currency": "EUR",
        "description": description,
    }
    assert (await person.post("/v1/money/transfers", order)).status_code == 201


@pytest.fixture
def owner(owner_connection: psycopg.Connection) -> psycopg.Connection:
    owner_connection.execute("SET ROLE artel_owner")
    return owner_connection


def alter(owner: psycopg.Connection, change: str, *values: object) -> None:
    """What nobody may do to entries."""
    owner.execute("ALTER TABLE money.entries DISABLE TRIGGER USER")
    owner.execute(f"UPDATE money.entries SET {change}", values)
    owner.execute("ALTER TABLE money.entries ENABLE TRIGGER USER")


@pytest.fixture
async def old(ada: Person, owner: psycopg.Connection) -> str:
    """An account with a deposit at each of these moments: 1, 2, 4, 8 … cents."""
    account = await ada.account()
    moments = (
        "2026-01-31 23:59:59.999999",
        "2026-02-01 00:00:00",
        "2026-02-14 12:00:00",
        "2026-02-28 23:59:59.999999",
        "2026-03-01 00:00:00",
    )
    for n, moment in enumerate(moments):
        await ada.post("/v1/money/deposits", {"account_id": account, "amount": 2**n, "currency": "EUR"})
        alter(owner, "booked_at = %s WHERE account_id = %s AND account_version = %s", f"{moment}+00", account, n + 1)
    return account


async def test_a_period_has_its_first_and_its_last_day_in_utc(ada: Person, old: str) -> None:
    made = await statement(ada, old, **{"from": "2026-02-01", "to": "2026-02-28"})
    assert [line["amount"] for line in made["lines"]] == [2, 4, 8]
    assert [made[name] for name in ("opening_balance", "total_in", "total_out", "closing_balance")] == [1, 14, 0, 15]
    assert (made["from"], made["to"], made["account_id"], made["currency"], made["exponent"]) == (
        "2026-02-01",
        "2026-02-28",
        old,
        "EUR",
        2,
    )
    assert [line["number"] for line in made["lines"]] == [2, 3, 4]


@pytest.mark.parametrize(
    ("since", "until", "amounts", "opening"),
    [
        ("2026-01-31", "2026-01-31", [1], 0),
        ("2026-02-01", "2026-02-01", [2], 1),
        ("2026-02-02", "2026-02-13", [], 3),
        ("2026-03-01", "2026-12-31", [16], 15),
        ("2025-01-01", "2025-06-30", [], 0),
        ("2025-06-01", "2026-06-01", [1, 2, 4, 8, 16], 0),
    ],
)
async def test_the_days_of_a_period(
    ada: Person, old: str, since: str, until: str, amounts: list[int], opening: int
) -> None:
    made = await statement(ada, old, **{"from": since, "to": until})
    assert [line["amount"] for line in made["lines"]] == amounts
    assert (made["opening_balance"], made["closing_balance"]) == (opening, opening + sum(amounts))


async def test_the_current_month_until_today_is_what_one_gets_unasked(ada: Person, bob: Person) -> None:
    hers, his = await ada.account(500), await bob.account()
    await send(ada, hers, his, 120, "Обед")
    made = await statement(ada, hers)
    today = datetime.now(UTC).date()
    assert (made["from"], made["to"]) == (str(today.replace(day=1)), str(today))
    assert [(line["kind"], line["amount"], line["balance_after"]) for line in made["lines"]] == [
        ("deposit", 500, 500),
        ("transfer", -120, 380),
    ]
    entries = (await ada.get(f"/v1/money/accounts/{hers}/entries")).json()["items"][::-1]
    for name in ("counterparty_account_id", "description", "transaction_id"):
        assert [line[name] for line in made["lines"]] == [entry[name] for entry in entries]
    assert made["lines"][1]["counterparty_account_id"] == his


@pytest.mark.parametrize("known", [True, False])
async def test_who_sent_to_a_person_sees_whom_they_named_and_no_account(
    ada: Person, people: People, known: bool
) -> None:
    """Else a statement would tell whether an address is somebody's."""
    hers, email = await ada.account(500), new_address()
    his = await (await register(people, email)).account() if known else ""
    order = {"from_account_id": hers, "to_email": email, "amount": 120, "currency": "EUR"}
    sent = await ada.post("/v1/money/transfers", order)
    assert sent.status_code == 201, sent.text
    line = (await statement(ada, hers))["lines"][-1]
    assert (line["kind"], line["amount"], line["counterparty_account_id"], line["recipient"]) == (
        "transfer",
        -120,
        None,
        email,
    )
    text = (await ada.get(path(hers), params={"format": "csv"})).text
    assert email in text
    assert not known or his not in text
    for query in ({}, {"account_id": hers}, {"direction": "out", "min_amount": 120, "max_amount": 120}):
        (listed,) = (await ada.get("/v1/money/transfers", params=query)).json()["items"]
        assert (listed["id"], listed["to_account_id"], listed["recipient"]) == (sent.json()["id"], None, email)


def test_a_period_is_completed_from_what_was_said_of_it() -> None:
    today = datetime(2026, 11, 25, tzinfo=UTC).date()
    day = today.replace
    assert statements.period(None, None, today) == (day(day=1), today)
    assert statements.period(day(month=3, day=7), None, today) == (day(month=3, day=7), today)
    assert statements.period(None, day(month=3, day=7), today) == (day(month=3, day=1), day(month=3, day=7))
    assert statements.period(day(year=2027), None, today) == (day(year=2027), day(year=2027))
    assert statements.period(today - timedelta(days=366), today, today) == (today - timedelta(days=366), today)
    for since, until in ((today, today - timedelta(days=1)), (today - timedelta(days=367), today)):
        with pytest.raises(InvalidPeriod):
            statements.period(since, until, today)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "2026-02-02", "to": "2026-02-01"}, "InvalidPeriod"),
        ({"from": "2024-01-01", "to": "2026-01-01"}, "InvalidPeriod"),
        ({"from": "2026-02-30"}, "MalformedRequest"),
        ({"from": "0001-01-01"}, "MalformedRequest"),
        ({"to": "9999-12-31"}, "MalformedRequest"),
        ({"format": "doc"}, "MalformedRequest"),
        ({"lang": "tlh"}, "MalformedRequest"),
    ],
)
async def test_what_is_no_statement_is_refused(ada: Person, query: dict[str, str], code: str) -> None:
    answer = await ada.get(path(await ada.account()), params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "pdf"])
async def test_somebody_elses_account_is_as_if_absent(ada: Person, bob: Person, form: str) -> None:
    for account in (await ada.account(5), str(uuid4())):
        answer = await bob.get(path(account), params={"format": form})
        assert (answer.status_code, answer.json()["code"]) == (404, "AccountNotFound")


async def test_a_period_with_too_many_lines_is_refused_but_for_csv(
    ada: Person, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"from": "2026-01-01", "to": "2026-12-31"}
    for form in ("json", "xlsx", "pdf"):
        monkeypatch.setitem(statements.MOST_LINES, form, 5)
        assert (await ada.get(path(old), params=query | {"format": form})).status_code == 200
        monkeypatch.setitem(statements.MOST_LINES, form, 4)
        answer = await ada.get(path(old), params=query | {"format": form})
        assert (answer.status_code, answer.json()["code"]) == (422, "StatementTooLong")
        assert "5 lines" in answer.json()["detail"]
    assert (await ada.get(path(old), params=query | {"format": "csv"})).status_code == 200


async def test_lines_are_read_stretch_by_stretch(ada: Person, old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_lines, "_STRETCH", 2)
    made = await statement(ada, old, **{"from": "2026-01-01", "to": "2026-12-31"})
    assert [line["amount"] for line in made["lines"]] == [1, 2, 4, 8, 16]


async def test_a_hot_account_has_what_it_was_just_sent(ada: Person, bob: Person, people: People) -> None:
    admin = await people.person("Root", scope=frozenset({"admin"}), roles=("user", "admin"))
    hers, shop = await ada.account(500), await bob.account()
    change = {"hot": True, "reason": "a shop"}
    await admin.client.patch(f"/v1/money/admin/accounts/{shop}", json=change, headers=admin.auth)
    for amount in (1, 2, 3):
        await send(ada, hers, shop, amount)
    assert (await statement(bob, shop))["closing_balance"] == 6
    assert [line["counterparty_account_id"] for line in (await statement(bob, shop))["lines"]] == [hers] * 3


@pytest.mark.parametrize("form", ["json", "xlsx", "pdf"])
@pytest.mark.parametrize(
    "wrong",
    [
        "amount = amount + 1 WHERE account_id = %s AND account_version = 3",
        "balance_after = balance_after + 1 WHERE account_id = %s AND account_version = 3",
        "balance_after = balance_after + 1 WHERE account_id = %s AND account_version = 5",
    ],
)
async def test_what_does_not_add_up_is_not_printed(
    ada: Person, old: str, owner: psycopg.Connection, wrong: str, form: str
) -> None:
    alter(owner, wrong, old)
    try:
        query = {"from": "2026-01-01", "to": "2026-12-31", "format": form}
        answer = await ada.get(path(old), params=query)
        assert (answer.status_code, answer.json()["code"]) == (500, "InternalError")
    finally:
        alter(owner, wrong.replace("+ 1", "- 1"), old)


async def test_a_csv_that_does_not_add_up_is_broken_off(ada: Person, old: str, owner: psycopg.Connection) -> None:
    query = {"from": "2026-01-01", "to": "2026-12-31", "format": "csv"}
    for wrong, status in (("balance_after", 200), ("amount", 500)):
        change = f"{wrong} = {wrong} + 1 WHERE account_id = %s AND account_version = 3"
        alter(owner, change, old)
        try:
            answer = await ada.get(path(old), params=query)
        finally:
            alter(owner, change.replace("+ 1", "- 1"), old)
        # Totals are looked at before anything is sent, lines as they are.
        assert answer.status_code == status
        assert "Closing balance" not in answer.text
