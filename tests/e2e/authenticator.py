"""An authenticator in software, as far as WebAuthn sees one; it says whatever a test has it say."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

ES256, EDDSA, RS256, ES384 = -7, -8, -257, -35
PRESENT, VERIFIED, MAY_BE_BACKED_UP, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
SOUND = PRESENT | VERIFIED
SELF = {"fmt": "packed"}
"""A statement that the key signs itself, or whoever made the authenticator (WebAuthn, 8.2)."""


class Authenticator:
    """One credential, on one device.

    Args:
        origin: where its browser is.
        algorithm: of its key, as COSE numbers them.
        counts: whether it counts how often it was used.
    """

    def __init__(self, origin: str, algorithm: int = ES256, counts: bool = True) -> None:
        self.origin = origin
        self.algorithm = algorithm
        self.counts = counts
        self.counter = 0
        self.id = token_bytes(32)
        self.user = ""
        self.key = _new_key(algorithm)

    def make(self, options: Mapping[str, Any], **different: Any) -> dict[str, str]:
        """Answer `navigator.credentials.create`, soundly but for what is said to be different."""
        self.user = options["user"]
        flags = different.pop("flags", SOUND)
        public = different.pop("public_key", None) or cbor2.dumps(_cose(self.key, self.algorithm))
        statement = different.pop("statement", {"fmt": "none", "attStmt": {}})
        certified = different.pop("certified", False)
        client_data = self._client_data("webauthn.create", options, different)
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(options, flags | ATTESTED, different) + attested
        assert not different, different
        if statement == SELF:
            statement = _attested(
                self.key, self.algorithm, data + hashlib.sha256(client_data).digest(), certified
            )
        attestation = cbor2.dumps({**statement, "authData": data})
        return {"client_data": text(client_data), "attestation": text(attestation)}

    def sign(self, options: Mapping[str, Any], **different: Any) -> dict[str, str]:
        """Answer `navigator.credentials.get`, soundly but for what is said to be different."""
        user = different.pop("user_handle", self.user)
        key = different.pop("key", self.key)
        client_data = self._client_data("webauthn.get", options, different)
        data = self._data(options, different.pop("flags", SOUND), different)
        assert not different, different
        signature = _signed(key, data + hashlib.sha256(client_data).digest())
        return {
            "credential": text(self.id),
            "client_data": text(client_data),
            "authenticator_data": text(data),
            "signature": text(signature),
            "user_handle": user,
        }

    def _client_data(self, kind: str, options: Mapping[str, Any], different: dict[str, Any]) -> bytes:
        said = {
            "type": different.pop("type", kind),
            "challenge": different.pop("challenge", options["challenge"]),
            "origin": different.pop("origin", self.origin),
            "crossOrigin": different.pop("cross_origin", False),
        }
        return json.dumps(said).encode()

    def _data(self, options: Mapping[str, Any], flags: int, different: dict[str, Any]) -> bytes:
        self.counter += self.counts
        counter: int = different.pop("counter", self.counter)
        party: str = different.pop("relying_party", options["relying_party"])
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")


def text(value: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _new_key(algorithm: int) -> Any:
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(65_537, 2_048)
    return ec.generate_private_key(ec.SECP384R1() if algorithm == ES384 else ec.SECP256R1())


def _cose(key: Any, algorithm: int) -> dict[int, Any]:
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {1: 1, 3: algorithm, -1: 6, -2: public.public_bytes_raw()}
    numbers = public.public_numbers()
    if isinstance(public, rsa.RSAPublicKey):
        return {1: 3, 3: algorithm, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}
    size = (public.curve.key_size + 7) // 8
    curve = 2 if isinstance(public.curve, ec.SECP384R1) else 1
    return {
        1: 2,
        3: algorithm,
        -1: curve,
        -2: numbers.x.to_bytes(size, "big"),
        -3: numbers.y.to_bytes(size, "big"),
    }


def _attested(key: Any, algorithm: int, data: bytes, certified: bool) -> dict[str, Any]:
    """A statement that is sound: signed by the credential's own key, or by a maker's with a certificate."""
    if not certified:
        return {"fmt": "packed", "attStmt": {"alg": algorithm, "sig": _signed(key, data)}}
    maker = ec.generate_private_key(ec.SECP256R1())
    of = [
        (NameOID.COUNTRY_NAME, "GB"),
        (NameOID.ORGANIZATION_NAME, "Maker"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
        (NameOID.COMMON_NAME, "Device"),
    ]
    name = x509.Name([x509.NameAttribute(*one) for one in of])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, maker.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(maker, SHA256())
        .public_bytes(Encoding.DER)
    )
    return {"fmt": "packed", "attStmt": {"alg": ES256, "sig": _signed(maker, data), "x5c": [certificate]}}


def _signed(key: Any, data: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), SHA256())
    signature: bytes = key.sign(data, ec.ECDSA(SHA256()))
    return signature
