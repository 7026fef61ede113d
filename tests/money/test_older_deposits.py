"""Deposits of before there were payments are payments afterwards, under the number they were known by."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from common.database_url import parse
from migrations.migrate import migrate
from tests.conftest import copy_database

_POST = """
    SELECT money.post(ARRAY[%(owner)s::uuid], ARRAY[%(id)s::uuid], ARRAY['deposit']::money.transaction_kind [], ARRAY['sandbox'],
        ARRAY[NULL::uuid], ARRAY[1, 1], ARRAY[money.system_account('clearing:sandbox', 'EUR'), %(account)s::uuid],
        ARRAY['debit', 'credit']::money.side [], ARRAY[700::bigint, 700], ARRAY['EUR', 'EUR'],
        ARRAY[NULL, %(owner)s::uuid], ARRAY[0::bigint, 0])"""


@pytest.fixture
def older(worker_id: str) -> Iterator[psycopg.Connection]:
    url = make_url(copy_database(f"artel_older_{worker_id}", template="template1"))
    migrate(parse(url.render_as_string(hide_password=False)), "0008")
    with psycopg.connect(
        user=url.username, dbname=url.database, host=str(url.query["host"]), autocommit=True
    ) as connection:
        yield connection


def test_an_older_deposit_is_a_payment_in_our_book_and_in_the_banks(older: psycopg.Connection, worker_id: str) -> None:
    values = {"owner": uuid4(), "id": uuid4()}
    opened = older.execute(
        "INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft) "
        "VALUES (%(owner)s, '', 'EUR', 'credit', 0) RETURNING id",
        values,
    ).fetchone()
    assert opened
    values["account"] = opened[0]
    assert older.execute(_POST, values).fetchone() == ([None],)
    older.execute(
        "INSERT INTO money.idempotency_keys (principal_id, key, fingerprint, outcome) "
        "VALUES (%(owner)s, 'k', '', jsonb_build_object('transaction_id', %(id)s::uuid))",
        values,
    )
    migrate(parse(f"postgresql://artel@/artel_older_{worker_id}?host={older.info.host}"))
    payment = older.execute(
        "SELECT id, owner_id, account_id, amount, currency, status, transaction_id, due_at FROM money.payments"
    ).fetchall()
    assert payment == [(values["id"], values["owner"], values["account"], 700, "EUR", "succeeded", values["id"], None)]
    replayed = "SELECT money.begin_deposit(%(owner)s, 'k', '', %(account)s, 700, 'EUR', 'sandbox', NULL)"
    answer = older.execute(replayed, values).fetchone()
    assert answer
    assert (answer[0]["payment_id"], answer[0]["replayed"]) == (str(values["id"]), True)
    agreed = older.execute(
        "SELECT r.unmatched, r.matched, r.their_total FROM money.reconciliations AS r WHERE id = ("
        "SELECT money.reconcile(uuidv7(), 'sandbox', now() - interval '2 days', now() - interval '1 day', "
        "now() + interval '1 minute', array_agg(id), array_agg(type), array_agg(amount), array_agg(fee), "
        "array_agg(currency), array_agg(reference), array_agg(at)) FROM money.sandbox_statement)"
    )
    _ = agreed.fetchall()
    found = older.execute("SELECT unmatched, matched, their_total FROM money.reconciliations").fetchall()
    assert found == [(0, 1, 700)]
    assert older.execute("SELECT * FROM money.violations()").fetchall() == []
