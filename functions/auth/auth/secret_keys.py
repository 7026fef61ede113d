"""Keys for HMACs and seals, one a purpose, derived from a master secret that no table needs to hold.

SECRET_KEY (or the secret of SECRET_KEY_ARN) is the master; without either, a random one that the migration made and that
all processes share. With a configured one, a copy of the database forges no refresh token and opens no sealed value.
"""

import hashlib
import hmac
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.auth import Secret
from common.secrets import read_secret
from common.settings import ConfigurationError, settings

_NONCE_BYTES = 12
_MIN_LENGTH = 32
_from_database: dict[str, bytes] = {}


async def _master(session: AsyncSession) -> bytes:
    options = settings()
    if options.secret_key is not None:
        given = options.secret_key.get_secret_value()
        if len(given) < _MIN_LENGTH:
            raise ConfigurationError("SECRET_KEY must have 32 characters or more, e.g. of `openssl rand -hex 32`")
        return given.encode()
    if options.secret_key_arn is not None:
        return read_secret(options.secret_key_arn)["key"].encode()
    # Never changes, so it is looked up once for each database that this process speaks to.
    url = str(session.get_bind().engine.url)
    if url not in _from_database:
        _from_database[url] = (await session.scalars(select(Secret.value).where(Secret.name == "master"))).one()
    return _from_database[url]


async def key_for(session: AsyncSession, purpose: str) -> bytes:
    """32 bytes; another purpose has a key that tells nothing about this one."""
    return hmac.digest(await _master(session), f"artel {purpose}".encode(), hashlib.sha256)


async def seal(session: AsyncSession, purpose: str, plain: bytes) -> bytes:
    """AES-256-GCM: a random nonce, then ciphertext and tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(await key_for(session, purpose)).encrypt(nonce, plain, None)


async def unseal(session: AsyncSession, purpose: str, sealed: bytes) -> bytes:
    """Raises cryptography's InvalidTag when the master secret is another than the one it was sealed with."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(await key_for(session, purpose)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
