"""Webhooks in the service: deliveries are made once whatever the order, and a receiver that fails for long is given up."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from services.notifications.domain.webhook import Secret, Webhook
from services.notifications.repositories.webhooks import Webhooks
from services.notifications.service.courier import Courier
from services.notifications.service.sending import Sender
from shared.contracts.membership import ClientEnded
from shared.contracts.vocabulary import EventType, Role
from shared.wiring.outbound import Outbound
from shared.wiring.sealing import Seal
from shared.wiring.store import Work, new_id, now
from tests.e2e.receivers import receiver
from tests.services.notifications_room import Room, room

__all__ = ["room"]


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(Outbound(["http://127.0.0.1:*"]), Seal(tmp_path / "keys"))


def webhook_of(
    room: Room, sender: Sender, organisation: str, contact: str, url: str, *, agreed: bool = True
) -> Webhook:
    id = new_id()
    webhook = Webhook(
        id=id, organisation=organisation, client=new_id(), name="Feed", url=url, events=tuple(EventType), communities=(),
        contact=contact, secrets=(Secret(sealed=sender.seal.seal("whsec_c2VjcmV0", id)),),
        registered_at=now() - timedelta(hours=1),
    )  # fmt: skip
    work = Work()
    Webhooks.add(work, webhook)
    room.store.commit(work)
    if agreed:
        room.agree(organisation)
    return webhook


def carried(room: Room, sender: Sender, later: timedelta = timedelta(0)) -> None:
    """One round of a courier whose clock goes ahead."""
    repositories = room.service.repositories
    courier = Courier(room.store, repositories, room.service.teller, sender, lambda: now() + later)
    courier.begin_rounds(threading.Event())
    for thread in list(courier._in_hand.values()):
        thread.join()


def states(room: Room, webhook: Webhook) -> list[str]:
    page = room.service.repositories.deliveries.page(webhook.id, None, None, 100)
    return [delivery.state for delivery in reversed(page)]


def home_of(room: Room, member: str) -> str:
    place = room.service.repositories.places.get(room.community, member)
    assert place is not None and place.standing.organisation is not None
    return place.standing.organisation


def test_a_fact_heard_twice_is_one_delivery(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    webhook = webhook_of(room, sender, home_of(room, ben), ben, "http://127.0.0.1:9/")
    opened = room.thread_opened(ana)
    room.hear(opened)
    room.hear(opened)
    room.hear(room.post_added(opened, ana))
    assert states(room, webhook) == ["waiting", "waiting"]


def test_what_was_heard_before_the_agreement_is_delivered_too(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    webhook = webhook_of(room, sender, home_of(room, ben), ben, "http://127.0.0.1:9/", agreed=False)
    room.hear(room.thread_opened(ana, at=now() - timedelta(minutes=5)))
    room.hear(room.thread_opened(ana, at=now()))
    assert states(room, webhook) == []
    room.agree(webhook.organisation)
    assert states(room, webhook) == ["waiting"], "what was done before they agreed is not told of anew"


def test_what_was_heard_before_the_member_is_delivered_too(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), new_id()
    profile, place = room.member_changed(ben), room.membership_changed(ben)
    assert profile.organisation is not None
    webhook = webhook_of(room, sender, profile.organisation, ben, "http://127.0.0.1:9/")
    room.hear(room.thread_opened(ana))
    assert states(room, webhook) == []
    room.hear(place, profile)
    assert states(room, webhook) == ["waiting"]


@pytest.mark.parametrize("role", [Role.GUEST, None])
def test_a_guest_or_somebody_who_left_lets_nothing_through(
    room: Room, sender: Sender, role: Role | None
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    webhook = webhook_of(room, sender, home_of(room, ben), ben, "http://127.0.0.1:9/")
    room.hear(room.thread_opened(ana))
    room.hear(room.membership_changed(ben, role, revision=2))
    room.hear(room.thread_opened(ana))
    assert states(room, webhook) == ["waiting"]
    carried(room, sender)
    assert states(room, webhook) == ["dropped"]


def test_a_receiver_that_took_nothing_for_three_days_is_given_up_and_the_contact_told(
    room: Room, sender: Sender
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver(500) as there:
        webhook = webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana)
        room.hear(opened, room.post_added(opened, ana))
        for hours in (0, 1, 30, 60):
            carried(room, sender, timedelta(hours=hours))
        assert states(room, webhook) == ["waiting", "waiting"] and len(there.received) == 4
        carried(room, sender, timedelta(hours=74))
        assert states(room, webhook) == ["dropped", "dropped"]
        stopped = room.service.repositories.webhooks.get(webhook.id)
        assert stopped is not None and (stopped.state, stopped.reason) == ("disabled", "failing")
    assert [one.kind.value for one in room.inbox(ben)].count("webhook disabled") == 1
    assert "webhook disabled" not in [one.kind.value for one in room.inbox(ana)]


def test_one_taken_delivery_begins_the_three_days_anew(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver(lambda before, _: (204 if before == 1 else 500, {})) as there:
        webhook = webhook_of(room, sender, home_of(room, ben), ben, there.url)
        room.hear(room.thread_opened(ana))
        carried(room, sender)
        assert room.service.repositories.webhooks.receiver(webhook.id).failing_since is not None
        carried(room, sender, timedelta(hours=1))
        assert states(room, webhook) == ["delivered"]
        assert room.service.repositories.webhooks.receiver(webhook.id).failing_since is None
        room.hear(room.thread_opened(ana))
        carried(room, sender, timedelta(hours=74))
        assert len(there.received) == 3
        kept = room.service.repositories.webhooks.get(webhook.id)
        assert kept is not None and kept.state == "active"


def test_an_ended_client_ends_its_webhooks_and_what_waits(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    webhook = webhook_of(room, sender, home_of(room, ben), ben, "http://127.0.0.1:9/")
    room.hear(room.thread_opened(ana))
    ended = ClientEnded(client=webhook.client, organisation=webhook.organisation, at=now())
    room.hear(ended)
    room.hear(ended)
    assert states(room, webhook) == ["dropped"]
    late = webhook_of(room, sender, webhook.organisation, ben, "http://127.0.0.1:9/")
    room.store.database["webhooks"].update_one({"_id": late.id}, {"$set": {"client": webhook.client}})
    room.hear(room.thread_opened(ana))
    carried(room, sender)
    assert states(room, late) == ["dropped"]


def test_two_couriers_carry_a_webhook_one_after_the_other(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook = webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana)
        room.hear(opened, *(room.post_added(opened, ana) for _ in range(20)))
        couriers = [threading.Thread(target=carried, args=(room, sender)) for _ in range(3)]
        for courier in couriers:
            courier.start()
        for courier in couriers:
            courier.join()
        carried(room, sender)
        assert states(room, webhook) == ["delivered"] * 21
        assert len(there.ids) == len(set(there.ids)) == 21
        times = [received.event["time"] for received in there.received]
        assert times == sorted(times)
