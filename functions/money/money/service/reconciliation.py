from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money_reconciliation import Reconciliation, ReconciliationLine
from common.pagination import Page, decode_cursor, page
from money import reconciling
from money.errors import ProviderUnavailable, UnknownProvider
from money.provider import Unreachable, enabled
from money.schemas.reconciliation import ReconciliationLineRead, ReconciliationRead

_SHOWN = 100


async def run(actor: UUID, provider: str | None) -> list[ReconciliationRead]:
    """Up to now. Done twice, it moves nothing the second time."""
    if provider is not None and provider not in enabled():
        raise UnknownProvider
    made: list[Reconciliation] = []
    for name in [provider] if provider else enabled():
        try:
            made += await reconciling.run(name, actor, datetime.now(UTC))
        except Unreachable as problem:
            raise ProviderUnavailable from problem
    async with transaction("money") as session:
        return await _with_lines(session, made)


async def list_all(
    session: AsyncSession, provider: str | None, status: str | None, cursor: str | None, limit: int
) -> Page[ReconciliationRead]:
    """Newest first."""
    query = select(Reconciliation).order_by(Reconciliation.id.desc()).limit(limit + 1)
    if provider:
        query = query.where(Reconciliation.provider == provider)
    if status:
        query = query.where(Reconciliation.status == status)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Reconciliation.id < before)
    runs = (await session.scalars(query)).all()
    read = {each.id: each for each in await _with_lines(session, runs[:limit])}
    return page(runs, limit, lambda made: read[made.id], lambda made: [made.id])


async def _with_lines(session: AsyncSession, runs: Sequence[Reconciliation]) -> list[ReconciliationRead]:
    found = await session.scalars(
        select(ReconciliationLine)
        .where(
            ReconciliationLine.reconciliation_id.in_([made.id for made in runs]), ReconciliationLine.number <= _SHOWN
        )
        .order_by(ReconciliationLine.number)
    )
    lines: dict[UUID, list[ReconciliationLineRead]] = {made.id: [] for made in runs}
    for line in found:
        lines[line.reconciliation_id].append(ReconciliationLineRead.model_validate(line))
    return [_read(made, lines[made.id]) for made in runs]


def _read(made: Reconciliation, lines: list[ReconciliationLineRead]) -> ReconciliationRead:
    values = {name: getattr(made, name) for name in ReconciliationRead.model_fields if name != "lines"}
    if made.created_by == reconciling.NOBODY:
        values["created_by"] = None
    return ReconciliationRead(**values, lines=lines)
