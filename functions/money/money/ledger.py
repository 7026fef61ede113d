"""The database's functions, one call each. What they refuse is an error here and stays stored there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import REPLAYED, Request
from money.errors import RequestInProgress, refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """`data` is what the function has stored under the key. `replayed`: the effect is an earlier request's."""

    data: dict[str, Any]
    replayed: bool

    def id(self, name: str) -> UUID:
        return UUID(self.data[name])


@contextmanager
def in_progress() -> Iterator[None]:
    """A key whose twin has not ended after the lock timeout is said to be in progress. Nothing was done."""
    try:
        yield
    except OperationalError as error:
        diagnosis = getattr(error.orig, "diag", None)
        if diagnosis and diagnosis.sqlstate == "55P03" and "idempotency_keys" in (diagnosis.context or ""):
            raise RequestInProgress from error
        raise


async def call(session: AsyncSession, name: str, request: Request, *args: Any) -> Outcome:
    """`money.<name>(principal, key, fingerprint, *args)`. Raises what it refuses, which is kept: the key's answer from now on.

    Past SQLAlchemy's statements: of a batch's fifty lines, binding took longer than reading the request.
    """
    given = (request.principal, request.key, request.fingerprint, *args)
    statement = f"SELECT money.{name}({', '.join(['%s'] * len(given))})"
    with in_progress():
        connection = await session.connection()
        data: dict[str, Any] = (await connection.exec_driver_sql(statement, given)).scalar_one()
    replayed = bool(data.get("replayed"))
    if "refused" in data:
        raise refusal(data["refused"])(headers=REPLAYED if replayed else None, keep=True)
    return Outcome(data, replayed)
