"""Who signs access tokens: KMS on AWS, where the private key never leaves it; a PEM elsewhere."""

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

from common.settings import ConfigurationError, settings

_MIN_BITS = 2048
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
    def __init__(self, key_id: str) -> None:
        import boto3

        self._client: Any = boto3.client("kms")
        self._key_id = key_id
        key = serialization.load_der_public_key(self._client.get_public_key(KeyId=key_id)["PublicKey"])
        self.jwk = public_jwk(_rsa(key))

    async def sign(self, message: bytes) -> bytes:
        answer = await asyncio.to_thread(
            self._client.sign,
            KeyId=self._key_id,
            Message=hashlib.sha256(message).digest(),
            MessageType="DIGEST",
            SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
        )
        return bytes(answer["Signature"])


def _rsa(key: object) -> rsa.RSAPublicKey:
    if not isinstance(key, rsa.RSAPublicKey):
        raise ConfigurationError("The signing key must be an RSA key: the gateway accepts RS256 only.")
    return key


def _private_key(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _MIN_BITS:
        raise ConfigurationError("SIGNING_KEY must be an RSA private key of 2048 bits or more, in PEM.")
    return key


@cache
def signer() -> Signer:
    """The configured one; without any, a key that lives as long as this process.

    Its public half is published in the database like any other, so that other processes and a restarted one accept
    the tokens it signed.
    """
    options = settings()
    if options.signing_kms_key_id:
        return KmsSigner(options.signing_kms_key_id)
    if options.signing_key:
        return PemSigner(_private_key(options.signing_key.get_secret_value().encode()))
    if options.signing_key_file:
        return PemSigner(_private_key(Path(options.signing_key_file).read_bytes()))
    _log.warning("no signing key is configured: using one that ends with this process")
    return PemSigner(rsa.generate_private_key(65537, 2048))
