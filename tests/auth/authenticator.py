"""A passkey authenticator in software, which does what it is told, right or wrong."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8000"
RELYING_PARTY = "localhost"
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
_ES256 = -7


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "===")


@dataclass
class Authenticator:
    """One credential. What a test sets to something else, it says from then on."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes | None = None
    origin: str = ORIGIN
    relying_party: str = RELYING_PARTY
    flags: int = PRESENT | VERIFIED
    sign_count: int = 0
    attestation: str = "none"
    cross_origin: bool = False
    public_key: Any = None

    def make(self, options: dict[str, Any], **client_data: Any) -> dict[str, Any]:
        """A PublicKeyCredential of `navigator.credentials.create`, as JSON."""
        self.user_handle = decode(options["user"]["id"])
        client = self._client_data("webauthn.create", options, client_data)
        data = self._data(self.flags | ATTESTED) + self._attested()
        attestation = {"fmt": self.attestation, "attStmt": self._statement(data, client), "authData": data}
        return self._credential(
            clientDataJSON=encode(client),
            attestationObject=encode(cbor2.dumps(attestation)),
            transports=["internal", "hybrid"],
        )

    def sign(self, options: dict[str, Any], **client_data: Any) -> dict[str, Any]:
        """A PublicKeyCredential of `navigator.credentials.get`, as JSON."""
        client = self._client_data("webauthn.get", options, client_data)
        data = self._data(self.flags)
        return self._credential(
            clientDataJSON=encode(client),
            authenticatorData=encode(data),
            signature=encode(self._signature(data, client)),
            userHandle=encode(self.user_handle) if self.user_handle is not None else None,
        )

    def _client_data(self, kind: str, options: dict[str, Any], other: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**said, "crossOrigin": self.cross_origin, **other}).encode()

    def _data(self, flags: int) -> bytes:
        party = hashlib.sha256(self.relying_party.encode()).digest()
        return party + bytes([flags]) + self.sign_count.to_bytes(4)

    def _attested(self) -> bytes:
        key = cbor2.dumps(self._cose() if self.public_key is None else self.public_key)
        return bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + key

    def _cose(self) -> dict[int, Any]:
        point = self.key.public_key().public_numbers()
        return {1: 2, 3: _ES256, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}

    def _statement(self, data: bytes, client: bytes) -> dict[str, Any]:
        return {"alg": _ES256, "sig": self._signature(data, client)} if self.attestation == "packed" else {}

    def _signature(self, data: bytes, client: bytes) -> bytes:
        return self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))

    def _credential(self, **response: Any) -> dict[str, Any]:
        return {
            "id": encode(self.credential_id),
            "rawId": encode(self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
