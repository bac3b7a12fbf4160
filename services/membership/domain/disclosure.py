"""What a partner's system may know of other organisations' members: what agreements disclose, and nothing more.

A person knows the people of their communities. An organisation's system, for itself or acting for one of
its members, knows its own people; of others only those whose name an agreement discloses in that
community, with the further fields that it names. Of all others it is as if they were not there.
"""

from collections.abc import Iterable, Set
from typing import NamedTuple, TypeVar

from shared.contracts.calls.membership import JoinRequest, Member, Membership
from shared.contracts.grant import Grant
from shared.contracts.vocabulary import MemberField

EVERY_FIELD = frozenset(MemberField)
SHOWN = (MemberField.NAME, MemberField.PROFESSION, MemberField.ORGANISATION)
"""The fields that a member, a place and a request show of those that there are."""

P = TypeVar("P", Member, Membership, JoinRequest)


class Disclosure(NamedTuple):
    """What of others' members the systems of `receiver` may know, by the grants to it that are read now."""

    receiver: str
    grants: tuple[Grant, ...]

    def of(self, organisation: str | None, communities: Iterable[str]) -> Set[MemberField]:
        """The fields that are disclosed of an organisation's members in any of these communities."""
        if organisation == self.receiver:
            return EVERY_FIELD
        there = set(communities)
        return frozenset(
            field
            for grant in self.grants
            if grant.source == organisation and not there.isdisjoint(grant.communities)
            for field in grant.fields
        )

    def names(self, organisation: str | None, communities: Iterable[str]) -> bool:
        """Whether it may know that an organisation's members are there at all."""
        return MemberField.NAME in self.of(organisation, communities)


def as_disclosed(shown: P, fields: Set[MemberField]) -> P:
    """A member, a place or a request as a system sees it that may know these fields; the name is among them."""
    if fields >= EVERY_FIELD:
        return shown
    change: dict[str, object] = {"withheld": tuple(field for field in SHOWN if field not in fields)}
    if MemberField.PROFESSION not in fields:
        change["profession"] = None
    if MemberField.ORGANISATION not in fields:
        change |= {name: None for name in ("organisation", "organisation_name") if hasattr(shown, name)}
    if isinstance(shown, Member):
        change["interests"] = ()
    return shown.model_copy(update=change)
