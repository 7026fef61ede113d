from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from common.errors import Forbidden, Unauthorized, problems
from money.errors import AccountNotFound, InvalidPeriod, StatementTooLong
from money.routes.access import Reader
from money.schemas.statements import Format, StatementRead
from money.service import statements
from money.statement_files.amounts import Language

router = APIRouter(prefix="/accounts", responses=problems(Unauthorized, Forbidden))

_CSV = "text/csv; charset=utf-8"
_FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_Day = Annotated[date | None, Query(ge=date(1970, 1, 1), le=date(9998, 12, 31))]


@router.get(
    "/{account_id}/statement",
    response_model=StatementRead,
    responses={
        200: {"content": dict.fromkeys(_FILES, _BINARY)},
        **problems(AccountNotFound, InvalidPeriod, StatementTooLong),
    },
)
async def read_statement(
    account_id: UUID,
    user: Reader,
    since: Annotated[
        _Day, Query(alias="from", description="First day (UTC). The first of the month, if absent.")
    ] = None,
    until: Annotated[_Day, Query(alias="to", description="Last day (UTC), inclusive. Today, if absent.")] = None,
    form: Annotated[Format, Query(alias="format")] = "json",
    lang: Annotated[Language, Query(description="Of the words in a file.")] = "en",
) -> StatementRead | Response:
    """What the account had, what came and went, and what it has, over at most a year.

    Figures in files are exact decimal numbers; in JSON, integers of minor units. An entry belongs to the day on which the
    account got it.
    """
    statement = await statements.make(user.id, account_id, since, until)
    if form == "json":
        return await statements.read(statement)
    headers = {
        "Content-Disposition": f'attachment; filename="{statement.filename}.{form}"',
        "Cache-Control": "private, no-store",
    }
    if form == "csv":
        return StreamingResponse(statements.as_csv(statement, lang), media_type=_CSV, headers=headers)
    content, content_type = await statements.as_file(statement, form, lang)
    return Response(content, media_type=content_type, headers=headers)
