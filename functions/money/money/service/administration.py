"""What administrators see and do. Each act is noted with who did it and why."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.models.money import ACCOUNT_STATUS, Seal
from common.models.money_rules import Action, Adjustment, Check, FeeRule, Limit
from common.pagination import Page, decode_cursor, page
from money import ledger
from money.errors import AccountNotFound, AdjustmentNotFound, FeeRuleNotFound, LimitNotFound, UnknownCurrency, refusal
from money.ledger import Outcome
from money.schemas.accounts import Status
from money.schemas.administration import (
    AccountRow,
    AccountSettings,
    ActionRead,
    AdjustmentCreate,
    AdjustmentRead,
    Because,
    CheckRead,
    FeeRuleCreate,
    FeeRuleRead,
    LimitRead,
    LimitSet,
    Reversed,
    SealCheck,
    TrialBalance,
    TrialBalanceLine,
    Violation,
)
from money.standing import STANDING

_KNOWN_CURRENCY = text("SELECT EXISTS (SELECT FROM money.currencies WHERE code = :code)")
_TRIAL_BALANCE = text("""
    SELECT currency, coalesce(code, 'people') AS account, count(*) AS accounts,
        sum(debits)::bigint AS debits, sum(credits)::bigint AS credits
    FROM (
        SELECT currency, code, debits, credits FROM money.accounts
        UNION ALL
        SELECT d.currency, a.code,
            CASE d.side WHEN 'debit' THEN d.amount ELSE 0 END, CASE d.side WHEN 'credit' THEN d.amount ELSE 0 END
        FROM money.deltas AS d JOIN money.accounts AS a ON a.id = d.account_id
    ) AS everything
    GROUP BY currency, code ORDER BY currency, code NULLS FIRST""")
_VIOLATIONS = text("SELECT invariant, detail FROM money.violations() LIMIT 1000")
_SEALS = text("SELECT checked_to, head, wrong, transaction_id, account_id FROM money.verify_seals(:first, :most)")
MOST_SEALS = 50_000
"""Looked at in one request: some five seconds."""


async def account(session: AsyncSession, account_id: UUID) -> AccountRow:
    row = (await session.execute(select(STANDING).where(STANDING.c.id == account_id))).one_or_none()
    if row is None:
        raise AccountNotFound
    return _row(row)


def _row(row: Any) -> AccountRow:
    values = {name: getattr(row, name) for name in AccountRow.model_fields if name != "held"}
    return AccountRow(**values, held=row.really_held)


async def accounts(
    session: AsyncSession, owner_id: UUID | None, status: Status | None, cursor: str | None, limit: int, *, own: bool
) -> Page[AccountRow]:
    """Newest first. `own`: Artel's."""
    query = select(STANDING).order_by(STANDING.c.id.desc()).limit(limit + 1)
    if own:
        query = query.where(STANDING.c.code.is_not(None))
    if owner_id:
        query = query.where(STANDING.c.owner_id == owner_id)
    if status:
        query = query.where(STANDING.c.status == cast(status, ACCOUNT_STATUS))
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(STANDING.c.id < before)
    return page((await session.execute(query)).all(), limit, _row, lambda row: [row.id])


async def set_status(session: AsyncSession, actor: UUID, account_id: UUID, status: Status, reason: str) -> AccountRow:
    asked = func.money.set_status(actor, None, account_id, cast(status, ACCOUNT_STATUS), reason)
    refused = await session.scalar(select(asked))
    if refused is not None:
        raise refusal(refused)
    return await account(session, account_id)


async def configure(session: AsyncSession, actor: UUID, account_id: UUID, change: AccountSettings) -> AccountRow:
    asked = func.money.configure(actor, account_id, change.overdraft, change.hot, change.reason)
    refused = await session.scalar(select(asked))
    if refused is not None:
        raise refusal(refused)
    return await account(session, account_id)


async def propose(
    session: AsyncSession, actor: UUID, key: Key, order: AdjustmentCreate
) -> tuple[AdjustmentRead, Outcome]:
    request = key.request(actor, "propose_adjustment", order)
    values = (order.account_id, order.amount, order.currency, order.reason)
    outcome = await ledger.call(session, "propose_adjustment", request, *values)
    return await adjustment(session, outcome.id("adjustment_id")), outcome


async def decide(
    session: AsyncSession, actor: UUID, key: Key, adjustment_id: UUID, *, approve: bool
) -> tuple[AdjustmentRead, Outcome]:
    request = key.request(actor, "approve_adjustment" if approve else "reject_adjustment", adjustment_id)
    outcome = await ledger.call(session, "decide_adjustment", request, adjustment_id, approve)
    return await adjustment(session, adjustment_id), outcome


