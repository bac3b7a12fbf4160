"""Webhooks as rules: who may be told, when it is tried again, what an answer means."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.domain import delivery as deliveries
from services.notifications.domain import webhook as webhooks
from services.notifications.domain.audience import Standing
from services.notifications.domain.crossing import Reach, why_not
from services.notifications.domain.deed import Deed
from services.notifications.domain.delivery import SCHEDULE, Delivery, Reply
from services.notifications.service.sending import retry_after, signed
from shared.contracts.calls.notifications import NewWebhook, WebhookChanges
from shared.contracts.grant import Grant
from shared.contracts.vocabulary import ContentKind, EventType, Level, NotificationKind, Role
from shared.errors import Conflict

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ONE, TWO, COMMUNITY, THREAD = "a" * 24, "b" * 24, "c" * 24, "d" * 24


def deed(kind: NotificationKind = NotificationKind.POST_ADDED, **more: object) -> Deed:
    told = {
        "id": f"post.{TWO}", "thing": f"post.{TWO}", "kind": kind, "community": COMMUNITY, "thread": THREAD,
        "title": "Falls", "link": f"/v1/posts/{TWO}", "by": ONE, "by_name": "Ana", "at": NOON,
        "organisation": ONE, "thread_organisation": ONE,
    }  # fmt: skip
    return Deed.model_validate(told | more)


def registered(**more: object) -> webhooks.Webhook:
    new = NewWebhook.model_validate(
        {"url": "https://hooks.example.org/", "events": ["post.added"], "contact": ONE, "name": "Feed"} | more
    )
    return webhooks.register("f" * 24, ONE, TWO, new, "sealed-1", NOON - timedelta(hours=1))


def waiting() -> Delivery:
    return deliveries.deliver(registered(), deed(), NOON)


def standing(role: Role | None = Role.MEMBER, since: datetime = NOON, active: bool = True) -> Standing:
    return Standing(role=role, since=since, level=Level.NOTHING, organisation=ONE, is_active=active)


def test_one_active_member_who_sees_the_whole_is_enough_and_needed() -> None:
    late = NOON + timedelta(seconds=1)
    nobody = [standing(Role.GUEST), standing(None), standing(active=False), standing(since=late)]
    own = Reach(ONE, (), NOON)
    assert why_not(deed(), [], own) == why_not(deed(), nobody, own) == "nobody-there"
    for role in (Role.MEMBER, Role.STEWARD, Role.FACILITATOR):
        assert why_not(deed(), [*nobody, standing(role)], own) is None


@pytest.mark.parametrize("source", ["organisation", "thread_organisation"])
def test_what_another_organisation_did_or_titled_needs_a_grant_in_force(source: str) -> None:
    foreign = deed(**{source: TWO})
    grant = Grant(
        agreement=THREAD,
        version=1,
        source=TWO,
        receiver=ONE,
        communities=(COMMUNITY,),
        kinds=(ContentKind.TITLES,),
        fields=(),
        notifications=(NotificationKind.POST_ADDED.value,),
        retention_days=1,
        crosses_until=NOON + timedelta(hours=1),
        read_until=NOON + timedelta(days=30),
    )
    one = [standing()]
    assert why_not(foreign, one, Reach(ONE, (grant,), NOON)) is None
    assert why_not(foreign, one, Reach(ONE, (), NOON)) == "not-agreed"
    late = deed(**{source: TWO}, at=NOON + timedelta(hours=1))
    assert why_not(late, one, Reach(ONE, (grant,), late.at)) == "not-agreed"
    assert why_not(deed(organisation=None), one, Reach(ONE, (grant,), NOON)) == "not-agreed"


def test_it_wants_what_it_asked_for() -> None:
    webhook = registered()
    assert webhook.wants(deed())
    assert not webhook.wants(deed(NotificationKind.THREAD_OPENED))
    assert not webhook.wants(deed(at=NOON - timedelta(hours=2)))
    assert not registered(communities=["e" * 24]).wants(deed())
    assert registered(communities=[COMMUNITY]).wants(deed())
    assert not webhooks.disable(webhook, "gone").wants(deed())


@pytest.mark.parametrize("kind", [kind for kind in NotificationKind if kind not in webhooks.EVENTS])
def test_what_concerns_single_members_goes_to_no_system(kind: NotificationKind) -> None:
    assert not registered(events=list(EventType)).wants(deed(kind))


def test_a_message_has_ids_titles_and_a_link_and_no_name() -> None:
    message = deliveries.message(waiting(), deed(), "Falls prevention")
    assert message["data"] == {
        "community": COMMUNITY, "community_title": "Falls prevention", "thread": THREAD, "post": TWO,
        "title": "Falls", "link": f"/v1/posts/{TWO}",
    }  # fmt: skip
    assert "Ana" not in str(message) and ONE not in str(message["data"])
    assert message["time"] == "2026-11-26T12:00:00.000Z"


def test_the_first_attempt_gives_the_deed_before_it_a_second_to_arrive() -> None:
    assert waiting().due == NOON + timedelta(seconds=1)
    late = NOON + timedelta(minutes=1)
    assert deliveries.deliver(registered(), deed(), late).due == late


def test_the_schedule_is_gone_through_and_then_it_has_failed() -> None:
    delivery, moment = waiting(), NOON
    for wait in SCHEDULE[1:]:
        delivery = deliveries.settle(delivery, Reply(500), moment, 0.5, 0.5)
        assert delivery.state == "waiting" and delivery.reason == "error"
        assert delivery.due == moment + timedelta(seconds=0.5) + wait * 1.1
        moment = delivery.due
    delivery = deliveries.settle(delivery, Reply(None, "timeout"), moment, 15, 0.5)
    assert (delivery.state, delivery.reason, len(delivery.log)) == ("failed", "timeout", 10)
    again = deliveries.again(delivery, moment)
    assert (again.state, again.tries, again.due, len(again.log)) == ("waiting", 0, moment, 10)
    assert again.id == delivery.id


@pytest.mark.parametrize(
    ("status", "state", "outcome"),
    [
        (200, "delivered", "delivered"), (204, "delivered", "delivered"), (301, "waiting", "redirect"), (307, "waiting", "redirect"),
        (400, "waiting", "refused"), (404, "waiting", "refused"), (410, "failed", "refused"), (500, "waiting", "error"),
        (100, "waiting", "malformed"), (999, "waiting", "malformed"),
    ],
)  # fmt: skip
def test_only_2xx_is_taken(status: int, state: str, outcome: str) -> None:
    settled = deliveries.settle(waiting(), Reply(status), NOON, 0.1, 0)
    assert (settled.state, settled.log[0].outcome) == (state, outcome)


def test_retry_after_counts_with_429_and_503_up_to_a_day() -> None:
    hour = timedelta(hours=1)
    for status in (429, 503):
        settled = deliveries.settle(waiting(), Reply(status, retry_after=hour), NOON, 0, 0)
        assert settled.due == NOON + hour
    assert deliveries.settle(waiting(), Reply(500, retry_after=hour), NOON, 0, 0).due < NOON + hour
    assert Reply(503, retry_after=timedelta(days=9)).hold == timedelta(days=1)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("120", 120), ("0", 0), ("Thu, 26 Nov 2026 12:01:00 GMT", 60), ("Thu, 26 Nov 2026 11:01:00 GMT", 0),
        ("", None), ("soon", None), ("-5", None), ("1e9", None), ("٣", None), ("Thu, 26 Nov 2026 12:01:00", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(told: str, expected: int | None) -> None:
    read = retry_after({"retry-after": told}, NOON)
    assert read == (None if expected is None else timedelta(seconds=expected))


def test_a_rotation_signs_with_two_for_a_day() -> None:
    rotated = webhooks.rotate(registered(), "sealed-2", NOON)
    assert rotated.signing(NOON) == ("sealed-2", "sealed-1")
    assert rotated.signing(NOON + timedelta(days=1)) == ("sealed-2",)
    assert webhooks.rotate(rotated, "sealed-3", NOON).signing(NOON) == ("sealed-3", "sealed-2")


def test_signing_takes_a_moment_of_any_zone_for_what_it_is() -> None:
    there = NOON.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert signed(["whsec_c2VjcmV0"], "msg_1", there, "{}") == signed(["whsec_c2VjcmV0"], "msg_1", NOON, "{}")
    assert signed(["whsec_c2VjcmV0"], "msg_1", NOON, "{}")["webhook-timestamp"] == str(int(NOON.timestamp()))


def test_a_change_is_of_a_revision_and_one_that_changes_nothing_makes_none() -> None:
    webhook = registered()
    with pytest.raises(Conflict):
        webhooks.change(webhook, TWO, 2, WebhookChanges(name="Other"))
    assert webhooks.change(webhook, TWO, 1, WebhookChanges(name="Feed")) == webhook
    disabled = webhooks.disable(webhook, "gone")
    assert webhooks.disable(disabled, "failing") == disabled
    active = webhooks.change(disabled, ONE, 2, WebhookChanges(state="active"))
    assert (active.state, active.reason, active.client, active.revision) == ("active", None, ONE, 3)
