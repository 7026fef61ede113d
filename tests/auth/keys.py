"""Signing keys as tests need them: the private one in hand, and a process that forgets what it knew."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import jwt
import psycopg
import pytest
from httpx import AsyncClient, Response
from sqlalchemy.engine import make_url

from auth import access_tokens, adoption, sessions, signing, signing_keys
from common import identity
from common.db import dispose_engines, transaction
from common.models.auth import User
from common.scopes import USER
from common.settings import settings
from tests.conftest import copy_database
from tests.people import TESTS

JWKS = "/v1/auth/.well-known/jwks.json"
NOW = timedelta()


def forget() -> None:
    """As if the process had just started."""
    signing_keys._known.clear()
    signing_keys._signers.clear()
    adoption.done.clear()
    signing.configured_pem.cache_clear()
    signing.kms.cache_clear()
    identity._keys.clear()
    settings.cache_clear()


@contextmanager
def configured(**variables: str | None) -> Iterator[None]:
    """A process with another environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            if value is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, value)
        forget()
        try:
            yield
        finally:
            patch.undo()
            forget()


async def signer() -> signing.Signer:
    async with transaction("auth") as session:
        return await signing_keys.current(session)


async def pem_signer() -> signing.PemSigner:
    found = await signer()
    assert isinstance(found, signing.PemSigner)
    return found


async def pem() -> bytes:
    return pem_of(await pem_signer())


def pem_of(signer: signing.PemSigner) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return signer._key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def new_pem() -> str:
    return pem_of(signing.PemSigner(signing.new_private_key()[0])).decode()


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def rows(owner: psycopg.Connection) -> dict[str, dict[str, Any]]:
    found = owner.execute("SELECT kid, source, reference, private_key, signs_from, retires_at FROM auth.signing_keys")
    names = [column.name for column in found.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


async def published(client: AsyncClient) -> set[str]:
    return {key["kid"] for key in (await client.get(JWKS)).json()["keys"]}


async def someone() -> tuple[User, str, str]:
    """Signed in: the user, access token, refresh token."""
    async with transaction("auth") as session:
        address = f"ada.{asyncio.get_running_loop().time()}@example.org"
        user = User(email=address, email_key=address, display_name="Ada", locale="en")
        session.add(user)
        await session.flush()
        signed_in = await sessions.start(session, user.id, " ".join(sorted(USER)), "pwd", TESTS)
        return user, await access_tokens.mint(session, signed_in), await sessions.refresh_token(session, signed_in)


async def me(client: AsyncClient, token: str) -> int:
    return (await client.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"})).status_code


async def refresh(client: AsyncClient, token: str) -> Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


@asynccontextmanager
async def own_database(name: str, **variables: str | None) -> AsyncIterator[psycopg.Connection]:
    """The owner's connection to a database without keys, which this process speaks to as long as the block lasts."""
    url = copy_database(name)
    none = dict.fromkeys(("SIGNING_KEY", "SIGNING_KEY_FILE", "SIGNING_KMS_KEY_ID", "ISSUER_BUCKET"))
    await dispose_engines()
    with configured(**(none | {"DATABASE_URL": url} | variables)):
        where = make_url(url)
        with psycopg.connect(
            user=where.username, dbname=where.database, host=str(where.query["host"]), autocommit=True
        ) as connection:
            yield connection
        await dispose_engines()


class Clock:
    """Time goes by for the keys, and this process looks at them again."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self._owner = owner

    def goes_on(self, by: timedelta) -> None:
        moved = "UPDATE auth.signing_keys SET created_at = created_at - %(by)s, signs_from = signs_from - %(by)s, retires_at = retires_at - %(by)s"
        self._owner.execute(moved, {"by": by})
        forget()
