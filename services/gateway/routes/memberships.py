"""Memberships: who is in a community, in which role, and how that ends."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, MembershipPath, PageQuery
from shared.contracts.calls.call import Body
from shared.contracts.calls.membership import ChangeRole, EndMembership, ListMemberships, RoleChange
from shared.contracts.vocabulary import Note

memberships = Resource("memberships", "Who is in a community, and in which role.")


class MembershipEnding(Body):
    """Why a membership ends; a member who is removed is told the reason."""

    reason: Note | None = Field(None, description="What a member who is removed is told.")


@memberships.reads("/communities/<community>/memberships", ListMemberships, scope="communities:read")
def list_memberships(asked: Asked, path: CommunityPath, query: PageQuery) -> ListMemberships:
    """List who is in a community, by name.

    Guests see only themselves and the facilitators.
    """
    return ListMemberships(
        caller=asked.caller, community=path.community, after=query.after, limit=query.limit
    )


@memberships.changes(
    "PATCH",
    "/communities/<community>/memberships/<member>",
    ChangeRole,
    scope="communities:write",
    example={"role": "steward"},
)
def change_role(asked: Asked, path: MembershipPath, body: RoleChange) -> ChangeRole:
    """Give a member another role.

    By a facilitator; the last facilitator cannot step down.
    """
    return ChangeRole(
        caller=asked.caller,
        once=asked.once,
        community=path.community,
        member=path.member,
        change=body,
        revision=asked.revision,
    )


@memberships.changes(
    "PUT",
    "/communities/<community>/memberships/<member>/ending",
    EndMembership,
    scope="communities:write",
    example={"reason": "You asked to be taken out."},
)
def end_membership(asked: Asked, path: MembershipPath, body: MembershipEnding) -> EndMembership:
    """Leave a community, or remove somebody from it.

    A member leaves; a facilitator removes. The reason stands in the body, because addresses end up in logs.
    """
    return EndMembership(
        caller=asked.caller, once=asked.once, community=path.community, member=path.member, reason=body.reason
    )
