"""The second gate: what was found in and nobody released is withheld from other organisations' systems."""

from typing import Any

import pytest

from services.discussion.domain.withheld import TEXT
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import (
    EditPost,
    GetPost,
    GetThread,
    ImportedPost,
    ImportedThread,
    ImportThreads,
    ListPosts,
    ListPostVersions,
    ListThreads,
    ListUnanswered,
    NewPost,
    Search,
)
from shared.contracts.grant import WITHHELD_TITLE
from shared.contracts.vocabulary import Confidential, ThreadKind
from shared.wiring.store import new_id, now
from tests.services.discussion_room import Room, room
from tests.services.test_discussion_held_posts import Place, ask

__all__ = ["room"]

WORDS = "Wombat at LL57 2DG, 943 476 5919"


def system(room: Room, place: Place, like: Caller | None = None) -> Caller:
    """A partner's system acting for one of its members, of the same organisation as `like` or of one that agreed."""
    member = room.member(organisation=like.organisation if like else None)
    if like is None:
        room.agree(place.author.organisation, member.organisation, place.community)
    return member.model_copy(update={"client": new_id()})


@pytest.fixture(params=["imported", "older than the guard"])
def old(request: pytest.FixtureRequest, room: Room) -> tuple[Place, str, str]:
    """A place with a thread that holds something in its title and its first post; and both ids."""
    place = Place(room)
    assert place.author.member
    posts = tuple(
        ImportedPost(id=new_id(), author=place.author.member, at=now(), text=text)
        for text in (WORDS, "Wombats are harmless")
    )
    part = ImportedThread(
        id=new_id(),
        community=place.community,
        kind=ThreadKind.QUESTION,
        title="Ring 07700 900123",
        posts=posts,
    )
    answer = ask(room, ImportThreads(caller=Caller(operator=True), threads=(part,)))
    assert answer.found == {
        Confidential.PHONE_NUMBER: 1,
        Confidential.POSTCODE: 1,
        Confidential.NHS_NUMBER: 1,
    }
    if request.param == "older than the guard":
        room.store.database["posts"].update_many({"thread": part.id}, {"$unset": {"marks": 1}})
        room.store.database["threads"].update_one({"_id": part.id}, {"$unset": {"marks": 1}})
    return place, part.id, posts[0].id


def reads(place: Place, thread: str, post: str) -> dict[str, Any]:
    here = {"community": place.community}
    return {
        "get_thread": lambda caller: GetThread(caller=caller, thread=thread),
        "get_post": lambda caller: GetPost(caller=caller, post=post),
        "list_posts": lambda caller: ListPosts(caller=caller, thread=thread),
        "list_post_versions": lambda caller: ListPostVersions(caller=caller, post=post),
        "list_threads": lambda caller: ListThreads(caller=caller, **here),
        "list_unanswered": lambda caller: ListUnanswered(caller=caller, **here),
        "search": lambda caller: Search(caller=caller, words="wombat ring", **here),
    }


def told(room: Room, call: Call) -> str:
    return str(ask(room, call).model_dump_json())


def test_it_is_withheld_from_another_organisation_s_system_by_every_road(
    room: Room, old: tuple[Place, str, str]
) -> None:
    place, thread, post = old
    for name, read in reads(place, thread, post).items():
        kept = told(room, read(system(room, place)))
        assert not any(secret in kept for secret in ("LL57", "943 476", "07700")), name
        for other in (room.member(), system(room, place, like=place.author)):
            assert any(secret in told(room, read(other)) for secret in ("LL57", "07700")), name
    whole = ask(room, GetThread(caller=system(room, place), thread=thread))
    assert whole.title == WITHHELD_TITLE
    assert [each.text for each in whole.first_posts] == [TEXT, "Wombats are harmless"]


def test_an_old_version_is_withheld_though_the_post_was_mended(
    room: Room, old: tuple[Place, str, str]
) -> None:
    place, _, post = old
    ask(room, EditPost(caller=place.author, post=post, new=NewPost(text="Nothing any more"), revision=1))
    versions = ask(room, ListPostVersions(caller=system(room, place), post=post)).items
    assert [version.text for version in versions] == ["Nothing any more", TEXT]
    assert ask(room, GetPost(caller=system(room, place), post=post)).text == "Nothing any more"


def test_what_a_facilitator_released_crosses(room: Room) -> None:
    place = Place(room)
    made = place.decide(place.hold(WORDS)).made
    assert made
    assert ask(room, GetPost(caller=system(room, place), post=made)).text == WORDS
    assert place.facilitator.member
    row = room.store.database["posts"].find_one({"_id": made})
    assert row
    assert row["marks"]["released_by"] == place.facilitator.member
    assert row["marks"]["found"] == {"postcode": 1, "NHS number": 1}
