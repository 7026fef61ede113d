"""Accounts' own keys: see common.secret_keys. With a configured master, a copy of the database forges no refresh token and
opens no sealed value."""

import os

from sqlalchemy.ext.asyncio import AsyncSession

from common import secret_keys
from common.models.auth import Secret

_NONCE_BYTES = 12


async def key_for(session: AsyncSession, purpose: str) -> bytes:
    """32 bytes; another purpose has a key that tells nothing about this one."""
    return await secret_keys.key_for(session, Secret, purpose)


async def seal(session: AsyncSession, purpose: str, plain: bytes) -> bytes:
    """AES-256-GCM: a random nonce, then ciphertext and tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(await key_for(session, purpose)).encrypt(nonce, plain, None)


async def unseal(session: AsyncSession, purpose: str, sealed: bytes) -> bytes:
    """Raises cryptography's InvalidTag when the master secret is another than the one it was sealed with."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(await key_for(session, purpose)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
