from typing import Literal

from fastapi import APIRouter

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import ProviderUnavailable, UnknownProvider
from money.routes.access import Administrator
from money.schemas.reconciliation import ReconciliationCreate, ReconciliationList, ReconciliationRead
from money.service import reconciliation

router = APIRouter(prefix="/admin/reconciliation", responses=problems(Unauthorized, Forbidden))


@router.get("", responses=problems(InvalidCursor))
async def list_reconciliations(
    _admin: Administrator,
    session: DbSession,
    provider: str | None = None,
    status: Literal["agrees", "differs"] | None = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[ReconciliationRead]:
    """How providers' own lists compare with our books, newest first, with what does not match."""
    return await reconciliation.list_all(session, provider, status, cursor, limit)


@router.post("", responses=problems(UnknownProvider, ProviderUnavailable))
async def reconcile(admin: Administrator, order: ReconciliationCreate | None = None) -> ReconciliationList:
    """Compare now and not only tonight. What only the provider has goes into suspense, once, however often this is done."""
    return ReconciliationList(items=await reconciliation.run(admin.id, order.provider if order else None))
