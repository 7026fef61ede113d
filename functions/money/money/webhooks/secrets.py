"""The secrets that sign what endpoints get. None is stored: each is derived from the master secret, the endpoint and a number."""

import base64
import hashlib
import hmac
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import secret_keys
from common.models.money_webhooks import MoneySecret


async def derive(session: AsyncSession, endpoint_id: UUID, number: int) -> bytes:
    return await secret_keys.key_for(session, MoneySecret, f"webhook endpoint {endpoint_id} secret {number}")


def shown(secret: bytes) -> str:
    """As Standard Webhooks writes secrets: https://www.standardwebhooks.com"""
    return f"whsec_{base64.b64encode(secret).decode()}"


def signature(secret: bytes, message_id: UUID, timestamp: int, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}"
