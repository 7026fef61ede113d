"""The public keys that tokens may be signed with, as the discovery documents show them."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.auth import SigningKey
from common.settings import settings

if TYPE_CHECKING:
    from auth.signing import Signer

_published: set[str] = set()


async def publish(session: AsyncSession) -> "Signer":
    """The signer, once its public key stands in the table where every group looks keys up."""
    from auth.signing import signer  # and with it cryptography, which most routes do without

    ours = signer()
    kid = ours.jwk["kid"]
    if kid not in _published:
        row = {"kid": kid, "jwk": ours.jwk}
        await session.execute(insert(SigningKey).values(row).on_conflict_do_nothing())
        # Remembered from the second time on: this transaction may yet roll back.
        if await session.scalar(select(SigningKey.created_at < func.now()).where(SigningKey.kid == kid)):
            _published.add(kid)
    return ours


async def key_set(session: AsyncSession) -> dict[str, list[dict[str, str]]]:
    """RFC 7517."""
    await publish(session)
    keys = await session.scalars(
        select(SigningKey.jwk).where(SigningKey.retires_at.is_(None)).order_by(SigningKey.created_at)
    )
    return {"keys": list(keys)}


def discovery_document() -> dict[str, object]:
    """OpenID Connect Discovery 1.0, as far as a verifier of access tokens needs it."""
    issuer = settings().issuer
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
