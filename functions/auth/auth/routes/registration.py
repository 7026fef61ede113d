from fastapi import APIRouter, BackgroundTasks

from auth.client import FromClient
from auth.errors import TooManyRequests, WeakPassword
from auth.nudge import nudge
from auth.schemas.fields import Accepted
from auth.schemas.registration import Register
from auth.service import registration
from common.db import DbSession
from common.errors import problems

router = APIRouter()


@router.post("/register", status_code=202, responses=problems(WeakPassword, TooManyRequests))
async def register(order: Register, session: DbSession, client: FromClient, background: BackgroundTasks) -> Accepted:
    """Create an account. The answer is the same whether or not the address already has one; its owner gets a letter."""
    await registration.register(session, order, client)
    background.add_task(nudge)
    return Accepted(message="Thank you. We have sent a letter to this address.")
