"""Liveness (the process answers) and readiness (its database does too)."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from common.db import DbSession
from common.errors import ServiceUnavailable, problems

router = APIRouter()


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/health")
async def health() -> Health:
    """Alive."""
    return Health()


@router.get("/ready", responses=problems(ServiceUnavailable))
async def ready(session: DbSession) -> Health:
    """Alive, and its database answers."""
    await session.execute(text("SELECT 1"))
    return Health()
