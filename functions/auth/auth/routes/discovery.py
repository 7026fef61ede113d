from fastapi import APIRouter, Response

from auth import published_keys
from auth.schemas.discovery import JsonWebKeySet
from common.db import DbSession

router = APIRouter()


@router.get("/.well-known/openid-configuration")
async def discovery() -> dict[str, object]:
    """Where a verifier of our tokens finds issuer and keys (OpenID Connect Discovery 1.0)."""
    return published_keys.discovery_document()


@router.get("/.well-known/jwks.json")
async def jwks(session: DbSession, response: Response) -> JsonWebKeySet:
    """The public keys that tokens may be signed with (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return JsonWebKeySet.model_validate(await published_keys.key_set(session))
