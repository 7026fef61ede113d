"""The public keys that tokens may be signed with, as the discovery documents show them."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import signing_keys
from common.models.auth import SigningKey
from common.settings import settings


async def key_set(session: AsyncSession) -> dict[str, list[dict[str, str]]]:
    """RFC 7517. The next key stands in it before it signs, and the last one until its tokens have ended."""
    await signing_keys.current(session)
    published = or_(SigningKey.retires_at.is_(None), SigningKey.retires_at > func.now())
    keys = await session.scalars(select(SigningKey.jwk).where(published).order_by(SigningKey.created_at))
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
