from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Request, Response

from auth.client import FromClient
from auth.errors import (
    EmailNotVerified,
    InvalidChallenge,
    InvalidPasskey,
    LastWayIn,
    PasskeyAlreadyKnown,
    PasskeyNotAccepted,
    PasskeyNotFound,
    ReauthenticationRequired,
    TooManyRequests,
    TooManyThings,
)
from auth.nudge import nudge
from auth.recent_login import RecentlyIn, Self
from auth.routes import answers
from auth.schemas.passkeys import Ceremony, PasskeyCreate, PasskeyList, PasskeyLogin, PasskeyRead, PasskeyRename
from auth.schemas.sign_in import Tokens
from auth.service import passkey_sign_in, passkeys
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter()
_CLOSED = problems(Unauthorized, Forbidden, ReauthenticationRequired)


@router.post("/login/passkey/options", responses=problems(TooManyRequests))
async def passkey_login_options(session: DbSession, client: FromClient, response: Response) -> Ceremony:
    """What to ask the browser's authenticator, without saying who you are."""
    response.headers["Cache-Control"] = "no-store"
    return await passkey_sign_in.request(session, client)


@router.post("/login/passkey/verify", responses=problems(InvalidChallenge, InvalidPasskey, TooManyRequests))
async def passkey_login(
    order: PasskeyLogin, request: Request, response: Response, session: DbSession, client: FromClient
) -> Tokens:
    """Sign in with a passkey. It is a second factor in itself, so no code is asked for."""
    order.device_token = answers.device_token(order, request)
    return answers.tokens(response, await passkey_sign_in.login(session, order, client), order.transport)


@router.get("/me/passkeys", responses=problems(Unauthorized, Forbidden))
async def list_passkeys(user: Self, session: DbSession) -> PasskeyList:
    """Your passkeys."""
    found = await passkeys.of_person(session, user.id)
    return PasskeyList(items=[PasskeyRead.model_validate(passkey) for passkey in found])


@router.post("/me/passkeys/options", responses=_CLOSED | problems(EmailNotVerified, TooManyThings))
async def passkey_options(user: RecentlyIn, session: DbSession, response: Response) -> Ceremony:
    """What to ask the browser's authenticator to make a passkey."""
    response.headers["Cache-Control"] = "no-store"
    return await passkeys.creation(session, user.id)


@router.post(
    "/me/passkeys",
    status_code=201,
    responses=_CLOSED
    | problems(EmailNotVerified, PasskeyNotAccepted, PasskeyAlreadyKnown, TooManyRequests, TooManyThings),
)
async def add_passkey(
    order: PasskeyCreate, user: RecentlyIn, session: DbSession, client: FromClient, background: BackgroundTasks
) -> PasskeyRead:
    """Keep the passkey that the authenticator has made."""
    made = await passkeys.add(session, user.id, order, client)
    background.add_task(nudge)
    return PasskeyRead.model_validate(made)


@router.patch("/me/passkeys/{passkey_id}", responses=problems(Unauthorized, Forbidden, PasskeyNotFound))
async def rename_passkey(passkey_id: UUID, order: PasskeyRename, user: Self, session: DbSession) -> PasskeyRead:
    """Call it something else."""
    return PasskeyRead.model_validate(await passkeys.rename(session, user.id, passkey_id, order.name))


@router.delete("/me/passkeys/{passkey_id}", status_code=204, responses=_CLOSED | problems(PasskeyNotFound, LastWayIn))
async def remove_passkey(
    passkey_id: UUID, user: RecentlyIn, session: DbSession, client: FromClient, background: BackgroundTasks
) -> None:
    """It signs nobody in any more."""
    await passkeys.remove(session, user.id, passkey_id, client)
    background.add_task(nudge)
