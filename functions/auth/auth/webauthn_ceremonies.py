"""What a browser is asked in the two ceremonies of WebAuthn, by py_webauthn; auth.webauthn_answers judges the answers.

User verification is required in both (PIN, finger, face), so that a passkey is two factors in one.
"""

import base64
import json
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from common.models.auth_proofs import Challenge
from common.settings import settings

LIFE = timedelta(minutes=10)
_CHALLENGE_BYTES = 32
_TIMEOUT_MS = 300_000


def relying_party() -> str:
    return urlsplit(settings().public_url).hostname or "localhost"


def new_challenge() -> bytes:
    return secrets.token_bytes(_CHALLENGE_BYTES)


def stored(challenge: bytes) -> str:
    """As a row's JSON has it."""
    return base64.b64encode(challenge).decode()


def challenge_of(row: Challenge) -> bytes:
    return base64.b64decode(row.data["challenge"])


def creation_options(
    challenge: bytes, user_id: UUID, email: str, display_name: str, known: Iterable[bytes]
) -> dict[str, Any]:
    """For `navigator.credentials.create`, as JSON. `known`: credential ids that need not be made again."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=relying_party(),
        rp_name="Artel",
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=display_name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=identifier) for identifier in known],
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def request_options(challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.get`, as JSON. It names no credential: the browser knows whose it has, and we tell nobody."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=relying_party(),
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made
