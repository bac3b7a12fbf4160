"""Facts in any order, several times, in batches of any size, to two processes at once: the same inboxes."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.notifications.repositories import INDEXES
from shared.contracts import discussion, membership
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.vocabulary import Reaction, Role, ThreadKind
from shared.wiring.store import Store, new_id
from tests.services.notifications_room import Room, handle_of, room, wrapped

__all__ = ["room"]

PROFESSIONS = ("Nurse", "Physiotherapist", "Lecturer")
INTERESTS = ("falls", "frailty", "sleep")


def history(room: Room, chance: random.Random) -> list[Contract]:
    """A community in which everything happens: people join, ask, answer, mention, react, and one leaves."""
    facts: list[Contract] = [room.community_changed()]
    members = [new_id() for _ in range(12)]
    guest, late, leaver = new_id(), new_id(), members[-1]
    for number, member in enumerate(members):
        interests = tuple(chance.sample(INTERESTS, 2))
        facts.append(room.member_changed(member, chance.choice(PROFESSIONS), interests))
        role = Role.FACILITATOR if number == 0 else Role.MEMBER
        facts.append(room.membership_changed(member, role))
    facts += [room.member_changed(guest), room.membership_changed(guest, Role.GUEST)]
    for _ in range(4):
        asker, *others = chance.sample(members[:-1], 5)
        opened = room.thread_opened(
            asker,
            chance.choice(list(ThreadKind)),
            mentions=(chance.choice(others),),
            professions=("nurse",),
            interests=("falls",),
        )
        posts = [room.post_added(opened, writer) for writer in (*others, asker, leaver)]
        facts += [opened, *posts, room.thread_shared(opened, guest, asker)]
        facts.append(room.post_added(opened, others[0], mentions=(guest,)))
        facts.append(room.post_edited(opened, posts[1].post, posts[1].author, (others[3],)))
        # Discussion had not heard of these; some of them are in, and one comes in only later.
        unknown = tuple(handle_of(one) for one in (*members[:3], guest, late, leaver))
        facts.append(room.thread_opened(members[4], unknown_handles=unknown))
        facts.append(room.post_added(opened, asker, unknown_handles=unknown))
        facts.append(room.post_edited(opened, posts[2].post, posts[2].author, (), 2, unknown))
        facts.append(_closed(room, opened, by=members[0]))
        facts.append(_reacted(room, opened, posts[2], by=asker))
    request, at = new_id(), room.moment()
    words = {
        "request": request,
        "community": room.community,
        "member": late,
        "community_title": "Falls prevention",
    }
    facts.append(membership.JoinRequested(member_name="Zoe", at=at, **words))
    at = room.moment()
    facts.append(membership.JoinDecided(approved=True, decided_by=members[0], at=at, **words))
    facts += [room.membership_changed(late, since=at), room.member_changed(late)]
    facts.append(room.thread_opened(members[1]))
    facts.append(room.membership_changed(leaver, None, revision=2))
    facts.append(room.thread_opened(members[2]))
    return facts


def _closed(room: Room, opened: discussion.ThreadOpened, by: str) -> discussion.ThreadClosed:
    return discussion.ThreadClosed(
        thread=opened.thread,
        community=opened.community,
        title=opened.title,
        opened_by=opened.author,
        closed_by=by,
        closed_by_name="Fay",
        reason="Answered.",
        at=room.moment(),
        revision=9,
    )


def _reacted(
    room: Room, opened: discussion.ThreadOpened, post: discussion.PostAdded, by: str
) -> discussion.PostReacted:
    return discussion.PostReacted(
        post=post.post,
        thread=opened.thread,
        community=opened.community,
        title=opened.title,
        author=post.author,
        reaction=Reaction.HELPED_ME,
        reacted_by=by,
        reacted_by_name="Ana",
        at=room.moment(),
        news=new_id(),
    )


def inboxes(room: Room) -> dict[str, tuple[str, ...]]:
    """Every row there is, with its reasons; whose it is, is in its id."""
    rows = room.store.database["inbox"].find()
    return {row["_id"]: tuple(row["reasons"]) for row in rows}


def emptied(room: Room) -> Room:
    """The same room with a database that has heard nothing yet."""
    room.store.client.drop_database(room.store.database.name)
    room.store.ensure(INDEXES)
    return room


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_repetition_lead_to_the_same_inboxes(room: Room, seed: int) -> None:
    chance = random.Random(seed)
    envelopes = [wrapped(fact) for fact in history(room, chance)]
    room.hear_envelopes(envelopes, batch=1)
    expected = inboxes(room)
    assert len(expected) > 100

    for _ in range(2):
        emptied(room)
        shuffled = envelopes * 3
        chance.shuffle(shuffled)
        by_kind = chance.random() < 0.5
        if by_kind:
            shuffled.sort(key=lambda envelope: hash((seed, envelope.type)))
        room.hear_envelopes(shuffled, batch=chance.choice([1, 7, 200]))
        assert inboxes(room) == expected
    assert len(room.nudges.reached) >= len(expected)


@pytest.mark.parametrize("seed", range(2))
def test_two_processes_at_once_miss_nothing_and_double_nothing(room: Room, seed: int) -> None:
    chance = random.Random(seed)
    envelopes = [wrapped(fact) for fact in history(room, chance)]
    room.hear_envelopes(envelopes, batch=1)
    expected = inboxes(room)

    for _ in range(2):
        emptied(room)
        rooms = [room, _neighbour(room)]
        shares: list[list[Envelope[Any]]] = [[], []]
        shuffled = envelopes * 2
        chance.shuffle(shuffled)
        for envelope in shuffled:
            chance.choice(shares).append(envelope)
        with ThreadPoolExecutor(2) as both:
            list(both.map(_hear_in_batches, rooms, shares))
        assert inboxes(room) == expected


def _neighbour(room: Room) -> Room:
    store = Store(room.store.client, room.store.database.name, "notifications")
    return Room(store)


def _hear_in_batches(room: Room, envelopes: Sequence[Envelope[Any]]) -> None:
    room.hear_envelopes(envelopes, batch=5)
