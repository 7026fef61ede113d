"""A forger with the service's own key."""

import base64
import hmac
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.attacks.door import Door


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Forger:
    """`genuine`: an access token that works, which all that is forged is made from. A change to `...` leaves out."""

    door: Door
    genuine: str

    def header(self, **change: Any) -> dict[str, Any]:
        return _changed({"alg": "RS256", "typ": "at+jwt", "kid": self.door.key.jwk["kid"]}, change)

    def claims(self, **change: Any) -> dict[str, Any]:
        return _changed(jwt.decode(self.genuine, options={"verify_signature": False}), change)

    def with_header(self, algorithm: str = "RS256", **change: Any) -> str:
        return self.signed(written(self.header(**change)), written(self.claims()), algorithm)

    def with_claims(self, **change: Any) -> str:
        return self.signed(written(self.header()), written(self.claims(**change)))

    def signed(self, header: bytes, claims: bytes, algorithm: str = "RS256") -> str:
        return self.signed_text(f"{encoded(header)}.{encoded(claims)}", algorithm)

    def signed_text(self, message: str, algorithm: str = "RS256") -> str:
        return f"{message}.{encoded(self.door.key.sign(message.encode(), algorithm))}"

    def message(self, **header: Any) -> str:
        return f"{encoded(written(self.header(**header)))}.{encoded(written(self.claims()))}"

    def unsigned(self, algorithm: str) -> str:
        return f"{self.message(alg=algorithm)}."

    def hmac_with(self, secret: bytes, algorithm: str = "HS256", alg: str | None = None) -> str:
        """`alg`: what the header says instead."""
        message = self.message(alg=alg or algorithm)
        return f"{message}.{encoded(hmac.digest(secret, message.encode(), f'sha{algorithm[2:]}'))}"

    def by_stranger(self, **header: Any) -> str:
        message = self.message(**header)
        return f"{message}.{encoded(strangers_key().sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def by_elliptic_curve(self) -> str:
        message = self.message(alg="ES256")
        signed = ec.generate_private_key(ec.SECP256R1()).sign(message.encode(), ec.ECDSA(hashes.SHA256()))
        return f"{message}.{encoded(b''.join(n.to_bytes(32) for n in decode_dss_signature(signed)))}"

    def public_pem(self) -> bytes:
        key = jwt.PyJWK(self.door.key.jwk).key
        assert isinstance(key, rsa.RSAPublicKey)
        return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def flipped(self, part: int, place: int) -> str:
        """One character of one part is another."""
        parts = self.genuine.split(".")
        text = parts[part]
        parts[part] = text[:place] + ("A" if text[place] != "A" else "B") + text[place:][1:]
        return ".".join(parts)

    def other_spelling(self) -> str:
        """Of the same 256 bytes: the last character has bits to spare."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return self.genuine[:-1] + alphabet[alphabet.index(self.genuine[-1]) ^ 1]


def strangers_jwk() -> dict[str, str]:
    numbers = strangers_key().public_key().public_numbers()
    n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
    return {"kty": "RSA", "n": encoded(n), "e": "AQAB", "kid": "stranger"}


def _changed(given: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (given | change).items() if value is not ...}
