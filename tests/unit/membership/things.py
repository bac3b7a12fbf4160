"""Things of the membership service for tests of its rules."""

from datetime import UTC, datetime
from typing import Any

from services.membership.domain.client import Client, ClientSecret
from services.membership.domain.community import Community
from services.membership.domain.credential import Token, digest_of
from services.membership.domain.invitation import Invitation
from services.membership.domain.member import Member
from shared.contracts.calls.membership import Charter
from shared.contracts.vocabulary import Role, Stage, Visibility

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANN, BOB = "a" * 24, "b" * 24
TRUST, COUNCIL = "1" * 24, "2" * 24
COMMUNITY, THING = "c" * 24, "d" * 24


def a_community(**fields: Any) -> Community:
    charter = Charter(domain="Wounds", purpose="Heal them", audience="Nurses")
    given = {
        "id": COMMUNITY,
        "title": "Wound care",
        "charter": charter,
        "visibility": Visibility.OPEN,
        "stage": Stage.POTENTIAL,
        "facilitators": 1,
        "created_at": NOON,
    }
    return Community(**{**given, **fields})


def a_member(**fields: Any) -> Member:
    given = {"id": ANN, "name": "Ann", "handle": "ann", "profession": "Nurse", "organisation": TRUST}
    return Member(**{**given, **fields})


def an_invitation(**fields: Any) -> Invitation:
    given = {
        "id": THING,
        "digest": digest_of("secret"),
        "community": COMMUNITY,
        "email": "ann@example.org",
        "role": Role.MEMBER,
        "invited_by": BOB,
        "invited_at": NOON,
        "expires_at": NOON.replace(day=18),
    }
    return Invitation(**{**given, **fields})


def a_token(**fields: Any) -> Token:
    given = {
        "id": THING,
        "digest": digest_of("secret"),
        "member": ANN,
        "name": "phone",
        "scopes": ("threads:read",),
        "issued_at": NOON,
        "expires_at": NOON.replace(day=18),
    }
    return Token(**{**given, **fields})


def a_client(**fields: Any) -> Client:
    given = {
        "id": THING,
        "secrets": (ClientSecret(id=THING, digest=digest_of("secret"), added_at=NOON),),
        "organisation": TRUST,
        "name": "Directory",
        "scopes": ("members:write",),
    }
    return Client(**{**given, **fields})
