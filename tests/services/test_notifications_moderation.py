"""Moderation in the inboxes: who is told of a case, and what is told of a post that was taken out."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from services.notifications.service.sending import Sender
from shared.contracts import discussion
from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import Reaction, Role
from shared.wiring.outbound import Outbound
from shared.wiring.sealing import Seal
from shared.wiring.store import new_id, now
from tests.e2e.receivers import receiver
from tests.services.notifications_room import Room, room
from tests.services.test_notifications_webhooks import carried, home_of, states, webhook_of

__all__ = ["room"]

GONE = "Withdrawn by moderation"


def waits(room: Room, parties: Sequence[str], why: Any = "reported", case: str = "") -> discussion.CaseWaits:
    return discussion.CaseWaits(
        case=case or new_id(), community=room.community, why=why, parties=tuple(parties), at=room.moment()
    )


def visible(
    room: Room, opened: discussion.ThreadOpened, is_so: bool, revision: int, post: str | None = None
) -> discussion.PostVisibilityChanged:
    """News of the opening post of a thread, or of another."""
    return discussion.PostVisibilityChanged(
        post=post or opened.post,
        thread=opened.thread,
        community=opened.community,
        visible=is_so,
        at=room.moment(),
        revision=revision,
    )


def called(opened: discussion.ThreadOpened, is_so: bool, revision: int) -> discussion.ThreadTitleChanged:
    """News of the title of a thread, which was put back or taken out."""
    return discussion.ThreadTitleChanged(
        thread=opened.thread,
        community=opened.community,
        opened_by=opened.author,
        title=opened.title if is_so else GONE,
        withheld=False,
        at=now(),
        revision=revision,
    )


def kinds(room: Room, member: str) -> list[str]:
    return [one.kind.value for one in room.inbox(member)]


def test_facilitators_are_told_but_no_party(room: Room) -> None:
    room.start()
    fay, flo, frank = (room.joins(Role.FACILITATOR) for _ in range(3))
    member = room.joins()
    case = new_id()
    told = waits(room, [flo, frank], case=case)
    room.hear(told, told)
    room.hear(waits(room, [flo, frank], "appealed", case), waits(room, [flo, frank], "long", case))
    room.hear(waits(room, [flo, frank], "long", case))
    assert kinds(room, fay) == ["case waits", "case waits", "appeal made", "post reported"]
    assert kinds(room, flo) == kinds(room, frank) == kinds(room, member) == []
    assert {one.by for one in room.inbox(fay)} == {None}
    assert {one.link for one in room.inbox(fay)} == {f"/v1/cases/{case}"}


def test_a_facilitator_of_whom_was_heard_late_is_told_and_a_party_is_not(room: Room) -> None:
    room.start()
    early = now() - timedelta(minutes=20)
    fay, flo = new_id(), new_id()
    room.hear(waits(room, [flo]))
    for late in (fay, flo):
        room.hear(
            room.member_changed(late),
            room.membership_changed(late, Role.FACILITATOR, since=early),
        )
    assert (kinds(room, fay), kinds(room, flo)) == (["post reported"], [])


def test_the_author_and_the_reporter_are_told_at_any_level(room: Room) -> None:
    room.start()
    author, reporter, other = (room.joins() for _ in range(3))
    case, report = new_id(), new_id()
    for step in ("decision", "appeal"):
        decided = discussion.CaseDecided(
            case=case, community=room.community, author=author, step=step, at=room.moment()
        )
        room.hear(decided, decided)
        room.hear(
            discussion.ReportDecided(
                report=report, community=room.community, reporter=reporter, step=step, at=room.moment()
            )
        )
    assert kinds(room, author) == ["case decided"] * 2
    assert kinds(room, reporter) == ["report decided"] * 2
    assert kinds(room, other) == []
    assert {one.link for one in room.inbox(reporter)} == {f"/v1/reports/{report}"}


def test_what_was_taken_out_before_it_was_told_is_told_to_nobody_until_it_is_back(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened)
    added = room.post_added(opened, ben, mentions=(cay,))
    room.hear(visible(room, opened, False, 2, added.post), added)
    room.hear(room.post_edited(opened, added.post, ben, (cay,)))
    assert kinds(room, ana) == []
    assert kinds(room, cay) == ["thread opened"]
    room.hear(visible(room, opened, True, 3, added.post))
    assert kinds(room, ana) == ["post added"]
    assert kinds(room, cay) == ["post added", "thread opened"]
    room.hear(visible(room, opened, True, 3, added.post))
    assert kinds(room, ana) == ["post added"]


def test_all_that_was_done_about_a_post_while_it_was_out_of_sight_is_told_once_when_it_is_back(
    room: Room,
) -> None:
    room.start()
    ana, ben, cay, dan = (room.joins() for _ in range(4))
    opened = room.thread_opened(ana)
    added = room.post_added(opened, ben)
    room.hear(opened, visible(room, opened, False, 2, added.post), added)
    room.hear(
        room.post_edited(opened, added.post, ben, (cay,)), room.post_edited(opened, new_id(), ben, (dan,))
    )
    accepted = discussion.AnswerAccepted(
        thread=opened.thread,
        community=opened.community,
        title=opened.title,
        post=added.post,
        answered_by=ben,
        opened_by=ana,
        accepted_by=dan,
        accepted_by_name="Dan",
        at=room.moment(),
        revision=2,
    )
    reacted = discussion.PostReacted(
        post=added.post,
        thread=opened.thread,
        community=opened.community,
        title=opened.title,
        author=ben,
        reaction=Reaction.HELPED_ME,
        reacted_by=dan,
        reacted_by_name="Dan",
        at=room.moment(),
        news=new_id(),
    )
    room.hear(accepted, reacted)
    gone = room.joins()
    assert (kinds(room, cay), kinds(room, ben)) == (["thread opened"], ["thread opened"])
    for _ in range(2):
        room.hear(visible(room, opened, True, 3, added.post))
        assert kinds(room, cay) == ["mentioned", "thread opened"]
        assert sorted(kinds(room, ben)) == ["answer accepted", "post reacted", "thread opened"]
        assert sorted(kinds(room, ana)) == ["answer accepted", "post added"]
        assert kinds(room, dan) == ["mentioned", "thread opened"], (
            "of another post, and not of their own deeds"
        )
        assert kinds(room, gone) == [], "who came later is told nothing"


def test_an_older_word_changes_nothing(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(visible(room, opened, True, 3), visible(room, opened, False, 2), opened)
    room.hear(called(opened, True, 2), called(opened, False, 1))
    assert [one.title for one in room.inbox(ben)] == [opened.title]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_title_that_was_taken_out_stays_in_no_inbox(room: Room, order: tuple[int, ...]) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    opened = room.thread_opened(ana)
    facts: list[Contract] = [
        opened,
        room.post_added(opened, ben, (cay,)),
        visible(room, opened, False, 2),
        called(opened, False, 1),
    ]
    room.hear(*(facts[which] for which in order))
    for member in (ana, ben, cay):
        assert {one.title for one in room.inbox(member)} <= {GONE}
    assert "post added" in kinds(room, cay)
    room.hear(visible(room, opened, True, 3), called(opened, True, 2))
    for member in (ana, ben, cay):
        assert {one.title for one in room.inbox(member)} <= {opened.title}
    assert "thread opened" in kinds(room, ben)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_title_that_was_told_with_its_opening_post_is_kept_until_its_own_news(
    room: Room, order: tuple[int, ...]
) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    opened = room.thread_opened(ana)
    gone = visible(room, opened, False, 2).model_copy(update={"title": GONE})
    facts: list[Contract] = [opened, room.post_added(opened, ben, (cay,)), gone]
    room.hear(*(facts[which] for which in order))
    assert {one.title for one in room.inbox(cay)} == {GONE}
    back = visible(room, opened, True, 3).model_copy(update={"title": "Diplodocus"})
    room.hear(back, gone)
    assert {one.title for one in room.inbox(cay)} == {"Diplodocus"}
    room.hear(called(opened, False, 1), back.model_copy(update={"revision": 4}))
    assert {one.title for one in room.inbox(cay)} == {GONE}


def test_what_waits_for_a_webhook_is_not_sent(room: Room, tmp_path: Path) -> None:
    sender = Sender(Outbound(["http://127.0.0.1:*"]), Seal(tmp_path / "keys"))
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver(204) as there:
        webhook = webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana)
        room.hear(opened, room.post_added(opened, ana), visible(room, opened, False, 2))
        room.hear(called(opened, False, 1))
        carried(room, sender)
        assert states(room, webhook) == ["dropped", "delivered"]
        assert [GONE in str(request.body) for request in there.received] == [True]
        assert opened.title not in str(there.received[0].body)
