"""What a page costs does not grow with what lies behind it. Blocks that PostgreSQL touches are counted, not seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from common.database_url import parse
from money.service.statements import _FIGURES
from money.service.transfer_list import _ENTRIES
from money.service.transfers import KINDS
from tests.conftest import copy_database

FILL = """
    WITH mine AS (
        INSERT INTO money.accounts (id, owner_id, name, currency, normal_side, overdraft, credits, debits, version)
        SELECT unnest(%(accounts)s::uuid[]), %(owner)s, '', 'EUR', 'credit', %(n)s, %(n)s, 0, %(n)s
    ), other AS (
        INSERT INTO money.accounts (id, owner_id, name, currency, normal_side, overdraft, credits, debits, version)
        SELECT %(other)s, %(owner)s, '', 'EUR', 'credit', 10 * %(n)s, 0, 2 * %(n)s, 2 * %(n)s
    ), posted AS (
        SELECT uuidv7() AS id, a, n, moment FROM (
            SELECT a, n, timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute' AS moment
            FROM unnest(%(accounts)s::uuid[]) AS a, generate_series(1, %(n)s) AS n ORDER BY n, a
        ) AS planned
    ), journal AS (
        INSERT INTO money.transactions (id, kind, description, created_by, sides, posted_at)
        SELECT id, CASE WHEN mod(n, 2) = 0 THEN 'transfer' ELSE 'deposit' END::money.transaction_kind,
            CASE WHEN n = 7 THEN 'rare' ELSE '' END, %(owner)s, 2, moment FROM posted
    )
    INSERT INTO money.entries
        (transaction_id, account_id, account_version, currency, side, amount, balance_after, booked_at)
    SELECT id, a, n, 'EUR', 'credit'::money.side, 1, n, moment FROM posted
    UNION ALL
    SELECT id, %(other)s, row_number() OVER (ORDER BY n, a), 'EUR', 'debit', 1, -row_number() OVER (ORDER BY n, a), moment
    FROM posted
"""
OWNER, ACCOUNTS, OTHER = uuid4(), [uuid4(), uuid4()], uuid4()


@pytest.fixture(scope="module", params=[1_000, 100_000], ids=["short", "long"])
def history(request: pytest.FixtureRequest, worker_id: str) -> Iterator[tuple[int, Connection]]:
    """A database of its own with two accounts of so many entries each."""
    url = copy_database(f"artel_long_{worker_id}")
    n: int = request.param
    made = create_engine(parse(url), poolclass=NullPool)
    with psycopg.connect(make_url(url).render_as_string(), autocommit=True) as owner:
        owner.execute("SET ROLE artel_owner")
        owner.execute(FILL, {"n": n, "owner": OWNER, "accounts": ACCOUNTS, "other": OTHER})
        owner.execute("ANALYZE money.entries, money.transactions, money.accounts")
    with made.connect() as connection:
        connection.execute(text("SET ROLE artel_owner"))
        yield n, connection


def plan(connection: Connection, **wanted: Any) -> dict[str, Any]:
    values = dict.fromkeys(
        ("side", "since", "until", "minimum", "maximum", "description", "booked_at", "account_id", "account_version")
    )
    values |= {"accounts": ACCOUNTS, "kinds": list(KINDS), "once": True, "most": 21} | wanted
    explained = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_ENTRIES.text}")
    connection.execute(_ENTRIES, values)  # what is planned for the first time reads the catalogue too
    found: dict[str, Any] = connection.execute(explained, values).scalar_one()[0]["Plan"]
    return found


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from nodes(inner)


def blocks(found: dict[str, Any]) -> int:
    return int(found["Shared Hit Blocks"] + found["Shared Read Blocks"])


def test_a_page_of_transfers_touches_few_blocks(history: tuple[int, Connection]) -> None:
    n, connection = history
    middle = datetime(2026, 1, 1, 6, tzinfo=UTC)
    for wanted, most in (
        ({}, 250),
        ({"booked_at": middle, "account_id": ACCOUNTS[0], "account_version": 360}, 350),
        ({"since": middle, "until": datetime(2026, 1, 1, 9, tzinfo=UTC)}, 600),
        ({"description": "rare", "most": 1000}, 6_000),
    ):
        found = plan(connection, **wanted)
        assert blocks(found) < most, (n, wanted, blocks(found))
        for node in nodes(found):
            if node.get("Relation Name") in ("entries", "transactions"):
                assert node["Node Type"] != "Seq Scan", wanted
                assert node["Actual Rows"] * node["Actual Loops"] <= 3000


def test_a_statement_costs_what_its_period_has(history: tuple[int, Connection]) -> None:
    n, connection = history
    values = {
        "account": ACCOUNTS[0],
        "before": datetime(2026, 1, 1, 6, tzinfo=UTC),
        "last": datetime(2026, 1, 1, 7, tzinfo=UTC),
    }
    connection.execute(_FIGURES, values)
    explained = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_FIGURES.text}")
    found: dict[str, Any] = connection.execute(explained, values).scalar_one()[0]["Plan"]
    assert found["Actual Rows"] == 1
    assert blocks(found) < 250, (n, blocks(found))
