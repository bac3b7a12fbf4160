"""Outsiders: people of no organisation here, whom a facilitator sponsors."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import MemberPath, PageQuery
from shared.contracts.calls.membership import (
    ConfirmOutsider,
    EndOutsider,
    ListOutsiders,
    NewOutsider,
    SponsorOutsider,
)

outsiders = Resource("outsiders", "People of no organisation here, for whom a member answers.")


@outsiders.creates(
    "/outsiders",
    SponsorOutsider,
    scope="communities:write",
    example={
        "email": "gwen@example.org",
        "name": "Gwen Ellis",
        "profession": "Carer",
        "communities": ["00000000000000000000000a"],
        "days": 180,
    },
)
def sponsor_outsider(asked: Asked, body: NewOutsider) -> SponsorOutsider:
    """Invite somebody who is at home at no organisation here, and answer for them.

    By a member of an organisation who facilitates each of the communities. The invitation goes to the address by
    mail, and to nobody else; it is good once, for fourteen days.
    """
    return SponsorOutsider(caller=asked.caller, once=asked.once, new=body, door=asked.door)


@outsiders.reads("/outsiders", ListOutsiders, scope="communities:read")
def list_outsiders(asked: Asked, query: PageQuery) -> ListOutsiders:
    """List for whom one answers.

    An organisation's own system, acting for nobody, lists all of its organisation's.
    """
    return ListOutsiders(caller=asked.caller, after=query.after, limit=query.limit)


@outsiders.changes("PUT", "/outsiders/<member>/confirmation", ConfirmOutsider, scope="communities:write")
def confirm_outsider(asked: Asked, path: MemberPath) -> ConfirmOutsider:
    """Let an outsider stay for as long again, from now.

    By their sponsor, or by another member of the same organisation who facilitates a community they are in, and answers
    for them from then on.
    """
    return ConfirmOutsider(caller=asked.caller, once=asked.once, member=path.member)


@outsiders.changes("DELETE", "/outsiders/<member>", EndOutsider, scope="communities:write")
def end_outsider(asked: Asked, path: MemberPath) -> EndOutsider:
    """End an outsider's stay.

    They are out of every community at once; what they wrote stays under their name. By who may confirm them, or their
    organisation's own system.
    """
    return EndOutsider(caller=asked.caller, once=asked.once, member=path.member)
