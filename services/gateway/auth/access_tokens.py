"""The access tokens that partners' systems get from the gateway: JWTs as in RFC 9068, for fifteen minutes."""

from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from services.gateway.auth.keys import ALGORITHM, SigningKeys

LEEWAY = 5
SECRET_CLAIM = "secret_id"  # noqa: S105 - the name of a claim
LONGEST = 4096


class NotAToken(Exception):
    """What was presented is no access token of this node, or one that has ended."""


@dataclass(frozen=True)
class AccessToken:
    """What a token says: which client holds it, what it may do, and until when (seconds since 1970).

    Args:
        secret: the id of the client's secret that bought it, with which it ends; None when a signature did.
    """

    client: str
    scopes: frozenset[str]
    expires: int
    secret: str | None = None


class AccessTokens:
    """Reads access tokens.

    Args:
        keys: whose signatures are believed.
        issuer: who must have issued the token, which is also for whom it must be meant.
    """

    def __init__(self, keys: SigningKeys, issuer: str) -> None:
        self.keys = keys
        self.issuer = issuer
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": issuer},
            exp={"essential": True},
            sub={"essential": True},
            client_id={"essential": True},
            scope={"essential": True, "allow_blank": True},
        )

    def read(self, token: str) -> AccessToken:
        """Check signature, kind, issuer, audience and time.

        Raises:
            NotAToken: any of them is wrong.
        """
        claims = self._verified(token)
        scope, client, expires = claims["scope"], claims["client_id"], claims["exp"]
        secret = claims.get(SECRET_CLAIM)
        if not (isinstance(scope, str) and isinstance(client, str) and isinstance(expires, int)):
            raise NotAToken
        if secret is not None and not isinstance(secret, str):
            raise NotAToken
        return AccessToken(client, frozenset(scope.split()), expires, secret)

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise NotAToken
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            key = self.keys.find(str(header.get("kid")))
            if key is None or header.get("typ") not in ("at+jwt", "application/at+jwt"):
                raise NotAToken
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotAToken from error
        return claims
