"""`/health`: this process answers. `/ready`: so do its databases. `/config.json`: what the page must know."""

import asyncio
import logging
from collections.abc import Mapping
from importlib.metadata import version

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from common.db import transaction
from common.settings import ConfigurationError, Group, settings
from common.web import problem

_log = logging.getLogger("artel.server")
_NO_STORE = {"cache-control": "no-store"}


async def _answers(group: Group) -> bool:
    try:
        async with asyncio.timeout(5), transaction(group) as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError, ConfigurationError):
        _log.warning("not ready", extra={"group": group}, exc_info=True)
        return False
    return True


def routes(groups: Mapping[Group, FastAPI]) -> list[BaseRoute]:
    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def ready(_request: Request) -> Response:
        answers = await asyncio.gather(*map(_answers, groups))
        silent = [group for group, answer in zip(groups, answers, strict=True) if not answer]
        if silent:
            return problem(503, "NotReady", f"The database of {', '.join(silent)} does not answer.", _NO_STORE)
        return JSONResponse({"status": "ok", "groups": list(groups)}, headers=_NO_STORE)

    async def config(_request: Request) -> Response:
        known = {
            "api_url": "",
            "environment": settings().environment,
            "groups": list(groups),
            "version": version("artel"),
        }
        return JSONResponse(known, headers={"cache-control": "no-cache"})

    return [Route("/health", health), Route("/ready", ready), Route("/config.json", config)]
