"""What signs access tokens: KMS on AWS, where the private key never leaves it; a private key in memory elsewhere."""

import asyncio
import base64
import hashlib
import json
import logging
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from auth.errors import SigningUnavailable
from common.settings import ConfigurationError, settings

BITS = 2048
_KMS_ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"
_log = logging.getLogger("artel.auth")


class Signer(Protocol):
    """RSASSA-PKCS1-v1_5 with SHA-256, which is all an HTTP API's authorizer accepts."""

    jwk: dict[str, str]

    async def sign(self, message: bytes) -> bytes: ...


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_jwk(key: rsa.RSAPublicKey) -> dict[str, str]:
    """The public key as a JWK whose `kid` is its RFC 7638 thumbprint."""
    numbers = key.public_numbers()
    parts = {name: encode(n.to_bytes((n.bit_length() + 7) // 8)) for name, n in (("e", numbers.e), ("n", numbers.n))}
    canonical = json.dumps({"e": parts["e"], "kty": "RSA", "n": parts["n"]}, separators=(",", ":"))
    kid = encode(hashlib.sha256(canonical.encode()).digest())
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, **parts}


class PemSigner:
    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key
        self.jwk = public_jwk(key.public_key())

    async def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())  # under 1 ms: no thread needed


class KmsSigner:
    """The public half is known already, so that a cold start asks KMS for nothing but a signature."""

    def __init__(self, key_id: str, jwk: dict[str, str]) -> None:
        self._key_id = key_id
        self.jwk = jwk

    async def sign(self, message: bytes) -> bytes:
        """Raises SigningUnavailable."""
        from botocore.exceptions import BotoCoreError, ClientError

        digest = hashlib.sha256(message).digest()
        try:
            answer = await asyncio.to_thread(
                kms().sign, KeyId=self._key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm=_KMS_ALGORITHM
            )
        except (BotoCoreError, ClientError) as error:
            _log.exception("KMS does not sign", extra={"kid": self.jwk["kid"]})
            raise SigningUnavailable from error
        return bytes(answer["Signature"])


@cache
def kms() -> Any:
    import boto3
    from botocore.config import Config

    # It answers in milliseconds: whoever signs in should not wait a minute to hear that it does not.
    options = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard"})
    return boto3.client("kms", config=options)


def kms_jwk(key_id: str) -> dict[str, str]:
    key = serialization.load_der_public_key(kms().get_public_key(KeyId=key_id)["PublicKey"])
    if not isinstance(key, rsa.RSAPublicKey):
        raise ConfigurationError("The signing key must be an RSA key: the gateway accepts RS256 only.")
    return public_jwk(key)


def private_key(encoded: bytes) -> rsa.RSAPrivateKey:
    """From PEM, or from the DER that `sealed keys` are. Raises ConfigurationError for any other kind of key."""
    load = serialization.load_pem_private_key if encoded.lstrip()[:1] == b"-" else serialization.load_der_private_key
    try:
        key = load(encoded, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"SIGNING_KEY is not a private key in PEM: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < BITS:
        raise ConfigurationError("SIGNING_KEY must be an RSA private key of 2048 bits or more, in PEM.")
    return key


def new_private_key() -> tuple[rsa.RSAPrivateKey, bytes]:
    """The key, and its DER for the seal."""
    key = rsa.generate_private_key(65537, BITS)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key, der


@cache
def configured_pem() -> PemSigner | None:
    """The key of SIGNING_KEY or SIGNING_KEY_FILE."""
    options = settings()
    if options.signing_key:
        return PemSigner(private_key(options.signing_key.get_secret_value().encode()))
    if options.signing_key_file:
        return PemSigner(private_key(Path(options.signing_key_file).read_bytes()))
    return None
