from fastapi import APIRouter, BackgroundTasks

from auth.client import FromClient
from auth.errors import InvalidMailToken, ReauthenticationRequired, TooManyRequests
from auth.nudge import nudge
from auth.recent_login import RecentlyIn
from auth.schemas.email import EmailAddress, MailProof
from auth.schemas.fields import Accepted
from auth.service import verification
from common.db import DbSession
from common.errors import Unauthorized, problems

router = APIRouter()


@router.post("/verify-email", status_code=204, responses=problems(InvalidMailToken))
async def verify_email(proof: MailProof, session: DbSession, client: FromClient, background: BackgroundTasks) -> None:
    """The link of the first letter was followed: the address is theirs. Older sessions of the account end.

    If people have signed up with this address and different passwords, none of them counts: a letter lets choose one.
    """
    await verification.verify(session, proof.token, client)
    background.add_task(nudge)


@router.post("/verify-email/resend", status_code=202, responses=problems(TooManyRequests))
async def resend_verification(
    order: EmailAddress, session: DbSession, client: FromClient, background: BackgroundTasks
) -> Accepted:
    """The link once more. The answer is the same whether or not there is anything to verify."""
    await verification.resend(session, order.email, client)
    background.add_task(nudge)
    return Accepted(message="If this address waits to be verified, a letter is on its way.")


@router.post("/confirm-email", status_code=204, responses=problems(InvalidMailToken))
async def confirm_email(proof: MailProof, session: DbSession, client: FromClient, background: BackgroundTasks) -> None:
    """The link in the letter to a new address was followed: it is the account's from now on."""
    await verification.confirm_change(session, proof.token, client)
    background.add_task(nudge)


@router.post("/me/email", status_code=202, responses=problems(Unauthorized, ReauthenticationRequired, TooManyRequests))
async def change_email(
    order: EmailAddress, user: RecentlyIn, session: DbSession, client: FromClient, background: BackgroundTasks
) -> Accepted:
    """Ask for another address. It changes when the link in the letter to that address is followed."""
    await verification.ask_for_change(session, user.id, order.email, client)
    background.add_task(nudge)
    return Accepted(message="We have sent a letter to the new address. Follow its link to use the address.")
