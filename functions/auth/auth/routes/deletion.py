from fastapi import APIRouter, BackgroundTasks, Response

from auth import cookies
from auth.client import FromClient
from auth.errors import InvalidMailToken, LastAdministrator, NotConfirmed, ReauthenticationRequired
from auth.nudge import nudge
from auth.recent_login import RecentlyIn
from auth.schemas.deletion import Deletion, Restoration
from auth.service import deletion
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter()


@router.delete(
    "/me",
    status_code=204,
    responses=problems(Unauthorized, Forbidden, ReauthenticationRequired, LastAdministrator, NotConfirmed),
)
async def delete_me(
    order: Deletion,
    user: RecentlyIn,
    session: DbSession,
    client: FromClient,
    response: Response,
    background: BackgroundTasks,
) -> None:
    """Delete your account. A letter has a link that brings it back for 30 days; then all that is yours is erased."""
    await deletion.ask(session, user.id, order.confirm, client)
    cookies.drop(response)
    background.add_task(nudge)


@router.post("/restore", status_code=204, responses=problems(InvalidMailToken))
async def restore(order: Restoration, session: DbSession, client: FromClient, background: BackgroundTasks) -> None:
    """Bring a deleted account back, with the token of the letter."""
    await deletion.restore(session, order.token, client)
    background.add_task(nudge)
