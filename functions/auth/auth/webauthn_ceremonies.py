"""The two ceremonies of WebAuthn, by py_webauthn: what a browser is asked, and whether its answer holds.

User verification is required in both (PIN, finger, face), so that a passkey is two factors in one.
"""

import json
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from auth.errors import InvalidPasskey
from common.settings import settings

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.registration.verify_registration_response import VerifiedRegistration

_CHALLENGE_BYTES = 32
_TIMEOUT_MS = 300_000
# What a made-up answer makes the parsers raise, besides their own errors.
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


def _relying_party() -> str:
    return urlsplit(settings().public_url).hostname or "localhost"


def new_challenge() -> bytes:
    return secrets.token_bytes(_CHALLENGE_BYTES)


def creation_options(
    challenge: bytes, user_id: UUID, email: str, display_name: str, known: Iterable[bytes]
) -> dict[str, Any]:
    """For `navigator.credentials.create`, as JSON. `known`: credential ids that need not be made again."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=_relying_party(),
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
        rp_id=_relying_party(),
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def verify_creation(credential: dict[str, Any], challenge: bytes) -> "VerifiedRegistration":
    """Raises InvalidPasskey."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_relying_party(),
            expected_origin=sorted(settings().origins),
            require_user_verification=True,
        )
    except (WebAuthnException, *_MALFORMED) as error:
        raise InvalidPasskey from error


def credential_id(credential: dict[str, Any]) -> bytes:
    """Raises InvalidPasskey."""
    from webauthn.helpers import base64url_to_bytes

    try:
        return base64url_to_bytes(credential["rawId"])
    except _MALFORMED as error:
        raise InvalidPasskey from error


def user_handle(credential: dict[str, Any]) -> UUID | None:
    """Whose the authenticator says the credential is."""
    from webauthn.helpers import base64url_to_bytes

    try:
        given = credential["response"].get("userHandle")
        return UUID(bytes=base64url_to_bytes(given)) if given else None
    except _MALFORMED as error:
        raise InvalidPasskey from error


def verify_request(
    credential: dict[str, Any], challenge: bytes, public_key: bytes, sign_count: int
) -> "VerifiedAuthentication":
    """Refuses a count that has not risen, unless the authenticator keeps none: a copied key. Raises InvalidPasskey."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_relying_party(),
            expected_origin=sorted(settings().origins),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, *_MALFORMED) as error:
        raise InvalidPasskey from error
