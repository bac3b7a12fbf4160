"""People at a running node for tests of its services: made by the operator, asking through the switchboard."""

from collections.abc import Callable
from itertools import count
from time import monotonic, sleep
from typing import Any, TypeVar

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import AddPost, NewPost, NewThread, OpenThread
from shared.contracts.calls.membership import (
    Charter,
    EndMembership,
    IssueToken,
    Join,
    NewCommunity,
    NewJoin,
    NewMember,
    NewOrganisation,
    NewToken,
    RegisterMember,
    RegisterOrganisation,
    Scope,
    StartCommunity,
    Token,
)
from shared.contracts.calls.notifications import GetInbox, Notification
from shared.contracts.vocabulary import Sector, ThreadKind, Visibility
from shared.wiring.store import new_id

OPERATOR = Caller(operator=True)
T = TypeVar("T")


class People:
    """A node's services, asked as the gateway asks them."""

    def __init__(self, switchboard: Switchboard) -> None:
        self.switchboard = switchboard
        self._numbers = count()
        new = NewOrganisation(name="Northern Trust", sector=Sector.HEALTH, geography="Leeds")
        self.organisation: str = self.ask(RegisterOrganisation(caller=OPERATOR, new=new)).organisation

    def ask(self, call: Call) -> Any:
        return self.switchboard.ask(call, timeout=10)

    def member(self, name: str = "Ana Price", profession: str = "Nurse") -> Caller:
        person = NewMember(name=name, handle=f"m{new_id()}", profession=profession)
        registered = self.ask(RegisterMember(caller=OPERATOR, organisation=self.organisation, new=person))
        return Caller(member=registered.member, organisation=self.organisation)

    def token(self, caller: Caller, *scopes: Scope) -> Token:
        new = NewToken(name="A test", scopes=scopes or ("inbox:read",))
        token: Token = self.ask(IssueToken(caller=OPERATOR, member=caller.member, new=new))
        return token

    def community(self, founder: Caller, visibility: Visibility = Visibility.OPEN) -> str:
        charter = Charter(domain="Falls", purpose="Fewer falls", audience="Wards")
        title = f"Community {new_id()}"
        new = NewCommunity(title=title, charter=charter, visibility=visibility, similar_seen=True)
        return str(self.ask(StartCommunity(caller=founder, new=new)).community)

    def join(self, caller: Caller, community: str) -> Caller:
        self.ask(Join(caller=caller, community=community, new=NewJoin()))
        return caller

    def remove(self, facilitator: Caller, community: str, member: str) -> None:
        self.ask(EndMembership(caller=facilitator, community=community, member=member))

    def question(self, caller: Caller, community: str, title: str = "Hip protectors?") -> str:
        """Ask; returns the thread's id."""
        new = NewThread(kind=ThreadKind.QUESTION, title=title, text="Who has tried them?")
        return str(self.ask(OpenThread(caller=caller, community=community, new=new)).thread)

    def answer(self, caller: Caller, thread: str, text: str = "We have.") -> str:
        return str(self.ask(AddPost(caller=caller, thread=thread, new=NewPost(text=text))).post)

    def inbox(self, caller: Caller) -> tuple[Notification, ...]:
        items: tuple[Notification, ...] = self.ask(GetInbox(caller=caller, limit=100)).items
        return items


def eventually(ask: Callable[[], T], patience: float = 10.0) -> T:
    """The first truthy answer, or the last one when patience ends."""
    end = monotonic() + patience
    while not (answer := ask()) and monotonic() < end:
        sleep(0.02)
    return answer
