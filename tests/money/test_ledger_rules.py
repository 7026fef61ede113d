"""The database keeps the books against our own code, and against whoever holds its passwords."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.engine import make_url

from tests.people import Person

TABLES = ("accounts", "transactions", "entries", "idempotency_keys", "currencies")


def _connect(database: str, role: str) -> psycopg.Connection:
    url = make_url(database)
    return psycopg.connect(user=role, dbname=url.database, host=str(url.query["host"]), autocommit=True)


@pytest.fixture
def app_role(database: str) -> Iterator[psycopg.Connection]:
    with _connect(database, "artel_money") as connection:
        yield connection


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    with _connect(database, "artel") as connection:
        connection.execute("SET ROLE artel_owner")
        yield connection


@pytest.fixture
async def pair(ada: Person) -> tuple[str, str]:
    return await ada.account(100), await ada.account(100)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_money_role_cannot_write_the_ledger(app_role: psycopg.Connection, table: str, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        app_role.execute(statement.format(f"money.{table}"))


def test_the_money_role_cannot_change_a_balance_or_call_the_inner_functions(app_role: psycopg.Connection) -> None:
    for statement in (
        "UPDATE money.accounts SET credits = credits + 1",
        "UPDATE money.entries SET amount = 1",
        "SELECT money.post('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        f"SELECT money.remember('{uuid4()}', 'k', '{{}}')",
        "SELECT money.system_account('fees', 'EUR')",
        f"SELECT money.fold('{uuid4()}')",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            app_role.execute(statement)


@pytest.mark.parametrize("table", ["transactions", "entries"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_posted_stays_even_for_the_owner(owner: psycopg.Connection, table: str, statement: str) -> None:
    change = "description = 'x'" if table == "transactions" else "amount = 1"
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        owner.execute(statement.format(f"money.{table}", change))


def test_accounts_and_keys_cannot_be_deleted(owner: psycopg.Connection) -> None:
    for table in ("accounts", "idempotency_keys"):
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            owner.execute(f"DELETE FROM money.{table}")


def _entries(*sides: tuple[str, str, int], currency: str = "EUR") -> tuple[str, list[object]]:
    """One statement that inserts a transaction with these (account, side, amount)."""
    values = ", ".join(["(%s::uuid, %s::money.side, %s::bigint)"] * len(sides))
    statement = (
        "WITH t AS (INSERT INTO money.transactions (id, kind, description, created_by, sides) "
        "VALUES (uuidv7(), 'transfer', '', uuidv7(), 2) RETURNING id) "
        "INSERT INTO money.entries "
        "(account_id, account_version, transaction_id, currency, side, amount, balance_after, booked_at) "
        f"SELECT v.a, 1000 + row_number() OVER (), t.id, '{currency}', v.s, v.n, 0, now() "
        f"FROM t, (VALUES {values}) AS v (a, s, n)"
    )
    return statement, [part for side in sides for part in side]


def test_entries_that_do_not_sum_to_zero_are_refused(owner: psycopg.Connection, pair: tuple[str, str]) -> None:
    with pytest.raises(errors.CheckViolation, match="sum to zero"):
        owner.execute(*_entries((pair[0], "debit", 5), (pair[1], "credit", 4)))


def test_a_transaction_without_two_entries_is_refused(owner: psycopg.Connection) -> None:
    with pytest.raises(errors.CheckViolation, match="fewer than two"):
        owner.execute(
            "INSERT INTO money.transactions (id, kind, description, created_by, sides) "
            "VALUES (uuidv7(), 'transfer', '', uuidv7(), 2)"
        )


def test_an_account_stands_once_in_a_transaction(owner: psycopg.Connection, pair: tuple[str, str]) -> None:
    with pytest.raises(errors.UniqueViolation):
        owner.execute(*_entries((pair[0], "debit", 5), (pair[0], "credit", 5)))


def test_amounts_are_positive_and_in_the_accounts_currency(owner: psycopg.Connection, pair: tuple[str, str]) -> None:
    with pytest.raises(errors.CheckViolation, match="ck_amount"):
        owner.execute(*_entries((pair[0], "debit", -5), (pair[1], "credit", -5)))
    with pytest.raises(errors.CheckViolation, match="not in its account's currency"):
        owner.execute(*_entries((pair[0], "debit", 5), (pair[1], "credit", 5), currency="USD"))
    with pytest.raises(errors.InsufficientPrivilege):
        owner.execute("UPDATE money.accounts SET currency = 'USD' WHERE id = %s", [UUID(pair[0])])


def test_a_posted_transaction_takes_no_more_entries(owner: psycopg.Connection, pair: tuple[str, str]) -> None:
    posted = owner.execute("SELECT transaction_id FROM money.entries WHERE account_id = %s", [UUID(pair[0])]).fetchone()
    assert posted is not None
    other = owner.execute("SELECT id FROM money.accounts WHERE id = %s", [UUID(pair[1])]).fetchone()
    assert other is not None
    third = owner.execute(
        "INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft) "
        "VALUES (uuidv7(), '', 'EUR', 'credit', 0) RETURNING id"
    ).fetchone()
    assert third is not None
    with pytest.raises(errors.CheckViolation, match="posted with 2 entries"):
        owner.execute(
            "INSERT INTO money.entries "
            "(account_id, account_version, transaction_id, currency, side, amount, balance_after, booked_at) "
            "VALUES (%s, 900, %s, 'EUR', 'debit', 5, 0, now()), (%s, 900, %s, 'EUR', 'credit', 5, 0, now())",
            [other[0], posted[0], third[0], posted[0]],
        )


def test_a_balance_cannot_go_below_zero_even_by_hand(owner: psycopg.Connection, pair: tuple[str, str]) -> None:
    with pytest.raises(errors.CheckViolation, match="ck_accounts_available"):
        owner.execute("UPDATE money.accounts SET debits = debits + 101 WHERE id = %s", [UUID(pair[0])])


def test_the_verifier_finds_a_counter_that_lies(owner: psycopg.Connection, pair: tuple[str, str]) -> None:
    account = UUID(pair[0])
    owner.execute("UPDATE money.accounts SET credits = credits + 1, debits = debits + 1 WHERE id = %s", [account])
    try:
        found = owner.execute("SELECT detail FROM money.violations()").fetchall()
        assert any(str(account) in detail for (detail,) in found)
    finally:
        owner.execute("UPDATE money.accounts SET credits = credits - 1, debits = debits - 1 WHERE id = %s", [account])
