from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from analytics import money_summary
from analytics.errors import InvalidPeriod
from analytics.money_schemas import MoneyCohorts, MoneyKinds, MoneySummary, TurnoverList
from analytics.money_summary import Every
from analytics.routes.access import Administrator, Reader
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter(responses=problems(Unauthorized, Forbidden, InvalidPeriod))

First = Annotated[date | None, Query(alias="from", description="First day, UTC; 30 days before the last.")]
Last = Annotated[date | None, Query(alias="to", description="Last day, UTC; included. Today.")]


@router.get("/money/summary")
async def money_summary_by_period(
    user: Reader,
    session: DbSession,
    account_id: UUID | None = None,
    first: First = None,
    last: Last = None,
    every: Every = "day",
) -> MoneySummary:
    """What came into your accounts and went out, by period and currency, and the balance at the period's end."""
    return MoneySummary(items=await money_summary.by_period(session, user.id, account_id, first, last, every))


@router.get("/money/kinds")
async def money_summary_by_kind(
    user: Reader, session: DbSession, account_id: UUID | None = None, first: First = None, last: Last = None
) -> MoneyKinds:
    """What each kind of transaction brought and took."""
    return MoneyKinds(items=await money_summary.by_kind(session, user.id, account_id, first, last))


@router.get("/admin/money/turnover")
async def money_turnover(
    user: Administrator,  # noqa: ARG001 - who may
    session: DbSession,
    first: First = None,
    last: Last = None,
    every: Every = "day",
) -> TurnoverList:
    """What everybody moved, by period and currency; for administrators."""
    return TurnoverList(items=await money_summary.turnover(session, first, last, every))


@router.get("/admin/money/cohorts")
async def money_cohorts(
    user: Administrator,  # noqa: ARG001 - who may
    session: DbSession,
    first: First = None,
    last: Last = None,
) -> MoneyCohorts:
    """How many of those who came in a month go on: by the month in which their money first moved; for administrators."""
    return MoneyCohorts(items=await money_summary.cohorts(session, first, last))
