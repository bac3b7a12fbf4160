"""A room for trying the notifications service: its handlers in this process, over a real MongoDB.

What other services would tell is heard through the service's own listeners, in whatever order and
as often as a test likes; nudges are kept in a list instead of going to the broker.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifications.repositories import INDEXES, CrowdMemory
from services.notifications.service import NotificationsService
from shared.contracts import discussion, membership
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import (
    CatchUp,
    CatchUpAnswer,
    CountUnread,
    GetInbox,
    LevelChange,
    Notification,
    SetCommunityLevel,
    SetThreadLevel,
    StreamPosition,
    Unread,
)
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.grant import Grant
from shared.contracts.vocabulary import (
    AgreementState,
    ContentKind,
    Level,
    MemberField,
    NotificationKind,
    Role,
    Stage,
    ThreadKind,
    Visibility,
)
from shared.wiring.inbox import hear
from shared.wiring.store import Store, connect, new_id, now
from tests.services.kept_nudges import KeptNudges

LISTENERS: dict[type[Contract], str] = {
    membership.CommunityChanged: "hear_community_changed",
    membership.MemberChanged: "hear_member_changed",
    membership.MembershipChanged: "hear_membership_changed",
    membership.JoinRequested: "hear_join_requested",
    membership.JoinDecided: "hear_join_decided",
    membership.ClientEnded: "hear_client_ended",
    membership.GrantsChanged: "hear_grants_changed",
    discussion.ThreadOpened: "hear_thread_opened",
    discussion.PostAdded: "hear_post_added",
    discussion.PostEdited: "hear_post_edited",
    discussion.AnswerAccepted: "hear_answer_accepted",
    discussion.ThreadClosed: "hear_thread_closed",
    discussion.ThreadReopened: "hear_thread_reopened",
    discussion.ThreadShared: "hear_thread_shared",
    discussion.PostReacted: "hear_post_reacted",
    discussion.HistoryImported: "hear_history_imported",
    discussion.CaseWaits: "hear_case_waits",
    discussion.CaseDecided: "hear_case_decided",
    discussion.ReportDecided: "hear_report_decided",
    discussion.PostVisibilityChanged: "hear_post_visibility_changed",
    discussion.ThreadTitleChanged: "hear_thread_title_changed",
}


class Room:
    """One process of the service, with short words for what others tell and what members ask."""

    def __init__(self, store: Store) -> None:
        self.service = NotificationsService()
        self.service.store = store
        self.service.crowd_memory = CrowdMemory()
        self.nudges = KeptNudges()
        self.service.nudges = self.nudges  # type: ignore[assignment]
        self.clock = now() - timedelta(minutes=10)
        self.community = new_id()
        self.origin = new_id()
        """The organisation in which everything here is said."""

    @property
    def store(self) -> Store:
        return self.service.store

    def moment(self, seconds: float = 1) -> datetime:
        """A moment after every earlier one."""
        self.clock += timedelta(seconds=seconds)
        return self.clock

    def hear(self, *facts: Contract, batch: int = 200) -> None:
        """Let the service hear these facts in this order, neighbours of a kind together."""
        self.hear_envelopes([wrapped(fact) for fact in facts], batch)

    def hear_envelopes(self, envelopes: Sequence[Envelope[Any]], batch: int = 200) -> None:
        together: list[Envelope[Any]] = []
        for envelope in [*envelopes, None]:
            ends = together and (
                envelope is None
                or type(envelope.data) is not type(together[0].data)
                or len(together) == batch
            )
            if ends:
                getattr(self.service, LISTENERS[type(together[0].data)])(together)
                together = []
            if envelope is not None:
                together.append(envelope)

    # What membership tells

    def start(self, visibility: Visibility = Visibility.OPEN, title: str = "Falls prevention") -> None:
        self.hear(self.community_changed(visibility, title))

    def community_changed(
        self, visibility: Visibility = Visibility.OPEN, title: str = "Falls prevention", revision: int = 1
    ) -> membership.CommunityChanged:
        return membership.CommunityChanged(
            community=self.community,
            title=title,
            visibility=visibility,
            stage=Stage.MATURING,
            revision=revision,
        )

    def member_changed(
        self,
        member: str,
        profession: str = "Nurse",
        interests: tuple[str, ...] = (),
        active: bool = True,
        revision: int = 1,
    ) -> membership.MemberChanged:
        return membership.MemberChanged(
            member=member,
            name=f"Member {member[-4:]}",
            handle=handle_of(member),
            profession=profession,
            interests=interests,
            organisation=new_id(),
            active=active,
            revision=revision,
        )

    def membership_changed(
        self, member: str, role: Role | None = Role.MEMBER, revision: int = 1, since: datetime | None = None
    ) -> membership.MembershipChanged:
        return membership.MembershipChanged(
            membership=f"{self.community}:{member}",
            community=self.community,
            member=member,
            role=role,
            since=since or self.moment(),
            revision=revision,
        )

    def join_decided(self, member: str, approved: bool) -> membership.JoinDecided:
        return membership.JoinDecided(
            request=new_id(),
            community=self.community,
            member=member,
            community_title="Falls prevention",
            approved=approved,
            decided_by=new_id(),
            at=self.moment(),
        )

    def agree(self, receiver: str, fields: tuple[MemberField, ...] = (), source: str | None = None) -> None:
        """What is said here may be told to the systems of `receiver`, or what `source` says."""
        agreement, at = new_id(), now()
        grant = Grant(
            agreement=agreement,
            version=1,
            source=source or self.origin,
            receiver=receiver,
            communities=(self.community,),
            kinds=(ContentKind.THREADS,),
            fields=fields,
            notifications=tuple(kind.value for kind in NotificationKind),
            retention_days=1,
            crosses_until=at + timedelta(days=1),
            read_until=at + timedelta(days=31),
        )
        self.hear(
            membership.GrantsChanged(
                agreement=agreement,
                parties=(source or self.origin, receiver),
                communities=(self.community,),
                state=AgreementState.IN_FORCE,
                grants=(grant,),
                revision=1,
            )
        )

    def joins(
        self, role: Role = Role.MEMBER, profession: str = "Nurse", interests: tuple[str, ...] = ()
    ) -> str:
        """A new member comes into the community, and the service hears of it; returns the member's id."""
        member = new_id()
        self.hear(self.member_changed(member, profession, interests), self.membership_changed(member, role))
        return member

    # What discussion tells

    def thread_opened(
        self,
        author: str,
        kind: ThreadKind = ThreadKind.QUESTION,
        mentions: tuple[str, ...] = (),
        unknown_handles: tuple[str, ...] = (),
        professions: tuple[str, ...] = (),
        interests: tuple[str, ...] = (),
        at: datetime | None = None,
        number: int | None = None,
    ) -> discussion.ThreadOpened:
        return discussion.ThreadOpened(
            thread=new_id(),
            community=self.community,
            post=new_id(),
            kind=kind,
            title="Who has tried hip protectors?",
            author=author,
            author_name="Ana",
            mentions=mentions,
            unknown_handles=unknown_handles,
            professions=professions,
            interests=interests,
            at=at or self.moment(),
            organisation=self.origin,
            title_withheld=False,
            number=number,
        )

    def post_added(
        self,
        opened: discussion.ThreadOpened,
        author: str,
        mentions: tuple[str, ...] = (),
        unknown_handles: tuple[str, ...] = (),
        at: datetime | None = None,
        number: int | None = None,
    ) -> discussion.PostAdded:
        return discussion.PostAdded(
            post=new_id(),
            thread=opened.thread,
            community=opened.community,
            kind=opened.kind,
            title=opened.title,
            opened_by=opened.author,
            author=author,
            author_name="Ben",
            mentions=mentions,
            unknown_handles=unknown_handles,
            at=at or self.moment(),
            organisation=self.origin,
            thread_organisation=self.origin,
            title_withheld=False,
            number=number,
        )

    def post_edited(
        self,
        opened: discussion.ThreadOpened,
        post: str,
        editor: str,
        mentions: tuple[str, ...],
        revision: int = 2,
        unknown_handles: tuple[str, ...] = (),
    ) -> discussion.PostEdited:
        return discussion.PostEdited(
            post=post,
            thread=opened.thread,
            community=opened.community,
            kind=opened.kind,
            title=opened.title,
            opened_by=opened.author,
            editor=editor,
            editor_name="Ben",
            newly_mentioned=mentions,
            unknown_handles=unknown_handles,
            at=self.moment(),
            revision=revision,
        )

    def thread_shared(self, opened: discussion.ThreadOpened, guest: str, by: str) -> discussion.ThreadShared:
        return discussion.ThreadShared(
            thread=opened.thread,
            community=opened.community,
            title=opened.title,
            guest=guest,
            shared_by=by,
            shared_by_name="Ana",
            at=self.moment(),
        )

    # What members ask

    def inbox(self, member: str, unread: bool = False, community: str | None = None) -> list[Notification]:
        """Everything in a member's inbox, newest first, page by page."""
        items: list[Notification] = []
        after = None
        while True:
            page = self.service.get_inbox(
                GetInbox(
                    caller=Caller(member=member), unread=unread, community=community, after=after, limit=3
                )
            )
            items += page.items
            if (after := page.next) is None:
                return items

    def unread(self, member: str) -> Unread:
        answer: Unread = self.service.count_unread(CountUnread(caller=Caller(member=member)))
        return answer

    def caught_up(self, after: dict[str, int]) -> CatchUpAnswer:
        """What came into these members' inboxes after the position given for each."""
        positions = tuple(StreamPosition(member=member, after=place) for member, place in after.items())
        answer: CatchUpAnswer = self.service.catch_up(CatchUp(caller=Caller(), positions=positions))
        return answer

    def set_level(self, member: str, level: Level) -> None:
        self.service.set_community_level(
            SetCommunityLevel(
                caller=Caller(member=member), community=self.community, change=LevelChange(level=level)
            )
        )

    def set_thread_level(self, member: str, thread: str, level: Level) -> None:
        self.service.set_thread_level(
            SetThreadLevel(caller=Caller(member=member), thread=thread, change=LevelChange(level=level))
        )


def handle_of(member: str) -> str:
    """The handle a member has in the room."""
    return f"m{member[-6:]}"


def wrapped(fact: Contract) -> Envelope[Any]:
    """A fact as it would come, under an id of its own."""
    return Envelope.wrap(fact, id=new_id(), source=fact.speaker, time=datetime.now(UTC))


@pytest.fixture
def room(mongo_url: str, database_prefix: str) -> Iterator[Room]:
    """A community of which the service has heard, in a database of this test's own."""
    client = connect(mongo_url)
    store = Store(client, f"{database_prefix}_notifications_{new_id()[-8:]}", "notifications")
    store.ensure(INDEXES)
    yield Room(store)
    client.drop_database(store.database.name)
    client.close()


__all__ = ["LISTENERS", "KeptNudges", "Room", "handle_of", "hear", "room", "wrapped"]
