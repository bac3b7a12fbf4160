"""People and communities for the tests of the membership service, made through its own calls."""

import secrets
import time
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from services.gateway.switchboard import Switchboard
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Caller
from shared.contracts.vocabulary import Role, Sector, Visibility
from shared.errors import Unavailable

A = TypeVar("A", bound=BaseModel)

OPERATOR = Caller(operator=True)
CHARTER = calls.Charter(domain="Anything", purpose="To test", audience="Testers")
# A test that asks much at once waits longer than a person would.
PATIENCE = 10.0


class Person(BaseModel):
    """A member for whom calls are made."""

    id: str
    organisation: str
    name: str
    handle: str
    scopes: frozenset[str] = frozenset({"threads:read", "tokens:write"})

    @property
    def caller(self) -> Caller:
        return Caller(member=self.id, organisation=self.organisation, scopes=self.scopes)


class Cast:
    """Makes organisations, members and communities, and asks for them."""

    def __init__(self, switchboard: Switchboard) -> None:
        self.switchboard = switchboard

    def ask(self, call: Call, answer: type[A]) -> A:
        """Make a call; returns its answer, which must be an `answer`."""
        given = self.switchboard.ask(call, timeout=PATIENCE)
        assert isinstance(given, answer)
        return given

    def organisation(self, name: str = "Trust") -> str:
        new = calls.NewOrganisation(name=name, sector=Sector.HEALTH, geography="Wales")
        return self.ask(calls.RegisterOrganisation(caller=OPERATOR, new=new), calls.Organisation).organisation

    def person(self, organisation: str | None = None, name: str = "Ann", email: str | None = None) -> Person:
        organisation = organisation or self.organisation()
        handle = f"{name.split(maxsplit=1)[0].lower()}-{secrets.token_hex(6)}"
        new = calls.NewMember(name=name, handle=handle, profession="Nurse", email=email)
        call = calls.RegisterMember(caller=OPERATOR, organisation=organisation, new=new)
        member = self.ask(call, calls.Member)
        return Person(id=member.member, organisation=organisation, name=name, handle=handle)

    def people(self, count: int, organisation: str | None = None) -> list[Person]:
        organisation = organisation or self.organisation()
        return [self.person(organisation, name=f"Person {number:03}") for number in range(count)]

    def community(
        self,
        founder: Person,
        visibility: Visibility = Visibility.OPEN,
        title: str | None = None,
        charter: calls.Charter = CHARTER,
    ) -> str:
        new = calls.NewCommunity(
            title=title or f"Community {secrets.token_hex(4)}",
            charter=charter,
            visibility=visibility,
            similar_seen=True,
        )
        return self.ask(calls.StartCommunity(caller=founder.caller, new=new), calls.Community).community

    def join(self, person: Person, community: str, message: str | None = None) -> calls.JoinOutcome:
        call = calls.Join(caller=person.caller, community=community, new=calls.NewJoin(message=message))
        return self.ask(call, calls.JoinOutcome)

    def invite(
        self, facilitator: Person, community: str, role: Role = Role.MEMBER, email: str = "who@example.org"
    ) -> calls.Invitation:
        new = calls.NewInvitation(email=email, role=role)
        return self.ask(
            calls.Invite(caller=facilitator.caller, community=community, new=new), calls.Invitation
        )

    def bring_in(self, facilitator: Person, community: str, person: Person, role: Role = Role.MEMBER) -> None:
        token = self.invite(facilitator, community, role).token
        assert token is not None
        self.ask(calls.AcceptInvitation(caller=person.caller, token=token), calls.Membership)

    def change_role(
        self, by: Caller, community: str, person: Person, role: Role, revision: int
    ) -> calls.Membership:
        call = calls.ChangeRole(
            caller=by,
            community=community,
            member=person.id,
            change=calls.RoleChange(role=role),
            revision=revision,
        )
        return self.ask(call, calls.Membership)

    def join_patiently(self, person: Person, community: str) -> int:
        """Join as a client does who is told to ask again in a moment; returns how often it was told so."""
        for told in range(20):
            try:
                self.join(person, community)
            except Unavailable:
                time.sleep(0.1)
            else:
                return told
        raise AssertionError("never let in")

    def leave(self, person: Person, community: str) -> None:
        self.switchboard.ask(calls.EndMembership(caller=person.caller, community=community, member=person.id))

    def see(self, person: Person, community: str) -> calls.Community:
        return self.ask(calls.GetCommunity(caller=person.caller, community=community), calls.Community)

    def everybody_in(self, person: Person, community: str, limit: int = 50) -> Sequence[calls.Membership]:
        """All pages of who is in a community, as a person sees them."""
        found: list[calls.Membership] = []
        after = None
        while True:
            call = calls.ListMemberships(caller=person.caller, community=community, after=after, limit=limit)
            page = self.switchboard.ask(call)
            found += page.items  # type: ignore[attr-defined]
            after = page.next  # type: ignore[attr-defined]
            if after is None:
                return found
