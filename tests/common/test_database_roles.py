"""Each group's role reaches its own schema and no other: PostgreSQL says so, not our code."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy.engine import make_url

GROUPS = ("auth", "money", "posts", "analytics")


@pytest.fixture
def tables(owner_connection: psycopg.Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    rows = owner_connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname = ANY(%s)",
        [list(GROUPS)],
    )
    for schema, table in rows:
        found[schema].append(table)
    return found


@pytest.fixture(params=GROUPS)
def group(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def as_group(database: str, group: str) -> Iterator[psycopg.Connection]:
    url = make_url(database)
    host = str(url.query["host"])
    with psycopg.connect(user=f"artel_{group}", dbname=url.database, host=host, autocommit=True) as connection:
        yield connection


def test_a_role_cannot_read_or_write_another_groups_tables(
    as_group: psycopg.Connection, group: str, tables: dict[str, list[str]]
) -> None:
    tried = 0
    for other in GROUPS:
        for table in tables[other] if other != group else []:
            name = sql.Identifier(other, table)
            for statement in ("SELECT * FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES", "TRUNCATE {}"):
                with pytest.raises(errors.InsufficientPrivilege):
                    as_group.execute(sql.SQL(statement).format(name))
                tried += 1
    assert tried >= 4 * 3


def test_a_role_cannot_become_another(as_group: psycopg.Connection, group: str) -> None:
    for other in {"artel_owner", *(f"artel_{g}" for g in GROUPS)} - {f"artel_{group}"}:
        with pytest.raises(errors.InsufficientPrivilege):
            as_group.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(other)))


def test_a_role_cannot_make_tables_anywhere(as_group: psycopg.Connection) -> None:
    for schema in ("public", "identity", "artel", *GROUPS):
        with pytest.raises(errors.InsufficientPrivilege):
            as_group.execute(sql.SQL("CREATE TABLE {} (x int)").format(sql.Identifier(schema, "mine")))


def test_the_owner_of_the_tables_cannot_log_in(database: str) -> None:
    url = make_url(database)
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(user="artel_owner", dbname=url.database, host=str(url.query["host"]))
