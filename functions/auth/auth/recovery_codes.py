"""Codes on paper for whoever has lost the phone: ten, each good once."""

import hashlib
import hmac
import secrets
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import InvalidCode
from auth.secret_keys import key_for
from common.models.auth_proofs import RecoveryCode

COUNT = 10
_LENGTH = 10
# Crockford's: no I, L, O or U, which look like 1, 1, 0 and V. Ten of these are 50 bits.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD = str.maketrans({"i": "1", "l": "1", "o": "0", "-": None, " ": None})


async def _hash(session: AsyncSession, user_id: UUID, code: str) -> bytes:
    """Keyed, because 50 bits alone could be tried out by who has a copy of the table."""
    plain = code.lower().translate(_MISREAD).encode(errors="replace")
    return hmac.digest(await key_for(session, "recovery codes"), user_id.bytes + plain, hashlib.sha256)


async def make(session: AsyncSession, user_id: UUID) -> list[str]:
    """Ten new ones, as they are shown this once; earlier ones are void."""
    await forget(session, user_id)
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(COUNT)]
    session.add_all([RecoveryCode(user_id=user_id, code_hash=await _hash(session, user_id, code)) for code in codes])
    await session.flush()
    half = _LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


async def use(session: AsyncSession, user_id: UUID, code: str) -> int:
    """How many are left. Of two who come with the same one, one gets in. Raises InvalidCode."""
    unused = (
        RecoveryCode.user_id == user_id,
        RecoveryCode.code_hash == await _hash(session, user_id, code),
        RecoveryCode.used_at.is_(None),
    )
    spent = update(RecoveryCode).where(*unused).values(used_at=func.now()).returning(RecoveryCode.user_id)
    if await session.scalar(spent) is None:
        raise InvalidCode
    return await left(session, user_id)


async def left(session: AsyncSession, user_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return await session.scalar(unused) or 0


async def forget(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
