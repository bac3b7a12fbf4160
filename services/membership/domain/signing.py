"""Signatures on terms: a detached JWS (RFC 7515, appendix F) over their canonical JSON (RFC 8785).

The algorithm is Ed25519, under its own name (RFC 9864) or the older `EdDSA` (RFC 8037) that most
libraries still write. A header may say the algorithm, the key's id and a type, and nothing else: no
key, no address of one, nothing that must be understood.
"""

from collections.abc import Callable

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.membership.domain.organisation_key import OrganisationKey
from shared.contracts.calls.membership import Terms
from shared.errors import Invalid

ALGORITHMS = ["Ed25519", "EdDSA"]
SAID = frozenset({"alg", "kid", "typ"})

FindKey = Callable[[str], OrganisationKey | None]
"""A party's own key by its id."""


def canonical(terms: Terms) -> bytes:
    """The bytes that are signed."""
    return rfc8785.dumps(terms.model_dump(mode="json"))


def key_named_in(signature: str) -> str:
    """The id of the key that a signature says it was made by; empty when it says none."""
    try:
        headers = jws.extract_compact(signature.encode("ascii"), b"").headers()
    except (JoseError, ValueError):
        return ""
    return str(headers.get("kid", "")) if headers.keys() <= SAID else ""


def is_signed(terms: Terms, signature: str, key: OrganisationKey | None) -> bool:
    """Whether this is a signature on exactly these terms by exactly this key, and the key is good."""
    if key is None or not key.is_good or key_named_in(signature) != key.kid:
        return False
    public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key.x})
    try:
        jws.deserialize_compact(signature, public, algorithms=ALGORITHMS, payload=canonical(terms))
    except (JoseError, ValueError, TypeError):
        return False
    return True


def check_signed(terms: Terms, signature: str, key: OrganisationKey | None) -> OrganisationKey:
    """Refuse what is no good signature on these terms; returns the key otherwise.

    Raises:
        Invalid: `signature-invalid`; the sentence says whether the key is unknown.
    """
    if key is None or not key.is_good:
        raise Invalid(
            "The signature names no key of your organisation that is good; register the key first.",
            "signature-invalid",
            "signature",
        )
    if not is_signed(terms, signature, key):
        raise Invalid(
            "This is no signature by that key on these terms; sign their canonical JSON (RFC 8785).",
            "signature-invalid",
            "signature",
        )
    return key
