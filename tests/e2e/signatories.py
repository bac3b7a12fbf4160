"""Organisations that sign agreements, as their own systems do it over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, cast

import httpx2
import rfc8785
from joserfc import jws
from joserfc.jwk import OKPKey

ALL_NEWS = ["thread opened", "post added", "mentioned", "answer accepted", "thread closed", "thread reopened"]


class System:
    """An organisation's own system: a client's token, and a key to sign with that never leaves it.

    Args:
        url: the gateway's address.
        organisation: whose it is.
        token: an access token of its client.
        contact: the member who is to be told.
    """

    def __init__(self, url: str, organisation: str, token: str, contact: str) -> None:
        self.organisation = organisation
        self.contact = contact
        self.credential = {"Authorization": f"Bearer {token}"}
        self.http = httpx2.Client(base_url=url, timeout=30, trust_env=False)
        self.key = OKPKey.generate_key("Ed25519")

    def send(self, method: str, path: str, body: object = None, member: str | None = None) -> httpx2.Response:
        """Ask for something, for itself or for a member."""
        headers = {**self.credential, "Idempotency-Key": token_hex(12)}
        if member:
            headers["Commonplace-Member"] = member
        return self.http.request(method, path, json=body, headers=headers)

    def get(self, path: str, member: str | None = None) -> httpx2.Response:
        """Read something, for itself or for a member."""
        return self.send("GET", path, member=member)

    def register_key(self) -> httpx2.Response:
        """Register the public half of its key."""
        public = self.key.as_dict(private=False)
        body = {"kty": "OKP", "crv": "Ed25519", "x": public["x"]}
        return self.send("POST", f"/v1/organisations/{self.organisation}/keys", body)

    def sign(self, terms: Mapping[str, Any]) -> str:
        """Its signature on terms."""
        header = {"alg": "Ed25519", "kid": self.key.thumbprint()}
        whole = jws.serialize_compact(header, rfc8785.dumps(dict(terms)), self.key, algorithms=["Ed25519"])
        return jws.detach_content(whole)

    def propose(self, terms: Mapping[str, Any], signature: str = "") -> httpx2.Response:
        """Propose terms."""
        body = {"terms": terms, "signature": signature or self.sign(terms), "contact": self.contact}
        return self.send("POST", "/v1/agreements", body)

    def countersign(self, terms: Mapping[str, Any], signature: str = "") -> httpx2.Response:
        """Countersign terms that were proposed."""
        body = {
            "version": terms["version"],
            "signature": signature or self.sign(terms),
            "contact": self.contact,
        }
        return self.send("PUT", f"/v1/agreements/{terms['agreement']}/countersignature", body)

    def revoke(self, agreement: str) -> httpx2.Response:
        """Revoke an agreement."""
        return self.send("DELETE", f"/v1/agreements/{agreement}")


def terms_between(
    one: System, other: System, community: str, *, lasts: timedelta = timedelta(days=300), **changes: Any
) -> dict[str, Any]:
    """Terms of a first version: threads, names and organisations in both directions."""
    ends = datetime.now(UTC) + lasts

    def outward(organisation: str) -> dict[str, Any]:
        return {
            "organisation": organisation,
            "kinds": ["threads"],
            "fields": ["name", "organisation"],
            "notifications": ALL_NEWS,
        }

    return {
        "format": "commonplace-agreement-1",
        "agreement": token_hex(12),
        "version": 1,
        "between": [outward(one.organisation), outward(other.organisation)],
        "purpose": "Fewer falls",
        "communities": [community],
        "retention_days": 30,
        "review_at": f"{ends - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        **changes,
    }


def agree(one: System, other: System, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Bring terms into force."""
    for system in (one, other):
        assert system.register_key().status_code == 201
    proposed = one.propose(terms)
    assert proposed.status_code == 201, proposed.text
    signed = other.countersign(terms)
    assert signed.status_code == 200, signed.text
    return cast(dict[str, Any], signed.json())
