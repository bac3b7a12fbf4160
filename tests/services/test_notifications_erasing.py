"""What notifications erases of a member, piece by piece, and what comes late and names them still."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts import former
from shared.contracts.discussion import HistoryImported, PostVisibilityChanged, ThreadTitleChanged
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.membership import MemberErased
from shared.wiring import erasing
from shared.wiring.store import OUTBOX, new_id, now
from tests.services.notifications_room import Room, room

__all__ = ["room"]


def told(fact: Contract, ago: timedelta = timedelta(0)) -> Envelope[Any]:
    return Envelope.wrap(fact, id=new_id(), source=fact.speaker, time=datetime.now(UTC) - ago)


def erased(member: str, *, remove_texts: bool = True) -> MemberErased:
    return MemberErased(
        member=member, erasure=new_id(), remove_texts=remove_texts, at=datetime.now(UTC), revision=9
    )


def erase(room: Room, fact: MemberErased) -> None:
    """Hear it, and let the time pass in which what is on its way arrives."""
    room.service.hear_member_erased([told(fact)])
    room.store.database[erasing.ERASING].update_one({"_id": fact.member}, {"$set": {"begins": now()}})
    room.service.erase_members()


def receipts(room: Room) -> list[dict[str, Any]]:
    rows = [json.loads(row["body"]) for row in room.store.database[OUTBOX].find()]
    return [row["data"] for row in rows if row["type"].endswith("notices-erased.v1")]


def test_it_waits_for_what_is_on_its_way_and_answers_once(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana))
    fact = erased(ana)
    for _ in range(2):
        room.service.hear_member_erased([told(fact)])
    room.service.erase_members()
    assert not receipts(room), "not yet"
    erase(room, fact)
    room.service.erase_members()
    (receipt,) = receipts(room)
    assert (receipt["member"], receipt["erasure"]) == (ana, fact.erasure)
    assert {name: count for name, count in receipt["erased"].items() if count} == {
        "members": 1, "places": 1, "ties": 1, "deeds": 1,
    }  # fmt: skip
    (shown,) = room.inbox(ben)
    assert (shown.by, shown.title) == (former.NAME, former.TITLE)


def test_others_keep_what_is_theirs(room: Room) -> None:
    room.start()
    ana, ben, cai = room.joins(), room.joins(), room.joins()
    bens = room.thread_opened(ben)
    room.hear(bens, room.post_added(bens, ana))
    before = room.store.database["members"].find_one({"_id": ben})
    erase(room, erased(ana))
    assert room.store.database["members"].find_one({"_id": ben}) == before
    assert {shown.title for shown in room.inbox(cai)} == {bens.title}, "the thread is not theirs"
    deeds = room.store.database["deeds"].find()
    assert {deed["by"]: deed["by_name"] for deed in deeds} == {ben: "Ana", ana: former.NAME}
    assert not room.store.database["inbox"].find_one({"member": ana})


@pytest.mark.parametrize("remove_texts", [True, False])
def test_what_comes_late_names_them_no_more(room: Room, remove_texts: bool) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    answered = room.post_added(opened, ben)
    erase(room, erased(ana, remove_texts=remove_texts))
    late = timedelta(minutes=2)
    room.service.hear_thread_opened([told(opened, late)])
    room.service.hear_post_added([told(answered, late)])
    deeds = list(room.store.database["deeds"].find())
    assert {deed["by_name"] for deed in deeds} == {former.NAME, "Ben"}
    assert {deed["title"] for deed in deeds} == {former.TITLE if remove_texts else opened.title}


@pytest.mark.parametrize("remove_texts", [True, False])
def test_the_title_of_an_imported_thread_is_found_though_nobody_was_told_of_its_opening(
    room: Room, remove_texts: bool
) -> None:
    room.start()
    ana, ben, cai = room.joins(), room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(
        HistoryImported(
            thread=opened.thread, community=opened.community, title=opened.title, opened_by=ana,
            participants=(ana, ben), posts=1, at=opened.at,
        ),
        room.post_added(opened, cai),
    )  # fmt: skip
    assert [shown.title for shown in room.inbox(ben)] == [opened.title]
    erase(room, erased(ana, remove_texts=remove_texts))
    assert [shown.title for shown in room.inbox(ben)] == [former.TITLE if remove_texts else opened.title]


def test_a_title_that_was_kept_with_the_post_that_moderation_took_out_is_erased(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    theirs, other = room.thread_opened(ana), room.thread_opened(ben)
    room.hear(theirs, other)
    kept = room.store.database["hidden_posts"]
    for opened in (theirs, other):
        kept.insert_one(
            {
                "_id": opened.post,
                "thread": opened.thread,
                "hidden": False,
                "title": opened.title,
                "revision": 3,
            }
        )
    kept.insert_one({"_id": new_id(), "thread": theirs.thread, "hidden": True, "title": None, "revision": 2})
    erase(room, erased(ana, remove_texts=False))
    assert kept.count_documents({"title": {"$ne": None}}) == 2
    room.store.database[erasing.ERASING].delete_many({})
    erase(room, erased(ana))
    assert [row["_id"] for row in kept.find({"title": {"$ne": None}})] == [other.post]
    assert receipts(room)[-1]["erased"]["hidden_posts"] == 1


def test_a_title_that_was_told_with_its_opening_post_is_erased_and_does_not_come_back(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    back = PostVisibilityChanged(
        post=opened.post, thread=opened.thread, community=opened.community, visible=True, at=now(),
        revision=3, title="Diplodocus",
    )  # fmt: skip
    room.hear(back, opened)
    assert [shown.title for shown in room.inbox(ben)] == ["Diplodocus"]
    erase(room, erased(ana))
    assert [shown.title for shown in room.inbox(ben)] == [former.TITLE]
    room.hear(back.model_copy(update={"revision": 5}))
    assert [shown.title for shown in room.inbox(ben)] == [former.TITLE]


@pytest.mark.parametrize("remove_texts", [True, False])
def test_a_change_of_title_that_comes_late_brings_none_back(room: Room, remove_texts: bool) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened)
    erase(room, erased(ana, remove_texts=remove_texts))
    room.hear(
        ThreadTitleChanged(
            thread=opened.thread, community=opened.community, opened_by=ana, title="Secret", withheld=False,
            at=opened.at, revision=2,
        )
    )  # fmt: skip
    assert [shown.title for shown in room.inbox(ben)] == [former.TITLE if remove_texts else "Secret"]


def test_an_older_profile_that_comes_late_changes_nothing(room: Room) -> None:
    room.start()
    ana = room.joins()
    late = room.member_changed(ana, "Quillologist", ())
    erase(room, erased(ana))
    room.hear(late)
    kept = room.store.database["members"].find_one({"_id": ana})
    assert kept and (kept["handle"], kept["active"]) == (former.handle(ana), False)
    (place,) = room.store.database["places"].find({"member": ana})
    assert (place["profession"], place["active"]) == (former.PROFESSION, False)
