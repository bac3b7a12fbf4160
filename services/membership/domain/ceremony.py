"""The two ceremonies of WebAuthn, as far as they are arithmetic: is what an authenticator answered sound?

What is read and verified is the relying party's part of Web Authentication Level 2, 7.1 and 7.2, by py_webauthn,
narrowed here: three algorithms whose keys are checked when they come, no attestation but a credential's own, no
frame of another site. What a counter and a user handle mean is for `passkey`.
"""

import base64
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authenticator_data,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

from shared.contracts.calls.membership import NewPasskey, PasskeyAssertion
from shared.errors import Conflict

ALGORITHMS = (
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
LONGEST_CREDENTIAL = 1_023
"""Bytes of a credential's id (WebAuthn, 4)."""
USUAL_PORTS = {"http": 80, "https": 443}
RSA_BITS = range(2_048, 4_097)


class Unsound(Exception):
    """An answer that is not what was asked for; says why, for the log and nobody else."""


class RelyingParty(NamedTuple):
    """This node, as authenticators know it: `id` is its host name, `origin` where its pages are."""

    id: str
    origin: str


class Registered(NamedTuple):
    """What a sound registration tells: the credential's id as base64url, its key (COSE), and its state."""

    credential: str
    public_key: bytes
    counter: int
    backed_up: bool


class Asserted(NamedTuple):
    """What a sound assertion tells."""

    counter: int
    backed_up: bool


def relying_party(door: str) -> RelyingParty:
    """The relying party that the node is at its public address.

    Raises:
        Conflict: `passkeys-not-offered`: it is reached by a number, and a passkey belongs to a name.
    """
    parts = urlsplit(door)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        # As browsers write an origin (RFC 6454, 6.1), however the operator has written the address.
        usual = parts.port in (None, USUAL_PORTS.get(parts.scheme))
        return RelyingParty(host, f"{parts.scheme}://{host}" + ("" if usual else f":{parts.port}"))
    raise Conflict(
        "This node is reached by a number, and a passkey belongs to a name; ask its operator for a name.",
        "passkeys-not-offered",
    )


def challenge_in(client_data: str) -> str:
    """The challenge that a browser says it was given, as base64url.

    Raises:
        Unsound: it says none.
    """
    try:
        return text_of(parse_client_data_json(bytes_of(client_data)).challenge)
    except Exception as error:  # whatever a stranger's bytes do to who reads them, they are not sound
        raise Unsound(type(error).__name__) from error


def verify_registration(new: NewPasskey, challenge: str, party: RelyingParty) -> Registered:
    """Read a new credential out of an authenticator's answer.

    Raises:
        Unsound: it is not the answer to that challenge, given here, by a user who was verified.
    """
    try:
        return _registered(new, challenge, party)
    except Unsound:
        raise
    except Exception as error:  # likewise
        raise Unsound(f"{type(error).__name__}: {error}") from error


def verify_assertion(
    assertion: PasskeyAssertion, challenge: str, party: RelyingParty, public_key: bytes
) -> Asserted:
    """Verify an authenticator's signature, and all that is signed but the counter.

    Raises:
        Unsound: as `verify_registration`; or it is not signed with that key.
    """
    try:
        return _asserted(assertion, challenge, party, public_key)
    except Unsound:
        raise
    except Exception as error:  # likewise
        raise Unsound(f"{type(error).__name__}: {error}") from error


def bytes_of(text: str) -> bytes:
    """The bytes that base64url without padding stands for, in the one form that it has.

    Raises:
        Unsound: it stands for none.
    """
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Unsound("not base64url") from error
    if text_of(found) != text:
        raise Unsound("not base64url in its one form")
    return found


def text_of(value: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _registered(new: NewPasskey, challenge: str, party: RelyingParty) -> Registered:
    client_data, attestation = bytes_of(new.client_data), bytes_of(new.attestation)
    _refuse_frames(client_data)
    statement = parse_attestation_object(attestation)
    # `none` was asked for; a browser may leave a credential's signature under itself in place, and nothing else.
    if statement.fmt not in {"none", "packed"} or statement.att_stmt.x5c is not None:
        raise Unsound("an attestation nobody asked for")
    attested = statement.auth_data.attested_credential_data
    if attested is None or not 0 < len(attested.credential_id) <= LONGEST_CREDENTIAL:
        raise Unsound("no credential")
    verified = verify_registration_response(
        credential=RegistrationCredential(
            id=text_of(attested.credential_id),
            raw_id=attested.credential_id,
            response=AuthenticatorAttestationResponse(client_data, attestation),
        ),
        expected_challenge=bytes_of(challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        require_user_verification=True,
        supported_pub_key_algs=list(ALGORITHMS),
    )
    _check_key(verified.credential_public_key)
    return Registered(
        text_of(verified.credential_id),
        verified.credential_public_key,
        verified.sign_count,
        verified.credential_backed_up,
    )


def _asserted(
    assertion: PasskeyAssertion, challenge: str, party: RelyingParty, public_key: bytes
) -> Asserted:
    client_data, authenticator_data = bytes_of(assertion.client_data), bytes_of(assertion.authenticator_data)
    _refuse_frames(client_data)
    verified = verify_authentication_response(
        credential=AuthenticationCredential(
            id=assertion.credential,
            raw_id=bytes_of(assertion.credential),
            response=AuthenticatorAssertionResponse(
                client_data, authenticator_data, bytes_of(assertion.signature)
            ),
        ),
        expected_challenge=bytes_of(challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        credential_public_key=public_key,
        # It would be compared before the signature is verified, and so speak of clones on anybody's word.
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    counter = parse_authenticator_data(authenticator_data).sign_count
    return Asserted(counter, verified.credential_backed_up)


def _refuse_frames(client_data: bytes) -> None:
    if parse_client_data_json(client_data).cross_origin:
        raise Unsound("in a frame of another site")


def _check_key(public_key: bytes) -> None:
    """Refuse a key that could not verify what its algorithm says, now instead of at the first sign-in."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    match decoded.alg, key:
        case COSEAlgorithmIdentifier.EDDSA, Ed25519PublicKey():
            return
        case COSEAlgorithmIdentifier.ECDSA_SHA_256, EllipticCurvePublicKey(curve=SECP256R1()):
            return
        case COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256, RSAPublicKey() if key.key_size in RSA_BITS:
            return
    raise Unsound("a key of another kind than its algorithm's")
