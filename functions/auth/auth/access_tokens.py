"""Minting access tokens in the shape of RFC 9068, all claims plain strings and numbers as the gateway wants them."""

import json
import time
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from auth.published_keys import publish
from common import tokens
from common.models.auth import Session
from common.settings import settings

LIFE_S = 600
CLIENT_ID = "artel"


async def mint(session: AsyncSession, signed_in: Session) -> str:
    from auth.signing import encode  # see published_keys

    signer = await publish(session)
    now = int(time.time())
    header = {"alg": tokens.ALGORITHM, "typ": tokens.TYPE, "kid": signer.jwk["kid"]}
    claims = {
        "iss": settings().issuer,
        "aud": settings().jwt_audience,
        "sub": str(signed_in.user_id),
        "client_id": CLIENT_ID,
        # The gateway allows no leeway: a second back, lest its clock be behind ours.
        "iat": now - 1,
        "exp": now + LIFE_S,
        "jti": str(uuid.uuid4()),
        "sid": str(signed_in.id),
        "scope": signed_in.scope,
        "auth_time": int(signed_in.created_at.timestamp()),
        "amr": signed_in.amr,
    }
    message = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{message}.{encode(await signer.sign(message.encode()))}"
