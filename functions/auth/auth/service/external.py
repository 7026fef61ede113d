"""Signing in with an account at an outside provider."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, challenges, devices, grants, limits, totp
from auth.accounts import email_key, may_sign_in
from auth.client import Client
from auth.errors import AccountExists, ExternalEmailUnconfirmed, ExternalSignInFailed
from auth.grants import Granted
from auth.limits import Limit
from auth.oidc import providers, visits
from auth.oidc.id_token import Outsider
from auth.oidc.visits import Visit
from auth.schemas.external import ExternalSignIn, ProviderRead
from auth.service.sign_in import MFA_LIFE, SecondFactorWanted
from common.models.auth import User
from common.models.auth_proofs import ExternalIdentity


def offered() -> list[ProviderRead]:
    return [ProviderRead(name=p.name, title=p.title) for p in providers.providers().values()]


async def count(client: Client) -> None:
    """Each visit makes us ask somebody else's server. Raises TooManyRequests."""
    await limits.hit(Limit("external", (limits.network(client.address),)))


async def start(session: AsyncSession, name: str, browser: str | None, client: Client) -> Visit:
    """Raises ProviderNotFound, TooManyRequests, ExternalProviderUnavailable, ExternalSignInFailed."""
    provider = providers.provider_of(name)
    await count(client)
    return await visits.begin(session, "oidc-login", provider, browser)


async def finish(
    session: AsyncSession, name: str, order: ExternalSignIn, browser: str | None, client: Client
) -> Granted | SecondFactorWanted:
    """Raises what visits.end does, AccountExists, ExternalEmailUnconfirmed."""
    provider = providers.provider_of(name)
    await count(client)
    outsider = await visits.end("oidc-login", provider, order, browser)
    user = await _known(session, outsider) or await _new_account(session, provider.name, outsider, client)
    if not may_sign_in(user):
        await audit.note(session, "sign_in_failed", user.id, client, amr="fed")
        raise ExternalSignInFailed(keep=True)
    return await _past_the_provider(session, user, order.device_token, client)


async def _known(session: AsyncSession, outsider: Outsider) -> User | None:
    """By issuer and subject alone: an address may pass from one person to another, at a provider or here."""
    seen = (
        update(ExternalIdentity)
        .where(ExternalIdentity.issuer == outsider.issuer, ExternalIdentity.subject == outsider.subject)
        .values(last_used_at=func.now(), email=outsider.email)
        .returning(ExternalIdentity.user_id)
    )
    user_id = await session.scalar(seen)
    return await session.get_one(User, user_id) if user_id else None


async def _new_account(session: AsyncSession, provider: str, outsider: Outsider, client: Client) -> User:
    """Verified, since the provider vouches for the address, and without a password."""
    if outsider.email is None:
        raise ExternalEmailUnconfirmed
    row = {
        "email": outsider.email,
        "email_key": email_key(outsider.email),
        "email_verified_at": func.now(),
        "display_name": outsider.name,
        "locale": outsider.locale,
    }
    user_id = await session.scalar(insert(User).values(row).on_conflict_do_nothing().returning(User.id))
    if user_id is None:
        raise AccountExists
    await remember(session, user_id, provider, outsider, used=True)
    await audit.note(session, "registered", user_id, client, provider=provider)
    return await session.get_one(User, user_id)


async def remember(session: AsyncSession, user_id: UUID, provider: str, outsider: Outsider, *, used: bool) -> bool:
    """False when the outside account is known already."""
    row = {
        "issuer": outsider.issuer,
        "subject": outsider.subject,
        "user_id": user_id,
        "provider": provider,
        "email": outsider.email,
        "last_used_at": func.now() if used else None,
    }
    made = insert(ExternalIdentity).values(row).on_conflict_do_nothing().returning(ExternalIdentity.id)
    return await session.scalar(made) is not None


async def owner_of(session: AsyncSession, outsider: Outsider) -> UUID | None:
    found = select(ExternalIdentity.user_id).where(
        ExternalIdentity.issuer == outsider.issuer, ExternalIdentity.subject == outsider.subject
    )
    return await session.scalar(found)


async def _past_the_provider(
    session: AsyncSession, user: User, device_token: str | None, client: Client
) -> Granted | SecondFactorWanted:
    """An authenticator app is asked for here as after a password: who set one up wants it asked for."""
    device_id = await devices.recognise(session, device_token)
    scope = grants.allowed_scope(user, None)
    if await totp.is_on(session, user.id):
        device = str(device_id) if device_id else None
        kept = {"scope": scope, "device_id": device, "amr": "fed"}
        return SecondFactorWanted(await challenges.start(session, "mfa", MFA_LIFE, user.id, **kept))
    return await grants.sign_in(session, user, scope, "fed", client, device_id)
