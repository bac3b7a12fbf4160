"""A request to join a restricted community, which its facilitators approve or decline."""

from datetime import datetime
from typing import Literal

from services.membership.domain.community import Community
from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.membership import JoinDecided, JoinRequested
from shared.errors import Conflict, NotFound


class JoinRequest(State):
    """A request as it stands; a member has at most one waiting in a community."""

    community: str
    member: str
    message: str | None = None
    state: Literal["waiting", "approved", "declined", "withdrawn"] = "waiting"
    asked_at: datetime
    decision_message: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    def shown(self, member: Member, organisation_name: str | None) -> calls.JoinRequest:
        """The request for a facilitator, or for the member who made it."""
        return calls.JoinRequest(
            request=self.id,
            community=self.community,
            member=self.member,
            name=member.name,
            profession=member.profession,
            organisation_name=organisation_name,
            message=self.message,
            state=self.state,
            asked_at=self.asked_at,
            decision_message=self.decision_message,
            decided_at=self.decided_at,
        )


def no_such_request() -> NotFound:
    """The refusal for a request that isn't there, or is another community's."""
    return NotFound("There is no such request to join this community.", where="request")


def already_asked() -> Conflict:
    """The refusal for somebody whose request waits already."""
    return Conflict("Your request waits for a facilitator already.", "already-asked", "community")


def ask(
    id: str, community: Community, member: Member, message: str | None, at: datetime
) -> tuple[JoinRequest, JoinRequested]:
    """Ask to be let in; returns the waiting request with the fact that tells its facilitators."""
    request = JoinRequest(id=id, community=community.id, member=member.id, message=message, asked_at=at)
    told = JoinRequested(
        request=id,
        community=community.id,
        member=member.id,
        member_name=member.name,
        community_title=community.title,
        message=message,
        at=at,
        organisation=member.organisation,
    )
    return request, told


def decide(
    request: JoinRequest, community: Community, decision: calls.Decision, decided_by: str, at: datetime
) -> tuple[JoinRequest, JoinDecided]:
    """Approve or decline a waiting request; returns it with the fact that tells the member.

    Raises:
        Conflict: `already-decided`, when it doesn't wait any more.
    """
    if request.state != "waiting":
        raise Conflict("This request doesn't wait any more.", "already-decided", "request")
    decided = request.model_copy(
        update={
            "state": "approved" if decision.approve else "declined",
            "decision_message": decision.message,
            "decided_by": decided_by,
            "decided_at": at,
            "revision": request.revision + 1,
        }
    )
    told = JoinDecided(
        request=request.id,
        community=community.id,
        member=request.member,
        community_title=community.title,
        approved=decision.approve,
        message=decision.message,
        decided_by=decided_by,
        at=at,
    )
    return decided, told


def withdraw(request: JoinRequest, at: datetime) -> JoinRequest:
    """Take back a waiting request: the member no longer asks, has left, or came in by another way."""
    return request.model_copy(
        update={"state": "withdrawn", "decided_at": at, "revision": request.revision + 1}
    )
