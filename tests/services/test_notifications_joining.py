"""Requests to join: told to those who decide, and what they decided to who asked."""

import pytest

from shared.contracts import membership
from shared.contracts.vocabulary import Level, NotificationKind, Role, Visibility
from shared.wiring.store import new_id
from tests.services.notifications_room import Room, room

__all__ = ["room"]


def test_a_declined_request_can_be_read_until_the_community_closes(room: Room) -> None:
    room.start(Visibility.RESTRICTED)
    zoe = new_id()
    room.hear(room.join_decided(zoe, approved=False))
    (notification,) = room.inbox(zoe)
    assert notification.kind is NotificationKind.JOIN_DECLINED
    assert room.unread(zoe).unread == 1
    room.hear(room.community_changed(Visibility.CLOSED, revision=2))
    assert room.inbox(zoe) == []
    assert room.unread(zoe).unread == 0


@pytest.mark.parametrize("decision_first", [True, False])
def test_an_approved_request_is_told_once_the_member_is_in(room: Room, decision_first: bool) -> None:
    room.start(Visibility.RESTRICTED)
    zoe = new_id()
    decision = room.join_decided(zoe, approved=True)
    place = room.membership_changed(zoe, since=decision.at)
    room.hear(*([decision, place] if decision_first else [place, decision]))
    assert [one.kind for one in room.inbox(zoe)] == [NotificationKind.JOIN_APPROVED]
    assert room.nudges.reached == [f"decided.{decision.request}.{zoe}"]


def test_a_request_is_told_to_the_facilitators(room: Room) -> None:
    room.start(Visibility.RESTRICTED)
    ana, fay = room.joins(), room.joins(Role.FACILITATOR)
    room.set_level(fay, Level.MENTIONS_AND_ANSWERS)
    request = membership.JoinRequested(
        request=new_id(),
        community=room.community,
        member=new_id(),
        member_name="Zoe",
        community_title="Falls prevention",
        at=room.moment(),
    )
    room.hear(request)
    assert room.inbox(ana) == []
    assert [one.by for one in room.inbox(fay)] == ["Zoe"]
