"""Members: the people, as those who share a community or organisation with them see them."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import MemberPath
from shared.contracts.calls.membership import ChangeMember, GetMember, LeaveOrganisation, MemberChanges

members = Resource("members", "The people.")


@members.reads("/members/<member>", GetMember, scope="members:read")
def get_member(asked: Asked, path: MemberPath) -> GetMember:
    """Read a member's profile.

    One's own, or that of somebody with whom one shares a community or organisation.
    """
    return GetMember(caller=asked.caller, member=path.member)


@members.changes(
    "PATCH",
    "/members/<member>",
    ChangeMember,
    scope="members:write",
    example={"interests": ["falls prevention", "co-design"]},
)
def change_member(asked: Asked, path: MemberPath, body: MemberChanges) -> ChangeMember:
    """Change a member's profile.

    What is left out stays as it is.
    """
    return ChangeMember(
        caller=asked.caller, once=asked.once, member=path.member, changes=body, revision=asked.revision
    )


@members.changes("DELETE", "/members/<member>/organisation", LeaveOrganisation, scope="members:write")
def leave_organisation(asked: Asked, path: MemberPath) -> LeaveOrganisation:
    """Leave one's organisation.

    The member is out of every community at once, and their tokens end. By the member or their
    organisation's client.
    """
    return LeaveOrganisation(caller=asked.caller, once=asked.once, member=path.member)
