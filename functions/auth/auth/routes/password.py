from fastapi import APIRouter, BackgroundTasks, Response

from auth.client import FromClient
from auth.errors import InvalidMailToken, ReauthenticationRequired, TooManyRequests, WeakPassword, WrongPassword
from auth.nudge import nudge
from auth.recent_login import Self
from auth.routes import answers
from auth.schemas.fields import Accepted
from auth.schemas.password import PasswordChange, PasswordForgot, PasswordReset
from auth.schemas.sign_in import Tokens
from auth.service import password
from common.db import DbSession
from common.errors import Unauthorized, problems

router = APIRouter()


@router.post("/password/forgot", status_code=202, responses=problems(TooManyRequests))
async def forgot_password(
    order: PasswordForgot, session: DbSession, client: FromClient, background: BackgroundTasks
) -> Accepted:
    """A letter with a link to choose a new password. The answer is the same whether or not there is an account."""
    await password.forgot(session, order.email, client)
    background.add_task(nudge)
    return Accepted(message="If there is an account with this address, a letter is on its way.")


@router.post("/password/reset", status_code=204, responses=problems(InvalidMailToken, WeakPassword))
async def reset_password(
    order: PasswordReset, session: DbSession, client: FromClient, background: BackgroundTasks
) -> None:
    """Choose a new password with the token of the letter. All sessions and personal access tokens end."""
    await password.reset(session, order, client)
    background.add_task(nudge)


@router.post(
    "/me/password",
    responses=problems(Unauthorized, WrongPassword, ReauthenticationRequired, WeakPassword, TooManyRequests),
)
async def change_password(
    order: PasswordChange,
    user: Self,
    response: Response,
    session: DbSession,
    client: FromClient,
    background: BackgroundTasks,
) -> Tokens:
    """Change the password. All sessions end, this one too; the answer is a new one."""
    granted = await password.change(session, user.id, user.session_id, order, client)
    background.add_task(nudge)
    return answers.tokens(response, granted, order.transport)
