"""Whether a browser's answer in a ceremony of WebAuthn holds, by py_webauthn. Whatever is wrong with it: InvalidPasskey."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from auth.errors import InvalidPasskey
from auth.webauthn_ceremonies import relying_party
from common.settings import settings

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.registration.verify_registration_response import VerifiedRegistration

_LONGEST_ID = 1023
"""Bytes; WebAuthn section 5.8.3."""
_ATTESTATIONS = ("none", "packed")
"""We ask for none, and would trust no maker's certificate: the parsers of the other formats are not for strangers."""
# What a made-up answer makes the parsers raise, besides their own errors.
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


@contextmanager
def _or_refuse() -> Iterator[None]:
    """Whatever the library finds wrong or trips over. Raises InvalidPasskey."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        yield
    except (WebAuthnException, UnsupportedAlgorithm, *_MALFORMED) as error:
        raise InvalidPasskey from error


def _refuse_framed(credential: dict[str, Any]) -> None:
    """No page of another site may hold ours in a frame and ask there."""
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json

    if parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).cross_origin:
        raise InvalidPasskey


def _refuse_odd(credential: dict[str, Any]) -> None:
    """What the library would take or try, and we will not."""
    from webauthn.helpers import base64url_to_bytes, decode_credential_public_key, parse_attestation_object
    from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography

    made = parse_attestation_object(base64url_to_bytes(credential["response"]["attestationObject"]))
    data = made.auth_data.attested_credential_data
    if made.fmt not in _ATTESTATIONS or data is None or len(data.credential_id) > _LONGEST_ID:
        raise InvalidPasskey
    # Without this a key that no signature can fit would be kept, and found out at the first sign-in.
    decoded_public_key_to_cryptography(decode_credential_public_key(data.credential_public_key))


def verify_creation(credential: dict[str, Any], challenge: bytes) -> "VerifiedRegistration":
    """Raises InvalidPasskey."""
    import webauthn

    with _or_refuse():
        _refuse_framed(credential)
        _refuse_odd(credential)
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=relying_party(),
            expected_origin=sorted(settings().origins),
            require_user_verification=True,
        )


def credential_id(credential: dict[str, Any]) -> bytes:
    """Raises InvalidPasskey."""
    from webauthn.helpers import base64url_to_bytes

    with _or_refuse():
        return base64url_to_bytes(credential["rawId"])


def user_handle(credential: dict[str, Any]) -> UUID:
    """Whose the authenticator says the credential is. Raises InvalidPasskey."""
    from webauthn.helpers import base64url_to_bytes

    with _or_refuse():
        return UUID(bytes=base64url_to_bytes(credential["response"]["userHandle"]))


def verify_request(
    credential: dict[str, Any], challenge: bytes, public_key: bytes, sign_count: int
) -> "VerifiedAuthentication":
    """Refuses a count that has not risen, unless the authenticator keeps none: a copied key. Raises InvalidPasskey."""
    import webauthn

    with _or_refuse():
        _refuse_framed(credential)
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=relying_party(),
            expected_origin=sorted(settings().origins),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
