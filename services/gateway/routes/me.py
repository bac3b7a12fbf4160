"""Me: the member on whose behalf the request is made, without having to know their id."""

from services.gateway.door.resource import Asked, Resource
from shared.contracts.calls.call import check_is_member
from shared.contracts.calls.membership import ChangeMember, GetMember, MemberChanges

me = Resource("me", "The member who asks.")


@me.reads("/me", GetMember, scope="members:read", id="get_me")
def get_me(asked: Asked) -> GetMember:
    """Read one's own profile."""
    return GetMember(caller=asked.caller, member=check_is_member(asked.caller))


@me.changes(
    "PATCH",
    "/me",
    ChangeMember,
    scope="members:write",
    id="change_me",
    example={"profession": "Occupational therapist"},
)
def change_me(asked: Asked, body: MemberChanges) -> ChangeMember:
    """Change one's own profile."""
    return ChangeMember(
        caller=asked.caller,
        once=asked.once,
        member=check_is_member(asked.caller),
        changes=body,
        revision=asked.revision,
    )