_ADJUSTMENTS = select(
    Adjustment.__table__,
    case(
        (Adjustment.decided_by.is_(None), "proposed"), (Adjustment.transaction_id.is_(None), "rejected"), else_="posted"
    ).label("status"),
)


async def adjustment(session: AsyncSession, adjustment_id: UUID) -> AdjustmentRead:
    row = (await session.execute(_ADJUSTMENTS.where(Adjustment.id == adjustment_id))).one_or_none()
    if row is None:
        raise AdjustmentNotFound
    return AdjustmentRead.model_validate(row)


async def adjustments(session: AsyncSession, cursor: str | None, limit: int) -> Page[AdjustmentRead]:
    query = _ADJUSTMENTS.order_by(Adjustment.id.desc()).limit(limit + 1)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Adjustment.id < before)
    rows = (await session.execute(query)).all()
    return page(rows, limit, AdjustmentRead.model_validate, lambda row: [row.id])


async def _know(session: AsyncSession, currency: str) -> None:
    if not await session.scalar(_KNOWN_CURRENCY, {"code": currency}):
        raise UnknownCurrency


async def set_fee_rule(session: AsyncSession, actor: UUID, rule: FeeRuleCreate) -> FeeRuleRead:
    await _know(session, rule.currency)
    values = (rule.operation, rule.currency, rule.flat, rule.rate, rule.minimum, rule.maximum, rule.reason)
    made = await session.scalar(select(func.money.set_fee_rule(actor, *values)))
    return FeeRuleRead.model_validate(await session.get_one(FeeRule, made))


async def fee_rules(session: AsyncSession) -> list[FeeRuleRead]:
    in_force = select(FeeRule).where(FeeRule.ended_at.is_(None)).order_by(FeeRule.currency, FeeRule.operation)
    return [FeeRuleRead.model_validate(rule) for rule in await session.scalars(in_force)]


async def end_fee_rule(session: AsyncSession, actor: UUID, rule_id: UUID, reason: str) -> None:
    if not await session.scalar(select(func.money.end_fee_rule(actor, rule_id, reason))):
        raise FeeRuleNotFound


async def set_limit(session: AsyncSession, actor: UUID, limit: LimitSet) -> LimitRead:
    await _know(session, limit.currency)
    values = (limit.owner_id, limit.currency, limit.per_operation, limit.per_day, limit.reason)
    made = await session.scalar(select(func.money.set_limit(actor, *values)))
    return LimitRead.model_validate(await session.get_one(Limit, made))


async def limits(session: AsyncSession) -> list[LimitRead]:
    everything = select(Limit).order_by(Limit.currency, Limit.owner_id.nulls_first())
    return [LimitRead.model_validate(limit) for limit in await session.scalars(everything)]


async def remove_limit(session: AsyncSession, actor: UUID, limit_id: UUID, reason: str) -> None:
    if not await session.scalar(select(func.money.remove_limit(actor, limit_id, reason))):
        raise LimitNotFound


async def trial_balance(session: AsyncSession) -> TrialBalance:
    lines = [TrialBalanceLine(**row) for row in (await session.execute(_TRIAL_BALANCE)).mappings()]
    violations = [Violation(**row) for row in (await session.execute(_VIOLATIONS)).mappings()]
    return TrialBalance(lines=lines, balanced=not violations, violations=violations)


async def verify_seals(session: AsyncSession, first: int) -> SealCheck:
    row = (await session.execute(_SEALS, {"first": first, "most": MOST_SEALS})).one()
    last = await session.scalar(select(func.coalesce(func.max(Seal.position), 0)))
    return SealCheck(
        ok=row.wrong is None,
        complete=row.wrong is None and row.checked_to >= (last or 0),
        checked_to=row.checked_to,
        hash=row.head.hex(),
        problem=row.wrong,
        transaction_id=row.transaction_id,
        account_id=row.account_id,
    )


async def checks(session: AsyncSession) -> list[CheckRead]:
    return [CheckRead.model_validate(check) for check in await session.scalars(select(Check).order_by(Check.name))]


async def actions(session: AsyncSession, subject: UUID | None, cursor: str | None, limit: int) -> Page[ActionRead]:
    wanted: list[ColumnElement[bool]] = [Action.subject == subject] if subject else []
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        wanted.append(Action.id < before)
    query = select(Action).where(*wanted).order_by(Action.id.desc()).limit(limit + 1)
    rows = (await session.scalars(query)).all()
    return page(rows, limit, ActionRead.model_validate, lambda action: [action.id])


async def reverse(
    session: AsyncSession, actor: UUID, key: Key, transfer_id: UUID, order: Because
) -> tuple[Reversed, Outcome]:
    request = key.request(actor, "admin_reverse", transfer_id, order)
    outcome = await ledger.call(session, "reverse", request, transfer_id, order.reason, True)
    return Reversed(id=outcome.id("transaction_id"), original_id=transfer_id), outcome
