"""People, places and threads for the rules of discussion."""

from datetime import UTC, datetime
from typing import Any

from services.discussion.domain.access import Community, Member, Place, Standing, stay_of
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from shared.contracts.vocabulary import Role, Stage, ThreadKind, Visibility

COMMUNITY = "c" * 24
ANA, BEN, CAI = "a" * 24, "b" * 24, "e" * 24
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def member(id: str = ANA, name: str = "Ana Price") -> Member:
    return Member(id=id, name=name, profession="nurse", organisation="0" * 24, active=True)


def stay(member: str = ANA, revision: int = 1) -> str:
    return stay_of(f"{COMMUNITY}:{member}", revision)


def place(role: Role, member: str = ANA, revision: int = 1) -> Place:
    return Place(role=role, stay=stay(member, revision))


def standing(
    role: Role | None = Role.MEMBER,
    visibility: Visibility = Visibility.OPEN,
    caller: str = ANA,
    **changes: Any,
) -> Standing:
    fields: dict[str, Any] = {
        "caller": caller,
        "at_home": True,
        "member": member(caller),
        "community": Community(
            id=COMMUNITY, visibility=visibility, stage=changes.pop("stage", Stage.MATURING)
        ),
        "place": place(role, caller) if role else None,
        "asked_for": COMMUNITY,
    }
    return Standing(**(fields | changes))


def thread(**changes: Any) -> Thread:
    fields: dict[str, Any] = {
        "id": "1" * 24,
        "community": COMMUNITY,
        "kind": ThreadKind.QUESTION,
        "title": "Walking aids",
        "author": ANA,
        "posts": 1,
        "opened_at": MORNING,
        "last_post_at": MORNING,
    }
    return Thread(**(fields | changes))


def post(**changes: Any) -> Post:
    fields: dict[str, Any] = {
        "id": "2" * 24,
        "thread": "1" * 24,
        "community": COMMUNITY,
        "author": BEN,
        "text": "So",
        "html": "<p>So</p>",
        "posted_at": MORNING,
    }
    return Post(**(fields | changes))
