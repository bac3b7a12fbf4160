"""A room for trying the discussion service: its handlers in this process, over a real MongoDB.

What membership would tell is heard through the service's own listeners; what the service tells is
read from its outbox, which nobody empties here.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

import pytest

from services.discussion.repositories import INDEXES
from services.discussion.service import DiscussionService, record
from shared.contracts.calls.call import Caller, Once
from shared.contracts.calls.discussion import (
    AddPost,
    GetThread,
    NewPost,
    NewThread,
    OpenThread,
    Post,
    Thread,
)
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.grant import Grant
from shared.contracts.membership import (
    CommunityChanged,
    GrantsChanged,
    MemberChanged,
    MembershipChanged,
    OrganisationChanged,
)
from shared.contracts.vocabulary import (
    AgreementState,
    ContentKind,
    MemberField,
    Role,
    Sector,
    Stage,
    ThreadKind,
    Visibility,
)
from shared.wiring.store import Store, connect, new_id, now

F = TypeVar("F", bound=Contract)


class Room:
    """The service, and people in communities for it to hear of."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.service: Any = DiscussionService()
        self.service.store = store
        self._revisions = count(1)
        self._organisations: dict[str, str] = {}

    def hear(self, fact: Contract) -> None:
        """Let the service hear `fact` as if it came from the broker."""
        envelope: Envelope[Any] = Envelope.wrap(fact, id=new_id(), source="membership", time=now())
        listener = fact.word.removesuffix("-changed")
        getattr(self.service, f"hear_{listener}")([envelope])

    def organisation(self, name: str = "Northern Trust") -> str:
        id = new_id()
        self.hear(
            OrganisationChanged(
                organisation=id,
                name=name,
                sector=Sector.HEALTH,
                geography="Leeds",
                revision=next(self._revisions),
            )
        )
        return id

    def member(self, name: str = "Ana Price", organisation: str | None = None, active: bool = True) -> Caller:
        """A member at home in an organisation, as the caller they will be; their handle is in `handle_of`."""
        organisation = organisation or self.organisation()
        id = new_id()
        self.change_member(id, name, organisation, active)
        return Caller(member=id, organisation=organisation)

    def change_member(self, id: str, name: str, organisation: str | None, active: bool = True) -> None:
        self.hear(
            MemberChanged(
                member=id,
                name=name,
                handle=handle_of(id),
                profession="nurse",
                organisation=organisation,
                active=active,
                revision=next(self._revisions),
            )
        )

    def community(
        self,
        visibility: Visibility = Visibility.OPEN,
        stage: Stage = Stage.MATURING,
        id: str | None = None,
    ) -> str:
        id = id or new_id()
        self.hear(
            CommunityChanged(
                community=id,
                title="Falls prevention",
                visibility=visibility,
                stage=stage,
                revision=next(self._revisions),
            )
        )
        return id

    def joins(
        self,
        caller: Caller,
        community: str,
        role: Role | None = Role.MEMBER,
        revision: int | None = None,
    ) -> Caller:
        """Put a member into a community, or out of it with None; `revision` only to tell it late."""
        assert caller.member
        self.hear(
            MembershipChanged(
                membership=f"{community}:{caller.member}",
                community=community,
                member=caller.member,
                role=role,
                since=now(),
                revision=revision or next(self._revisions),
            )
        )
        return caller

    def newcomer(self, community: str, role: Role = Role.MEMBER, name: str = "Ben Okoro") -> Caller:
        """A new member in `community`."""
        return self.joins(self.member(name), community, role)

    def agree(self, source: str | None, receiver: str | None, community: str) -> None:
        """Let whole threads of one organisation in a community cross to another's systems."""
        assert source and receiver
        agreement, at = new_id(), now()
        grant = Grant(
            agreement=agreement,
            version=1,
            source=source,
            receiver=receiver,
            communities=(community,),
            kinds=(ContentKind.THREADS,),
            fields=tuple(MemberField),
            notifications=(),
            retention_days=1,
            crosses_until=at + timedelta(days=1),
            read_until=at + timedelta(days=31),
        )
        self.hear(
            GrantsChanged(
                agreement=agreement,
                parties=(source, receiver),
                communities=(community,),
                state=AgreementState.IN_FORCE,
                grants=(grant,),
                revision=1,
            )
        )

    # Saying things

    def open_thread(
        self,
        caller: Caller,
        community: str,
        text: str = "How do you do it?",
        title: str = "Walking aids after discharge",
        kind: ThreadKind = ThreadKind.QUESTION,
        once: Once | None = None,
    ) -> Thread:
        new = NewThread(kind=kind, title=title, text=text)
        answer: Thread = self.service.open_thread(
            OpenThread(caller=caller, community=community, new=new, once=once)
        )
        return answer

    def add_post(
        self, caller: Caller, thread: str, text: str = "Like this.", once: Once | None = None
    ) -> Post:
        answer: Post = self.service.add_post(
            AddPost(caller=caller, thread=thread, new=NewPost(text=text), once=once)
        )
        return answer

    def thread(self, caller: Caller, thread: str) -> Thread:
        answer: Thread = self.service.get_thread(GetThread(caller=caller, thread=thread))
        return answer

    def told(self, contract: type[F], about: str) -> list[F]:
        """The facts of this kind that mention the id `about`, in the order they were told."""
        reading = Envelope[contract]  # type: ignore[valid-type]
        rows = self.store.database["outbox"].find({"type": contract.type()}).sort("_id", 1)
        facts = [reading.read(row["body"]).data for row in rows]
        return [fact for fact in facts if about in fact.model_dump_json()]


def handle_of(member: str | None) -> str:
    """The handle a member has in the room."""
    return f"h{member}"


@pytest.fixture(scope="session")
def room(mongo_url: str, database_prefix: str) -> Iterator[Room]:
    """One room for the session; every test brings its own people and communities."""
    client = connect(mongo_url)
    store = Store(client, f"{database_prefix}_discussion_room", "discussion", record=record)
    store.ensure(INDEXES)
    yield Room(store)
    client.close()
