"""Codes of an authenticator app (RFC 6238): six digits, 30 seconds, SHA-1, which is what all such apps do."""

import hmac
import logging
import time
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import InvalidCode, TotpAlreadyOn, TotpNotOn
from auth.secret_keys import seal, unseal
from common.models.auth_proofs import Totp

STEP_S = 30
_log = logging.getLogger("artel.auth")
_SEAL = "authenticator secrets"


async def is_on(session: AsyncSession, user_id: UUID) -> bool:
    confirmed = select(Totp.user_id).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    return await session.scalar(confirmed) is not None


async def begin(session: AsyncSession, user_id: UUID) -> str:
    """A new secret, in base32. Nothing asks for it until a code has confirmed it. Raises TotpAlreadyOn."""
    import pyotp

    secret = pyotp.random_base32()
    sealed = await seal(session, _SEAL, secret.encode())
    row = insert(Totp).values(user_id=user_id, secret=sealed)
    fresh = row.on_conflict_do_update(
        index_elements=["user_id"],
        set_={"secret": sealed, "created_at": func.now(), "last_step": 0},
        where=Totp.confirmed_at.is_(None),
    )
    if await session.scalar(fresh.returning(Totp.user_id)) is None:
        raise TotpAlreadyOn
    return secret


def uri(secret: str, email: str) -> str:
    """What the picture says that an app reads."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Artel")


async def confirm(session: AsyncSession, user_id: UUID, code: str) -> None:
    """Raises TotpNotOn, TotpAlreadyOn, InvalidCode."""
    found = await session.get(Totp, user_id)
    if found is None:
        raise TotpNotOn
    if found.confirmed_at is not None:
        raise TotpAlreadyOn
    await use(session, user_id, code, confirmed=False)
    await session.execute(update(Totp).where(Totp.user_id == user_id).values(confirmed_at=func.now()))


async def use(session: AsyncSession, user_id: UUID, code: str, *, confirmed: bool = True) -> None:
    """A code of this 30-second step, of the one before or the next: clocks differ. Each step is good once, and an older
    one no more after it: one statement decides between two who come with the same code. Raises InvalidCode.
    """
    found = await session.get(Totp, user_id, populate_existing=True)
    if found is None or (found.confirmed_at is None) == confirmed:
        raise InvalidCode
    step = _matching_step(await _open(session, found), code)
    # By its secret as well, lest another one, asked for meanwhile, be confirmed by a code of this.
    same = (Totp.user_id == user_id, Totp.secret == found.secret)
    later = update(Totp).where(*same, Totp.last_step < step).values(last_step=step)
    if await session.scalar(later.returning(Totp.user_id)) is None:
        raise InvalidCode


async def _open(session: AsyncSession, found: Totp) -> str:
    """Raises InvalidCode when it was sealed with another SECRET_KEY: a recovery code or a reset by hand is left."""
    from cryptography.exceptions import InvalidTag

    try:
        return (await unseal(session, _SEAL, found.secret)).decode()
    except InvalidTag:
        _log.exception("an authenticator secret cannot be opened: was SECRET_KEY changed?")
        raise InvalidCode from None


def _matching_step(secret: str, code: str) -> int:
    """The latest that matches; -1 for none."""
    import pyotp

    now, generator = int(time.time()) // STEP_S, pyotp.TOTP(secret)
    given = code.encode(errors="replace")
    return max(
        (s for s in (now - 1, now, now + 1) if hmac.compare_digest(generator.at(s * STEP_S).encode(), given)),
        default=-1,
    )


async def turn_off(session: AsyncSession, user_id: UUID) -> None:
    """Raises TotpNotOn."""
    gone = delete(Totp).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None)).returning(Totp.user_id)
    if await session.scalar(gone) is None:
        raise TotpNotOn
