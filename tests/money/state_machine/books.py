"""The real ledger, in a database of its own, asked as the app asks: the functions of schema money, as the role artel_money."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy.engine import make_url

from money import gathering

type Answer = dict[str, Any]
_ARRIVE = Path(__file__).with_name("arrive.sql")
_TABLES = (
    "accounts transactions entries deltas outbox seals idempotency_keys holds hold_resolutions returns fee_rules limits"
    " spent events actions adjustments"
)


@dataclass(frozen=True)
class Request:
    """One that has a key. `args`: what the function takes after principal, key and fingerprint."""

    function: str
    principal: UUID
    key: str
    args: tuple[Any, ...]
    fingerprint: bytes = field(default=b"")

    def __post_init__(self) -> None:
        if not self.fingerprint:
            given = hashlib.sha256(repr((self.function, self.args)).encode()).digest()
            object.__setattr__(self, "fingerprint", given)


class Books:
    def __init__(self, url: str) -> None:
        self.url = url
        at = make_url(url)
        where = {"dbname": at.database, "host": str(at.query["host"]), "autocommit": True}
        self.app = psycopg.connect(user="artel_money", row_factory=dict_row, **where)  # type: ignore[arg-type]
        self.superuser = psycopg.connect(user="postgres", row_factory=dict_row, **where)  # type: ignore[arg-type]
        # A superuser only to begin anew: nothing else gets past the rules that keep what is there.
        self.superuser.execute("SET session_replication_role = replica")

    @classmethod
    def of(cls, url: str) -> "Books":
        """For a database that nobody has asked before."""
        made = cls(url)
        made.superuser.execute(_ARRIVE.read_text())
        return made

    def close(self) -> None:
        self.app.close()
        self.superuser.close()

    @contextmanager
    def beside(self) -> Iterator["Books"]:
        """Another pair of connections to the same ledger."""
        made = Books(self.url)
        try:
            yield made
        finally:
            made.close()

    def begin_anew(self) -> None:
        tables = sql.SQL(", ").join(sql.Identifier("money", name) for name in _TABLES.split())
        self.superuser.execute(sql.SQL("TRUNCATE {}, analytics.money_daily CASCADE").format(tables))
        self.superuser.execute("UPDATE analytics.money_rolled SET position = 0")

    def rows(self, query: str, *args: Any) -> list[dict[str, Any]]:
        return self.app.execute(query.encode(), args or None).fetchall()

    def value(self, function: str, *args: Any) -> Any:
        """What a function answers that needs no key."""
        places = ", ".join(["%s"] * len(args))
        (row,) = self.rows(f"SELECT money.{function}({places}) AS it", *args)
        return row["it"]

    def row(self, function: str, *args: Any) -> Answer:
        places = ", ".join(["%s"] * len(args))
        (row,) = self.rows(f"SELECT * FROM money.{function}({places})", *args)
        return row

    def request(self, asked: Request) -> Answer:
        key = (asked.principal, asked.key, asked.fingerprint)
        if asked.function == "transfer":
            return self.rows(gathering._ALONE, *key, *asked.args)[0]
        return dict(self.value(asked.function, *key, *asked.args))

    def transfers(self, asked: Sequence[Request]) -> list[Answer]:
        """Those of several requests in one call, as a server under load does."""
        rows = [(one.principal, one.key, one.fingerprint, *one.args) for one in asked]
        return self.rows(gathering._TOGETHER, *(list(column) for column in zip(*rows, strict=True)))

    def let_expire(self, hold: str) -> None:
        """Time passes for this hold."""
        self.superuser.execute(
            "UPDATE money.holds SET expires_at = clock_timestamp() - interval '1 second' WHERE id = %s", [hold]
        )
