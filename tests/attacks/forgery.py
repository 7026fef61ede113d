"""Access tokens made with the very key that signs ours, and wrong in one thing only."""

import base64
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.attacks.door import Door, OurKey, Person


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def changed(given: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`...` takes a member away."""
    return {name: value for name, value in (given | change).items() if value is not ...}


class Forger:
    def __init__(self, door: Door, whom: Person) -> None:
        self.key: OurKey = door.key
        self.whom = whom
        self.real: str = whom.tokens["access_token"]

    def header(self, **change: Any) -> dict[str, Any]:
        return changed({"alg": "RS256", "typ": "at+jwt", "kid": self.key.kid}, change)

    def claims(self, **change: Any) -> dict[str, Any]:
        return changed(jwt.decode(self.real, options={"verify_signature": False}), change)

    def signed(self, header: bytes, claims: bytes, algorithm: str = "RS256") -> str:
        message = f"{encoded(header)}.{encoded(claims)}"
        return f"{message}.{encoded(self.key.sign(message.encode(), algorithm))}"

    def with_header(self, **change: Any) -> str:
        return self.signed(written(self.header(**change)), written(self.claims()))

    def with_claims(self, **change: Any) -> str:
        return self.signed(written(self.header()), written(self.claims(**change)))

    def algorithm(self, name: str) -> str:
        """Our key, by another of the algorithms it can do."""
        return self.signed(written(self.header(alg=name)), written(self.claims()), name)

    def unsigned(self, alg: str, *, signature: str = "") -> str:
        header = self.header(alg=alg)
        return f"{encoded(written(header))}.{encoded(written(self.claims()))}.{signature}"

    def with_secret(self, secret: bytes, alg: str = "HS256") -> str:
        """The public key taken for a shared secret."""
        message = f"{encoded(written(self.header(alg=alg)))}.{encoded(written(self.claims()))}"
        return f"{message}.{encoded(hmac.digest(secret, message.encode(), 'sha256'))}"

    def by_another_key(self, alg: str = "RS256", **header: Any) -> str:
        key = ec.generate_private_key(ec.SECP256R1()) if alg == "ES256" else rsa.generate_private_key(65537, 2048)
        return jwt.encode(self.claims(), key, alg, self.header(alg=alg, **header))

    def part(self, number: int, change: Any) -> str:
        """The real token, one of its parts changed as text."""
        parts = self.real.split(".")
        parts[number] = change(parts[number])
        return ".".join(parts)

    def expired(self) -> str:
        return self.with_claims(exp=int(time.time()) - 1)


def flipped(part: str) -> str:
    """One byte of it."""
    place = len(part) // 2
    return part[:place] + ("A" if part[place] != "A" else "B") + part[place + 1 :]


def other_spelling(signature: str) -> str:
    """Of the same 256 bytes: the last character has bits to spare."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ 1]
