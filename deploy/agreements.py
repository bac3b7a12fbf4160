"""Keys and signatures for agreements, on the machine of whoever signs: nothing here asks a node."""

import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from deploy.node.problems import NodeProblem
from shared.contracts.calls.membership import Outward, Terms
from shared.contracts.vocabulary import ContentKind, MemberField, NotificationKind

ALGORITHM = "Ed25519"

NEWS = (
    NotificationKind.THREAD_OPENED,
    NotificationKind.POST_ADDED,
    NotificationKind.MENTIONED,
    NotificationKind.ANSWER_ACCEPTED,
    NotificationKind.THREAD_CLOSED,
    NotificationKind.THREAD_REOPENED,
)
"""News of what is said, which a draft names; other kinds are about somebody's own affairs."""


def make_private_key(file: Path) -> dict[str, Any]:
    """Make an Ed25519 key, and write it as a JWK into a new file of mode 0600.

    Returns:
        its public half, to be registered.

    Raises:
        NodeProblem: the file is there already, or can't be written.
    """
    key = OKPKey.generate_key("Ed25519")
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(key.as_dict(private=True), out)
    except FileExistsError:
        raise NodeProblem(
            f"{file} is there already, and stays as it is: `commonplace agreements public-key {file}` prints its "
            "public half."
        ) from None
    except OSError as error:
        raise NodeProblem(f"{file} can't be written: {error.strerror}.") from None
    return public_part(key)


def public_half(file: Path) -> dict[str, Any]:
    """What is registered of the key in a file."""
    return public_part(_read_key(file))


def sign_terms(terms: Terms, file: Path) -> str:
    """Sign terms by the key in a file: a detached JWS over their canonical JSON."""
    return sign_with(_read_key(file), terms)


def sign_with(key: OKPKey, terms: Terms) -> str:
    """Sign terms by a key in hand."""
    header = {"alg": ALGORITHM, "kid": key.thumbprint()}
    content = rfc8785.dumps(terms.model_dump(mode="json"))
    return jws.detach_content(jws.serialize_compact(header, content, key, algorithms=[ALGORITHM]))


def draft_terms(
    *,
    agreement: str,
    parties: tuple[str, str],
    communities: Sequence[str],
    purpose: str,
    kinds: Sequence[ContentKind],
    fields: Sequence[MemberField],
    retention_days: int,
    expires_at: datetime,
    notifications: Sequence[NotificationKind] = NEWS,
) -> Terms:
    """Terms of a first version, the same in both directions.

    They are to be reviewed fifty days before the end, twenty before both are told of it.
    """
    one, other = (
        Outward(
            organisation=party,
            kinds=tuple(kinds),
            fields=tuple(fields),
            notifications=tuple(notifications),
        )
        for party in parties
    )
    review_at = expires_at - timedelta(days=50)
    return Terms(
        format="commonplace-agreement-1",
        agreement=agreement,
        version=1,
        between=(one, other),
        purpose=purpose,
        communities=tuple(communities),
        retention_days=retention_days,
        review_at=f"{review_at:%Y-%m-%dT%H:%M:%SZ}",
        expires_at=f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
    )


def public_part(key: OKPKey) -> dict[str, Any]:
    """What of a key is registered: its public half."""
    return {"kty": "OKP", "crv": "Ed25519", "x": key.as_dict(private=False)["x"], "kid": key.thumbprint()}


def _read_key(file: Path) -> OKPKey:
    try:
        return OKPKey.import_key(json.loads(file.read_bytes()))
    except OSError as error:
        raise NodeProblem(f"{file} can't be read: {error.strerror}.") from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise NodeProblem(f"{file} holds no key as `commonplace agreements make-key` writes it.") from None
