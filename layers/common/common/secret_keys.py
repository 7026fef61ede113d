"""Keys for HMACs and seals, one a purpose, derived from a master secret that no table needs to hold.

SECRET_KEY (or the secret of SECRET_KEY_ARN) is the master; without either, a random one that a migration made in the group's
own table and that all its processes share. With a configured one, a copy of the database forges nothing that rests on it.
"""

import hashlib
import hmac
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.secrets import read_secret
from common.settings import ConfigurationError, settings

if TYPE_CHECKING:
    from common.models.auth import Secret
    from common.models.money_webhooks import MoneySecret

_MIN_LENGTH = 32
type Kept = type[Secret | MoneySecret]
_from_database: dict[tuple[str, Kept], bytes] = {}


async def _master(session: AsyncSession, kept: Kept) -> bytes:
    options = settings()
    if options.secret_key is not None:
        given = options.secret_key.get_secret_value()
        if len(given) < _MIN_LENGTH:
            raise ConfigurationError("SECRET_KEY must have 32 characters or more, e.g. of `openssl rand -hex 32`")
        return given.encode()
    if options.secret_key_arn is not None:
        return read_secret(options.secret_key_arn)["key"].encode()
    # Never changes, so it is looked up once for each database that this process speaks to.
    place = (str(session.get_bind().engine.url), kept)
    if place not in _from_database:
        _from_database[place] = (await session.scalars(select(kept.value).where(kept.name == "master"))).one()
    return _from_database[place]


async def key_for(session: AsyncSession, kept: Kept, purpose: str) -> bytes:
    """32 bytes; another purpose has a key that tells nothing about this one. `kept`: the group's table of last resort."""
    return hmac.digest(await _master(session, kept), f"artel {purpose}".encode(), hashlib.sha256)
