"""What an ID token must say before somebody is believed to be who it says (OpenID Connect Core 1.0, 3.1.3.7)."""

import re
import time
from secrets import compare_digest

from joserfc import jws
from joserfc.errors import JoseError

from services.gateway.auth.fetching import Json
from shared.contracts.calls.membership import IdentityProvider

LEEWAY = 60
OLDEST = 600
"""Seconds: an ID token that was issued earlier is of another sign-in."""
SUBJECT = re.compile(r"[ -~]{1,255}")
OBJECT_ID = re.compile(r"[0-9a-fA-F-]{36}")


class Refused(Exception):
    """What came back is not a sign-in; the text says why, for a log."""


def check(claims: Json, provider: IdentityProvider, nonce: str) -> None:
    """Issuer, audience, times and nonce; raises `Refused`."""
    now = time.time()
    audience, end, issued = claims.get("aud"), claims.get("exp"), claims.get("iat")
    several = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != provider.issuer:
        raise Refused("the ID token is another issuer's")
    if provider.client_id not in several or claims.get("azp", provider.client_id) != provider.client_id:
        raise Refused("the ID token is for another client")
    if len(several) > 1 and "azp" not in claims:
        raise Refused("the ID token is for several, and does not say for whom")
    if not isinstance(end, int | float) or end < now - LEEWAY:
        raise Refused("the ID token has ended")
    if not isinstance(issued, int | float) or not now - OLDEST - LEEWAY < issued < now + LEEWAY:
        raise Refused("the ID token was not issued just now")
    told = claims.get("nonce")
    if not isinstance(told, str) or not compare_digest(told.encode(), nonce.encode()):
        raise Refused("the ID token is of another sign-in")


def who(provider: IdentityProvider, claims: Json) -> tuple[str, str]:
    """Subject and name in the directory: for Entra tenant and object id, which stay the same for every application."""
    if provider.kind == "entra":
        tenant, object_id = claims.get("tid"), claims.get("oid")
        if tenant != provider.tenant:
            raise Refused("the ID token is another tenant's")
        if not isinstance(object_id, str) or not OBJECT_ID.fullmatch(object_id):
            raise Refused("the ID token has no object id")
        return f"{tenant}/{object_id.lower()}", object_id.lower()
    subject = claims.get("sub")
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise Refused("the ID token has no subject")
    return subject, subject


def kid(token: str) -> str | None:
    """The key's id that a token names; nothing of it is proven yet."""
    try:
        kid = jws.extract_compact(token.encode("ascii")).headers().get("kid")
    except (JoseError, ValueError):
        return None
    return kid if isinstance(kid, str) else None
