"""Two routes that differ in one thing: whether somebody must be signed in."""

from fastapi import APIRouter
from sqlalchemy import text

from common.db import DbSession
from common.identity import CurrentUser
from common.web import create_app

router = APIRouter()


@router.get("/open")
async def open_route(session: DbSession) -> dict[str, int]:
    return {"answer": int((await session.scalars(text("SELECT 42"))).one())}


@router.get("/closed")
async def closed_route(user: CurrentUser, session: DbSession) -> dict[str, int]:
    return {"answer": int((await session.scalars(text("SELECT 42"))).one())}


app = create_app("auth", router)
