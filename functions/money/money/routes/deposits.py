from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from money.errors import AccountNotFound, BalanceTooLarge, CurrencyMismatch
from money.idempotency import IdempotencyKey
from money.routes.access import KEYED, Writer, mark
from money.schemas.deposits import DepositCreate, DepositRead
from money.service import deposits

router = APIRouter(prefix="/deposits", responses=problems(Unauthorized, Forbidden))


@router.post("", status_code=201, responses=problems(*KEYED, AccountNotFound, CurrencyMismatch, BalanceTooLarge))
async def create_deposit(
    order: DepositCreate, key: IdempotencyKey, user: Writer, session: DbSession, response: Response
) -> DepositRead:
    """Put play money from the sandbox provider into one of your accounts."""
    deposit, outcome = await deposits.deposit(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return deposit
