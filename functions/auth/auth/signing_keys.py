"""Which key signs: the database says, so that all processes agree and a rotation restarts nothing.

It is the newest key whose time has come and that this process can use. A key that has retired never comes back, even
where the environment still names it.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.secret_keys import unseal
from common.models.auth import SigningKey
from common.settings import ConfigurationError

if TYPE_CHECKING:
    from auth.signing import Signer

PURPOSE = "signing keys"
_LIFE_S = 5.0
"""How long the list is remembered: a new key's time is in it long before it comes, unless the wait was set shorter."""
_log = logging.getLogger("artel.auth")


class Key(NamedTuple):
    kid: str
    jwk: dict[str, str]
    source: str
    reference: str | None
    private_key: bytes | None
    signs_from: datetime
    retires_at: datetime | None


class _Known(NamedTuple):
    """`at` is the database's clock when the process's own stood at `read`."""

    keys: list[Key]
    at: datetime
    read: float

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.read

    def due(self) -> list[Key]:
        """Those that may sign now, the newest first."""
        now = self.at + timedelta(seconds=self.age_s)
        return [k for k in self.keys if k.signs_from <= now and (k.retires_at is None or k.retires_at > now)]


_known: dict[str, _Known] = {}
_signers: "dict[str, Signer | None]" = {}


async def current(session: AsyncSession) -> "Signer":
    """Raises ConfigurationError when the environment's key is none."""
    database = str(session.get_bind().engine.url)
    known = _known.get(database)
    if known is None or known.age_s > _LIFE_S:
        from auth import adoption

        await adoption.adopt(session, database)
        known = _known[database] = await read(session)
    signer = await usable(session, known.due())
    if signer is None:
        from auth import adoption

        await adoption.make_one()
        known = _known[database] = await read(session)
        signer = await usable(session, known.due())
    if signer is None:
        raise ConfigurationError("No signing key can be used, not even a new one: is SECRET_KEY the same everywhere?")
    return signer


async def read(session: AsyncSession) -> _Known:
    columns = [getattr(SigningKey, name) for name in Key._fields]
    published = or_(SigningKey.retires_at.is_(None), SigningKey.retires_at > func.now())
    newest_first = (SigningKey.signs_from.desc(), SigningKey.created_at.desc())
    rows = (
        await session.execute(select(func.clock_timestamp(), *columns).where(published).order_by(*newest_first))
    ).all()
    return _Known([Key(*row[1:]) for row in rows], rows[0][0] if rows else datetime.now(UTC), time.monotonic())


async def usable(session: AsyncSession, keys: list[Key]) -> "Signer | None":
    """The first that this process can sign with."""
    for key in keys:
        if key.kid not in _signers:
            _signers[key.kid] = await _signer(session, key)
        found = _signers[key.kid]
        if found is not None:
            return found
    return None


async def _signer(session: AsyncSession, key: Key) -> "Signer | None":
    from auth.signing import KmsSigner, configured_pem  # and with it cryptography, which most routes do without

    if key.reference is not None:
        return KmsSigner(key.reference, key.jwk)
    if key.private_key is not None:
        return await _sealed(session, key.kid, key.private_key)
    ours = configured_pem()
    return ours if ours is not None and ours.jwk["kid"] == key.kid else None


async def _sealed(session: AsyncSession, kid: str, sealed: bytes) -> "Signer | None":
    """None when SECRET_KEY is another than when it was sealed: then the next one signs, or a new one is made. Nobody can
    bring it back, and an installation in which nobody can sign in helps nobody."""
    from cryptography.exceptions import InvalidTag

    from auth.signing import PemSigner, private_key

    try:
        return PemSigner(private_key(await unseal(session, PURPOSE, sealed)))
    except InvalidTag:
        _log.error("SECRET_KEY has changed: a signing key cannot be opened any more", extra={"kid": kid})
        return None
