from fastapi import APIRouter, BackgroundTasks, Response

from auth.client import FromClient
from auth.errors import (
    EmailNotVerified,
    InvalidChallenge,
    InvalidCode,
    ReauthenticationRequired,
    TooManyRequests,
    TotpAlreadyOn,
    TotpNotOn,
    WrongCode,
)
from auth.nudge import nudge
from auth.recent_login import RecentlyIn, Self
from auth.routes import answers
from auth.schemas.mfa import Factors, MfaLogin, RecoveryCodes, TotpConfirm, TotpSecret
from auth.schemas.sign_in import Tokens
from auth.service import mfa
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter()
_CLOSED = problems(Unauthorized, Forbidden, ReauthenticationRequired)


@router.post("/login/mfa", responses=problems(InvalidChallenge, InvalidCode, TooManyRequests))
async def login_mfa(
    order: MfaLogin, response: Response, session: DbSession, client: FromClient, background: BackgroundTasks
) -> Tokens:
    """The second half of a sign-in: a code of the authenticator app, or a recovery code. Five tries a challenge."""
    granted = await mfa.login(session, order, client)
    background.add_task(nudge)
    return answers.tokens(response, granted, order.transport)


@router.get("/me/mfa", responses=problems(Unauthorized, Forbidden))
async def read_factors(user: Self, session: DbSession) -> Factors:
    """Which second factors the account has."""
    return await mfa.factors(session, user.id)


@router.post("/me/mfa/totp", status_code=201, responses=_CLOSED | problems(TotpAlreadyOn, EmailNotVerified))
async def begin_totp(user: RecentlyIn, session: DbSession, response: Response) -> TotpSecret:
    """A secret for an authenticator app. It counts once a code of it is confirmed."""
    response.headers["Cache-Control"] = "no-store"
    return await mfa.begin_totp(session, user.id)


@router.post(
    "/me/mfa/totp/confirm",
    responses=problems(Unauthorized, WrongCode, Forbidden, EmailNotVerified, TotpAlreadyOn, TotpNotOn, TooManyRequests),
)
async def confirm_totp(
    order: TotpConfirm,
    user: RecentlyIn,
    session: DbSession,
    client: FromClient,
    response: Response,
    background: BackgroundTasks,
) -> RecoveryCodes:
    """Turn it on with a first code. The answer is ten recovery codes, shown this once."""
    response.headers["Cache-Control"] = "no-store"
    codes = await mfa.confirm_totp(session, user.id, order.code, client)
    background.add_task(nudge)
    return RecoveryCodes(recovery_codes=codes)


@router.delete("/me/mfa/totp", status_code=204, responses=_CLOSED | problems(TotpNotOn))
async def turn_totp_off(user: RecentlyIn, session: DbSession, client: FromClient, background: BackgroundTasks) -> None:
    """Sign in with the password alone again. The recovery codes go with it."""
    await mfa.turn_totp_off(session, user.id, client)
    background.add_task(nudge)


@router.post("/me/mfa/recovery-codes", responses=_CLOSED | problems(TotpNotOn))
async def new_recovery_codes(
    user: RecentlyIn, session: DbSession, client: FromClient, response: Response
) -> RecoveryCodes:
    """Ten new ones; the old ones are void."""
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodes(recovery_codes=await mfa.new_recovery_codes(session, user.id, client))
