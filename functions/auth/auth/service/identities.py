"""The outside accounts that somebody signs in with: connecting them, and taking them away again."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, outbox, ways_in
from auth.client import Client
from auth.errors import EmailNotVerified, IdentityNotFound, IdentityTaken, TooManyThings
from auth.oidc import providers, visits
from auth.oidc.id_token import Outsider
from auth.oidc.visits import Visit
from auth.schemas.external import IdentityRead, Return
from auth.service import external
from common.models.auth import User
from common.models.auth_proofs import ExternalIdentity

_MOST = 10


async def of(session: AsyncSession, user_id: UUID) -> list[IdentityRead]:
    """In the order they were connected."""
    mine = select(ExternalIdentity).where(ExternalIdentity.user_id == user_id).order_by(ExternalIdentity.id)
    return [IdentityRead.model_validate(each, from_attributes=True) for each in await session.scalars(mine)]


async def start(session: AsyncSession, user_id: UUID, name: str, browser: str | None, client: Client) -> Visit:
    """Raises EmailNotVerified and what service.external.start does."""
    provider = providers.provider_of(name)
    await _verified(session, user_id)
    await external.count(client)
    return await visits.begin(session, "oidc-link", provider, browser, user_id)


async def finish(
    session: AsyncSession, user_id: UUID, name: str, back: Return, browser: str | None, client: Client
) -> list[IdentityRead]:
    """Connecting the same account again changes nothing. Raises IdentityTaken, TooManyThings, what visits.end does."""
    provider = providers.provider_of(name)
    await external.count(client)
    outsider = await visits.end("oidc-link", provider, back, browser, user_id)
    user = await _verified(session, user_id, lock=True)
    if await _connect(session, user, provider.name, outsider):
        await audit.note(session, "identity_linked", user_id, client, provider=provider.name)
        await outbox.put(session, letters.new_factor(user.email, user.display_name, user.locale, "identity"))
    return await of(session, user_id)


async def _connect(session: AsyncSession, user: User, provider: str, outsider: Outsider) -> bool:
    number = select(func.count()).select_from(ExternalIdentity).where(ExternalIdentity.user_id == user.id)
    if (await session.scalar(number) or 0) >= _MOST:
        raise TooManyThings
    if await external.remember(session, user.id, provider, outsider, used=False):
        return True
    if await external.owner_of(session, outsider) != user.id:
        raise IdentityTaken
    return False


async def _verified(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> User:
    """`lock`: one change of an account's ways in at a time."""
    user = await session.get_one(User, user_id, with_for_update=lock or None)
    if user.email_verified_at is None:
        raise EmailNotVerified
    return user


async def remove(session: AsyncSession, user_id: UUID, identity_id: UUID, client: Client) -> None:
    """Raises IdentityNotFound, LastWayIn."""
    user = await session.get_one(User, user_id, with_for_update=True)
    mine = (ExternalIdentity.id == identity_id, ExternalIdentity.user_id == user_id)
    gone = await session.scalar(delete(ExternalIdentity).where(*mine).returning(ExternalIdentity.provider))
    if gone is None:
        raise IdentityNotFound
    await ways_in.keep_one(session, user)
    await audit.note(session, "identity_unlinked", user_id, client, provider=gone)
    await outbox.put(session, letters.factor_removed(user.email, user.display_name, user.locale, "identity"))
