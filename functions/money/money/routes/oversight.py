"""The books as a whole, and the rules they are kept by."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from money.errors import FeeRuleNotFound, LimitNotFound, UnknownCurrency
from money.routes.access import Administrator
from money.schemas.administration import (
    Because,
    CheckList,
    FeeRuleCreate,
    FeeRuleList,
    FeeRuleRead,
    LimitList,
    LimitRead,
    LimitSet,
    SealCheck,
    TrialBalance,
)
from money.service import administration

router = APIRouter(prefix="/admin", responses=problems(Unauthorized, Forbidden))


@router.get("/trial-balance")
async def read_trial_balance(_admin: Administrator, session: DbSession) -> TrialBalance:
    """Debits and credits over all accounts, and whatever breaks a rule of the ledger."""
    return await administration.trial_balance(session)


@router.get("/seals/verify")
async def verify_seals(
    _admin: Administrator,
    session: DbSession,
    start: Annotated[
        int, Query(ge=1, le=2**53, alias="from", description="Position of the first seal to look at.")
    ] = 1,
) -> SealCheck:
    """Look through the hash chain over all transactions, up to 50,000 of them, and name the first that was altered."""
    return await administration.verify_seals(session, start)


@router.get("/checks")
async def list_checks(_admin: Administrator, session: DbSession) -> CheckList:
    """What the scheduled checks of the books found last, and when they are due again."""
    return CheckList(items=await administration.checks(session))


@router.get("/fee-rules")
async def list_fee_rules(_admin: Administrator, session: DbSession) -> FeeRuleList:
    """The fee rules in force."""
    return FeeRuleList(items=await administration.fee_rules(session))


@router.put("/fee-rules", responses=problems(UnknownCurrency))
async def set_fee_rule(rule: FeeRuleCreate, admin: Administrator, session: DbSession) -> FeeRuleRead:
    """Put a rule in force, instead of the one for the same operation and currency."""
    return await administration.set_fee_rule(session, admin.id, rule)


@router.post("/fee-rules/{rule_id}/end", status_code=204, responses=problems(FeeRuleNotFound))
async def end_fee_rule(rule_id: UUID, why: Because, admin: Administrator, session: DbSession) -> None:
    """Take no such fee any more."""
    await administration.end_fee_rule(session, admin.id, rule_id, why.reason)


@router.get("/limits")
async def list_limits(_admin: Administrator, session: DbSession) -> LimitList:
    """What may be sent at once and in a day, by currency: everybody's, and of people with a limit of their own."""
    return LimitList(items=await administration.limits(session))


@router.put("/limits", responses=problems(UnknownCurrency))
async def set_limit(limit: LimitSet, admin: Administrator, session: DbSession) -> LimitRead:
    """Limit what one person, or everybody without a limit of their own, may send in a currency."""
    return await administration.set_limit(session, admin.id, limit)


@router.post("/limits/{limit_id}/remove", status_code=204, responses=problems(LimitNotFound))
async def remove_limit(limit_id: UUID, why: Because, admin: Administrator, session: DbSession) -> None:
    """Let it go."""
    await administration.remove_limit(session, admin.id, limit_id, why.reason)
