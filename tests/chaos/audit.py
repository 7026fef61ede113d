"""Afterwards: what was acknowledged is there, once, and the books are right."""

from typing import Any

import psycopg

from tests.chaos.clients import Answer

_EFFECTS = """SELECT k.outcome, k.transaction_id, e.amount
    FROM money.idempotency_keys AS k
    LEFT JOIN money.entries AS e ON e.transaction_id = k.transaction_id AND e.side = 'debit'
    WHERE k.principal_id = %s AND k.key = %s"""


def lost_or_twice(connection: psycopg.Connection, answers: list[Answer]) -> list[str]:
    """One line for each acknowledged request whose effect is not exactly what was acknowledged."""
    return [problem for answer in answers if (problem := _problem(connection, answer))]


def _problem(connection: psycopg.Connection, answer: Answer) -> str | None:
    if answer.status in {403, 422}:
        return None
    rows = connection.execute(_EFFECTS, [answer.payer.owner, answer.key]).fetchall()
    if len(rows) != 1:
        return f"{answer.path} {answer.key}: acknowledged with {answer.status}, found {len(rows)} times"
    outcome, transaction, amount = rows[0]
    told, stored = answer.body, outcome or {}
    if answer.status >= 400:
        right = stored.get("refused") == told["code"]
    elif answer.path == "transfers":
        right = str(transaction) == told["id"] and amount == answer.order["amount"]
    elif answer.path == "transfers/batch":
        return _batch_problem(connection, told["results"])
    else:
        name = "hold_id" if answer.path.startswith("holds") else "transaction_id"
        right = stored.get(name) == told["id"]
    return None if right else f"{answer.path} {answer.key}: {told}, but {stored} {transaction} {amount}"


def _batch_problem(connection: psycopg.Connection, results: list[dict[str, Any]]) -> str | None:
    posted = [result["transfer_id"] for result in results if result["transfer_id"]]
    query = "SELECT count(*) FROM money.transactions WHERE id = ANY (%s::uuid[])"
    row = connection.execute(query, [posted]).fetchone()
    assert row
    return None if row[0] == len(posted) else f"batch: {len(posted)} acknowledged, {row[0]} there"


def effects_without_a_key(connection: psycopg.Connection) -> int:
    """Transactions that no key speaks of: something was done twice, or by nobody."""
    row = connection.execute(
        """SELECT count(*) FROM money.transactions AS t
        WHERE NOT EXISTS (SELECT FROM money.idempotency_keys AS k WHERE k.transaction_id = t.id)
            AND NOT EXISTS (
                SELECT FROM money.idempotency_keys AS k
                WHERE k.principal_id = t.created_by AND (
                    k.outcome ->> 'transaction_id' = t.id::text
                    OR k.outcome -> 'items' @> jsonb_build_array(jsonb_build_object('transaction_id', t.id))
                )
            )"""
    ).fetchone()
    assert row
    return int(row[0])


def violations(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT invariant, detail FROM money.violations()").fetchall()
