"""What the money group's own role may do in its own schema: look at everything, and call what guards itself."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy.engine import make_url

from tests.people import Person

LEDGER = (
    "accounts",
    "transactions",
    "entries",
    "deltas",
    "outbox",
    "seals",
    "idempotency_keys",
    "holds",
    "hold_resolutions",
    "returns",
    "fee_rules",
    "limits",
    "spent",
    "events",
    "actions",
    "adjustments",
    "currencies",
)
# Queues and timetables around the ledger; none of them says whose money is where.
WRITABLE = {
    "checks": {"UPDATE"},
    "payments": {"UPDATE"},
    "webhook_inbox": {"INSERT", "UPDATE"},
    "reconciliation_schedule": {"INSERT", "UPDATE"},
    "sandbox_orders": {"INSERT", "UPDATE"},
    "sandbox_statement": {"INSERT"},
}
INNER = {
    "post",
    "post_transfers",
    "lock_for_posting",
    "lock_alone",
    "fold",
    "claim",
    "remember",
    "refuse",
    "spend",
    "unspend",
    "system_account",
    "note",
    "tell",
    "place_hold",
    "resolve_hold",
    "expire_holds",
    "returnable",
    "digests",
    "link",
    "chain",
    "tell_of",
    "erase",
}
_PRIVILEGES = """SELECT c.relname, p FROM pg_class AS c
    CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
    WHERE c.relnamespace = 'money'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND (
        has_table_privilege(%(role)s, c.oid, p)
        OR p IN ('INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(%(role)s, c.oid, p)
    )"""
_CALLABLE = """SELECT p.oid::regprocedure::text, p.proname, p.prosecdef, p.provolatile, coalesce(p.proconfig, '{}')
    FROM pg_proc AS p WHERE p.pronamespace = 'money'::regnamespace AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')"""


@pytest.fixture
def app_role(database: str) -> Iterator[psycopg.Connection]:
    url = make_url(database)
    where = {"user": "artel_money", "dbname": url.database, "host": str(url.query["host"])}
    with psycopg.connect(**where, autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def test_it_may_write_no_table_of_the_ledger_and_delete_in_none_at_all(app_role: psycopg.Connection) -> None:
    found: dict[str, set[str]] = {}
    for table, privilege in app_role.execute(_PRIVILEGES, {"role": "artel_money"}):
        found.setdefault(table, set()).add(privilege)
    assert set(found) & set(LEDGER) == set()
    for table, privileges in found.items():
        assert privileges <= WRITABLE.get(table, set()), table


@pytest.mark.parametrize("table", LEDGER)
def test_writing_the_ledger_is_refused(app_role: psycopg.Connection, ada: Person, table: str) -> None:
    name = sql.Identifier("money", table)
    column = app_role.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(name)).description
    assert column
    first = sql.Identifier(column[0].name)
    for statement in (
        sql.SQL("INSERT INTO {} DEFAULT VALUES").format(name),
        sql.SQL("UPDATE {} SET {} = {}").format(name, first, first),
        sql.SQL("DELETE FROM {}").format(name),
        sql.SQL("TRUNCATE {} CASCADE").format(name),
        sql.SQL("SELECT FROM {} FOR UPDATE").format(name),
        sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(name),
        sql.SQL("DROP TABLE {}").format(name),
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            app_role.execute(statement)
    with pytest.raises(errors.InsufficientPrivilege):
        app_role.execute("SET session_replication_role = replica")


def test_what_it_calls_looks_nothing_up_in_a_callers_schemas(app_role: psycopg.Connection) -> None:
    for name, _, definer, volatility, settings in app_role.execute(_CALLABLE, {"role": "artel_money"}):
        if definer:
            assert "search_path=pg_catalog, pg_temp" in settings, name
        else:
            assert volatility in "is", f"{name} would write with the caller's rights"


def test_no_inner_function_can_be_called(app_role: psycopg.Connection) -> None:
    names = {row[1] for row in app_role.execute(_CALLABLE, {"role": "artel_money"})}
    assert names & INNER == set()
    known = {
        row[0] for row in app_role.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'money'::regnamespace")
    }
    assert known >= INNER
    for statement in (
        "SELECT money.post('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        f"SELECT money.remember('{uuid4()}', 'k', '{{}}')",
        f"SELECT money.fold('{uuid4()}')",
        f"SELECT money.unspend('{uuid4()}', 'EUR', 5)",
        f"SELECT money.resolve_hold('{uuid4()}', '{uuid4()}', 'capture', 5, '')",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            app_role.execute(statement)


def test_nobody_else_may_call_or_read_anything(app_role: psycopg.Connection) -> None:
    """But for analytics, whose view needs two functions that only count."""
    for role in ("artel_auth", "artel_posts", "artel_analytics"):
        names = {row[1] for row in app_role.execute(_CALLABLE, {"role": role})}
        assert names <= ({"balance", "change"} if role == "artel_analytics" else set()), role
        assert app_role.execute(_PRIVILEGES, {"role": role}).fetchall() == []


@pytest.mark.parametrize("amount", [0, -5, -(2**53)])
@pytest.mark.parametrize(
    "call",
    [
        "transfer('{ada}'::uuid, '{key}'::text, 'x'::bytea, '{hers}'::uuid, '{his}'::uuid, {n}::bigint, 'EUR'::text, ''::text)",
        "transfer('{{{ada}}}'::uuid[], '{{{key}}}'::text[], '{{x}}'::bytea[], '{{{hers}}}'::uuid[], '{{{his}}}'::uuid[], '{{{n}}}'::bigint[], '{{EUR}}'::text[], '{{none}}'::text[])",
        "transfer_batch('{ada}', '{key}', 'x', '{{{hers}}}', '{{{his}}}', '{{{n}}}', '{{EUR}}', '{{\"\"}}', true)",
        "hold('{ada}', '{key}', 'x', '{hers}', '{his}', {n}, 'EUR', '', now() + interval '1 day')",
        "capture('{ada}', '{key}', 'x', '{hold}', {n})",
        "refund('{bob}', '{key}', 'x', '{sent}', {n}, '')",
    ],
)
async def test_the_functions_take_no_amount_that_is_not_positive(
    app_role: psycopg.Connection, ada: Person, bob: Person, call: str, amount: int
) -> None:
    """Our own code checks it first; this is for when that is wrong."""
    hers, his = await ada.account(500), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 100, "currency": "EUR"}
    sent = (await ada.post("/v1/money/transfers", order)).json()["id"]
    promise = {"account_id": hers, "payee_account_id": his, "amount": 50, "currency": "EUR"}
    hold = (await ada.post("/v1/money/holds", promise)).json()["id"]
    key = uuid4().hex
    named = {
        "ada": ada.id,
        "bob": bob.id,
        "hers": hers,
        "his": his,
        "sent": sent,
        "hold": hold,
        "key": key,
        "n": amount,
    }
    with pytest.raises(errors.CheckViolation):
        app_role.execute(f"SELECT money.{call.format(**named)}".encode())
    assert (await ada.balance(hers), await bob.balance(his)) == (400, 100)
    assert app_role.execute("SELECT count(*) FROM money.idempotency_keys WHERE key = %s", [key]).fetchone() == (0,)
