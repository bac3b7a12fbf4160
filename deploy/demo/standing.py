"""Who of those who sign in is still in the demo's open community, and whether anything can still be said there."""

from dataclasses import dataclass, field

from deploy.demo import cast
from deploy.demo.making import caller
from deploy.node.asking import Asking
from shared.contracts.calls import membership
from shared.contracts.vocabulary import Role, Stage
from shared.errors import Refusal


@dataclass
class Standing:
    """How the open community is just now.

    Args:
        roles: by the ids of those who are in it.
        archived: nothing new can be said in it.
    """

    roles: dict[str, Role] = field(default_factory=dict)
    archived: bool = False


def standing(asking: Asking) -> Standing:
    """Ask the node, as each of those who sign in; who may not know of the community any more is not in it."""
    found = Standing()
    for person in cast.SIGNING_IN:
        try:
            call = membership.GetCommunity(caller=caller(person), community=cast.FALLS.id)
            there = asking.ask(call, membership.Community)
        except Refusal:
            continue
        found.archived = there.stage is Stage.ARCHIVED
        if there.role is not None:
            found.roles[person.id] = there.role
    return found
