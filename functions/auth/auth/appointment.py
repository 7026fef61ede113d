"""The first administrator, who can be appointed by nobody in the API: by a command of whoever runs the system."""

from auth import audit, roles
from auth.accounts import by_email, may_sign_in
from common.db import transaction
from common.errors import AppError


class CannotAppoint(AppError):
    """There is no account with this address that is verified and can sign in."""

    status = 409


async def appoint(email: str, role: str) -> list[str]:
    """The roles the account has then. Raises CannotAppoint, UnknownRole."""
    async with transaction("auth") as session:
        user = await by_email(session, email)
        if user is None or not may_sign_in(user) or user.email_verified_at is None:
            raise CannotAppoint
        user.roles = roles.known([*user.roles, role])
        await session.flush()
        await audit.note(session, "roles_changed", user.id, actor_id="nobody", roles=user.roles, by="command")
        return user.roles
