"""Minting access tokens in the shape of RFC 9068, all claims plain strings and numbers as the gateway wants them."""

import time
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from auth import signing_keys
from common import tokens
from common.models.auth import Session
from common.settings import settings

LIFE_S = 600
CLIENT_ID = "artel"


async def mint(session: AsyncSession, signed_in: Session) -> str:
    signer = await signing_keys.current(session)
    now = int(time.time())
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
    message = f"{tokens.header_segment(signer.jwk['kid'])}.{tokens.json_segment(claims)}"
    return f"{message}.{tokens.segment(await signer.sign(message.encode()))}"
