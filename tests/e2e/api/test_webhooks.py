"""Webhooks as a partner's engineer meets them: what is sent, signed, repeated, ordered and stopped."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import standardwebhooks

from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import LeaveOrganisation, Member, RevokeClient
from tests.e2e.api.conftest import OPERATOR, Town
from tests.e2e.api.partners import Place
from tests.e2e.api.waiting import eventually
from tests.e2e.receivers import Headers, Received, receiver
from tests.oracles.installed import consult


@pytest.fixture
def place(town: Town) -> Place:
    return Place(town)


def test_what_happens_is_told_thinly_and_signed(place: Place) -> None:
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        thread = place.asks()
        post = place.answers(thread)
        eventually(lambda: sorted(there.types) == ["post.added", "thread.opened"])
        opened, added = sorted(there.received, key=lambda received: received.event["type"], reverse=True)
        standardwebhooks.Webhook(webhook["secret"]).verify(opened.body, opened.headers)
        event = opened.event
        assert opened.headers["content-type"] == "application/cloudevents+json"
        assert (event["specversion"], event["id"], event["subject"]) == ("1.0", opened.id, thread)
        assert event["time"] == event["timestamp"] and datetime.fromisoformat(event["time"]).tzinfo == UTC
        title = place.ana.get(f"/v1/communities/{place.community}").json()["title"]
        assert event["data"] == {
            "community": place.community, "community_title": title, "thread": thread, "post": None,
            "title": "What works for falls?", "link": f"/v1/threads/{thread}",
        }  # fmt: skip
        assert added.event["data"]["post"] == post and added.event["data"]["link"] == f"/v1/posts/{post}"
        for received in there.received:
            assert (
                "text" not in received.body
                and "Ana" not in received.body
                and place.ana.id not in received.body
            )
            assert len(received.body) < 20_000
        delivery = place.partner.deliveries(webhook)[0]
        assert (delivery["state"], delivery["next_at"]) == ("delivered", None)
        assert [(one["status"], one["outcome"]) for one in delivery["attempts"]] == [(204, "delivered")]


def test_the_reference_library_verifies_rotation_and_refuses_tampering(place: Place) -> None:
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        place.asks()
        eventually(lambda: len(there.received) == 1)
        rotated = place.partner.rotate(webhook).json()
        place.asks()
        eventually(lambda: len(there.received) == 2)
        again = place.partner.rotate(webhook).json()
        place.asks()
        eventually(lambda: len(there.received) == 3)
    first, second, third = there.received
    old, new, newest = webhook["secret"], rotated["secret"], again["secret"]
    assert [len(one.headers["webhook-signature"].split(" ")) for one in there.received] == [1, 2, 2]

    def of(secret: str, one: Received, body: str | None = None, **headers: str) -> dict[str, Any]:
        changed = one.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return {"secret": secret, "headers": changed, "body": one.body if body is None else body}

    late = str(int(first.headers["webhook-timestamp"]) - 600)
    good = [of(old, first), of(old, second), of(new, second), of(new, third), of(newest, third)]
    bad = [
        of(new, first), of(old, third), of(newest, second),
        of(old, first, first.body.replace("falls", "fools")), of(old, first, webhook_id=second.id),
        of(old, first, webhook_timestamp=late), of(old, first, webhook_signature="v1,AAAA"),
    ]  # fmt: skip
    found = consult("standard_webhooks.mjs", {"deliveries": good + bad})
    assert found == ["thread.opened"] * len(good) + [None] * len(bad)


def test_what_failed_is_told_again_under_its_id_and_what_follows_in_its_thread_waits(place: Place) -> None:
    def answer(before: int, received: Received) -> tuple[int, Headers]:
        return (500 if before == 0 else 204), {}

    with receiver(answer) as there:
        webhook = place.partner.registered(there.url)
        thread = place.asks()
        eventually(lambda: len(there.received) == 1)
        place.answers(thread)
        other = place.asks("Another thread")
        eventually(lambda: len(there.received) == 2)  # the other thread does not wait
        assert there.received[1].event["subject"] == other
        assert place.partner.read(webhook)["failing_since"] is None  # it was taken
        eventually(lambda: len(there.received) == 4, seconds=20)
        assert there.ids[2] == there.ids[0] and there.types[2:] == ["thread.opened", "post.added"]
        log = place.partner.deliveries(webhook)[-1]["attempts"]
        assert [(one["status"], one["outcome"]) for one in log] == [(500, "error"), (204, "delivered")]


def test_a_redirect_is_a_failure_and_is_not_followed(place: Place) -> None:
    with receiver() as elsewhere, receiver(lambda *_: (302, {"Location": elsewhere.url})) as there:
        webhook = place.partner.registered(there.url)
        place.asks()
        eventually(lambda: any(one["attempts"] for one in place.partner.deliveries(webhook)))
        (delivery,) = place.partner.deliveries(webhook)
        assert (delivery["state"], delivery["reason"]) == ("waiting", "redirect") and delivery["next_at"]
        assert place.partner.read(webhook)["failing_since"] is not None
        assert elsewhere.received == []


def test_gone_disables_and_the_contact_is_told_in_the_inbox(place: Place) -> None:
    with receiver(410) as there:
        webhook = place.partner.registered(there.url)
        place.asks()
        eventually(lambda: place.partner.read(webhook)["state"] == "disabled")
        assert place.partner.read(webhook)["reason"] == "gone"

        def told() -> bool:
            items = place.ben.get("/v1/inbox").json()["items"]
            return [item["link"] for item in items if item["kind"] == "webhook disabled"] == [
                f"/v1/webhooks/{webhook['webhook']}"
            ]

        eventually(told)
        place.asks("Not told any more")
        time.sleep(1.5)
        assert len(there.received) == 1
        there.answer = lambda *_: (204, {})
        assert place.partner.changed(webhook, state="active").json()["reason"] is None
        place.asks("Told again")
        eventually(lambda: len(there.received) == 2)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_for_all_of_the_receiver(place: Place, status: int) -> None:
    def answer(before: int, received: Received) -> tuple[int, Headers]:
        return (status, {"Retry-After": "3"}) if before == 0 else (204, {})

    with receiver(answer) as there:
        webhook = place.partner.registered(there.url)
        place.asks()
        eventually(lambda: len(there.received) == 1)
        asked = time.monotonic()
        place.asks("Another thread")
        eventually(lambda: len(there.received) == 2, seconds=15)
        assert time.monotonic() - asked > 1.5
        eventually(lambda: len(place.partner.deliveries(webhook, state="delivered")) == 2, seconds=15)


def test_paused_keeps_and_active_goes_on(place: Place) -> None:
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        assert place.partner.changed(webhook, state="paused").json()["state"] == "paused"
        place.asks()
        eventually(lambda: len(place.partner.deliveries(webhook, state="waiting")) == 1)
        time.sleep(1.2)
        assert there.received == []
        assert place.partner.changed(webhook, state="active").status_code == 200
        eventually(lambda: len(there.received) == 1)


def test_what_waits_is_not_sent_once_nobody_of_the_organisation_is_there(place: Place) -> None:
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        place.partner.changed(webhook, state="paused")
        place.asks()
        eventually(lambda: len(place.partner.deliveries(webhook)) == 1)
        left = place.ben.change(
            "PUT",
            f"/v1/communities/{place.community}/memberships/{place.ben.id}/ending",
            {"reason": "Moved."},
        )
        assert left.status_code == 200, left.text
        place.partner.changed(webhook, state="active")
        eventually(lambda: place.partner.deliveries(webhook)[0]["state"] == "dropped", seconds=15)
        assert place.partner.deliveries(webhook)[0]["reason"] == "nobody-there"
        place.asks("Nobody is there")
        time.sleep(1.2)
        assert there.received == [] and len(place.partner.deliveries(webhook)) == 1


def test_a_closed_community_of_others_is_never_told_of(place: Place, town: Town) -> None:
    other = Place(town)
    with receiver() as there:
        place.partner.registered(there.url)
        other.asks("Not for you")
        place.asks("For you")
        eventually(lambda: len(there.received) == 1)
        time.sleep(1.0)
        assert [one.event["data"]["title"] for one in there.received] == ["For you"]


def test_only_what_was_asked_for_is_told(place: Place) -> None:
    elsewhere = place.asks  # the community below is the only one the second webhook wants
    with receiver() as answers, receiver() as nothing:
        place.partner.registered(answers.url, events=["post.added"])
        closed = Place(place.town)
        mine = closed.partner.registered(
            nothing.url, communities=[closed.community], events=["thread.closed"]
        )
        place.answers(elsewhere())
        closed.asks()
        eventually(lambda: answers.types == ["post.added"])
        time.sleep(0.8)
        assert nothing.received == [] and closed.partner.deliveries(mine) == []


def test_a_client_that_ends_takes_its_webhooks_with_it(place: Place, town: Town) -> None:
    from tests.e2e.api.partners import Partner

    witness = Partner(town, place.theirs, place.ben)
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        town.operate(RevokeClient(caller=OPERATOR, client=place.partner.client), Done)
        eventually(lambda: witness.read(webhook)["state"] == "disabled")
        assert witness.read(webhook)["reason"] == "client-ended"
        place.asks()
        time.sleep(1.2)
        assert there.received == []


def test_a_member_who_leaves_their_organisation_takes_its_view_with_them(place: Place, town: Town) -> None:
    with receiver() as there:
        place.partner.registered(there.url)
        town.operate(LeaveOrganisation(caller=OPERATOR, member=place.ben.id), Member)
        eventually(lambda: place.ben.get("/v1/me").status_code in (200, 401))
        time.sleep(1.0)
        place.asks()
        time.sleep(1.5)
        assert there.received == []


def test_a_delivery_is_told_again_when_its_owner_wants(place: Place) -> None:
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        place.asks()
        eventually(lambda: [one["state"] for one in place.partner.deliveries(webhook)] == ["delivered"])
        path = f"/v1/webhooks/{webhook['webhook']}/deliveries/{there.ids[0]}/replay"
        assert place.partner.change("PUT", path).json()["state"] == "waiting"
        eventually(lambda: there.ids == [there.ids[0]] * 2)
        eventually(lambda: len(place.partner.deliveries(webhook)[0]["attempts"]) == 2)


def test_a_receiver_that_never_answers_delays_no_other(place: Place) -> None:
    def never(before: int, received: Received) -> tuple[int, Headers]:
        time.sleep(20)
        return 204, {}

    with receiver(never) as dead, receiver() as quick:
        place.partner.registered(dead.url)
        place.asks()
        eventually(lambda: len(dead.received) == 1)
        place.partner.registered(quick.url)
        began = time.monotonic()
        for number in range(5):
            place.asks(f"Thread {number}")
        eventually(lambda: len(quick.received) == 5)
        assert time.monotonic() - began < 8


def test_pages_of_deliveries_follow_one_another(place: Place) -> None:
    with receiver() as there:
        webhook = place.partner.registered(there.url)
        for number in range(5):
            place.asks(f"Thread {number}")
        eventually(lambda: len(there.received) == 5)
        path, seen, after = f"/v1/webhooks/{webhook['webhook']}/deliveries", [], {}
        while True:
            page = place.partner.get(path, limit=2, **after).json()
            seen += [item["delivery"] for item in page["items"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert sorted(seen) == sorted(there.ids)


def test_a_revoked_agreement_stops_what_already_waits(place: Place) -> None:
    with receiver(lambda before, _: ((500 if before == 0 else 204), {})) as there:
        webhook = place.partner.registered(there.url)
        thread = place.asks()
        eventually(lambda: len(there.received) == 1)
        place.ana.made(f"/v1/threads/{thread}/posts", {"text": "It waits behind the first."})
        assert place.systems[0].revoke(place.agreement).status_code == 200
        place.asks("After it")

        def all_dropped() -> bool:
            return {one["reason"] for one in place.partner.deliveries(webhook)} == {"not-agreed"}

        eventually(all_dropped, seconds=30)
        assert len(there.received) == 1
        own = place.ben.made(
            f"/v1/communities/{place.community}/threads",
            {"kind": "discussion", "title": "Our own", "text": "Goes on."},
        )
        eventually(lambda: there.received[-1].event["subject"] == own["thread"])
