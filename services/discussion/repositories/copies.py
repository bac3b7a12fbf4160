"""What other services told us: organisations, members, communities and memberships, all in one collection.

One collection, so that everything about a caller, a community and a page of authors is one query:
the ids say what a copy is of (`member:…`, `membership:<community>:<member>`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pymongo import IndexModel
from pymongo.database import Database

from services.discussion.domain import guard
from services.discussion.domain.access import Community, Member, Place, Standing, stay_of
from services.discussion.domain.crossing import Reach
from services.discussion.repositories import grants, guard_rules
from shared.contracts.calls.call import Caller, Heard
from shared.contracts.membership import (
    CommunityChanged,
    GrantsChanged,
    MemberChanged,
    MembershipChanged,
    OrganisationChanged,
)
from shared.contracts.vocabulary import Role, Visibility
from shared.wiring.store import Work, now

COLLECTION = "copies"
MOST_MEMBERSHIPS = 1_000
MOST_COMMUNITIES = 20_000

INDEXES = [
    IndexModel([("handle", 1)], name="handle", sparse=True),
    IndexModel([("of_member", 1), ("role", 1), ("in_community", 1)], name="of_member", sparse=True),
    IndexModel([("visibility", 1), ("community", 1)], name="visibility", sparse=True),
    IndexModel([("parties", 1)], name="parties", sparse=True),
    IndexModel(
        [("in_community", 1)],
        name="facilitators",
        partialFilterExpression={"role": Role.FACILITATOR.value},
    ),
]


class Facts(NamedTuple):
    """What was read together for one call.

    Args:
        standing: where the caller stands towards the community asked for.
        members: those asked for and the caller, by id, as far as heard.
        organisations: names by id.
        by_handle: ids of active members by handle, for the handles asked for.
        rules: with which what the caller writes is looked at, besides those for everybody.
        system_of: the organisation whose system reads; None when a person does.
    """

    standing: Standing
    members: Mapping[str, Member]
    organisations: Mapping[str, str]
    by_handle: Mapping[str, str]
    rules: guard.Rules = guard.NONE
    system_of: str | None = None


class Copies:
    """The local copies.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    def read(
        self,
        caller: Caller,
        community: str,
        *,
        members: Iterable[str] = (),
        organisations: Iterable[str | None] = (),
        handles: Iterable[str] = (),
        reach: Reach | None = None,
    ) -> Facts:
        """Everything a call needs to know, in one query; in two when an author has moved since they wrote.

        Args:
            community: which the call is about.
            members: whose names will be shown.
            organisations: where those are thought to be.
            handles: whom a text may mention.
            reach: of the caller's system, where it was read already.
        """
        shown = set(members)
        ids = {f"community:{community}"}
        ids.update(f"member:{member}" for member in shown)
        ids.update(f"organisation:{organisation}" for organisation in organisations if organisation)
        if caller.member is not None:
            ids |= {f"member:{caller.member}", f"membership:{community}:{caller.member}"}
        if caller.organisation is not None:
            ids |= {f"organisation:{caller.organisation}", guard_rules.id_of(caller.organisation)}
        which: dict[str, Any] = {"_id": {"$in": list(ids)}}
        if wanted := list(handles):
            which = {"$or": [which, {"handle": {"$in": wanted}}]}
        rows = {row["_id"]: row for row in self._rows.find(which)}
        known = {row["member"]: _member(row) for row in rows.values() if "handle" in row}
        at_present = (
            known[member].organisation or known[member].guest_of for member in shown if member in known
        )
        elsewhere = {f"organisation:{organisation}" for organisation in at_present if organisation} - ids
        if elsewhere:
            rows |= {row["_id"]: row for row in self._rows.find({"_id": {"$in": list(elsewhere)}})}
        return Facts(
            standing=_standing(caller, community, rows, known, reach or self.reach(caller)),
            members=known,
            organisations={
                row["organisation_id"]: row["name"] for row in rows.values() if "organisation_id" in row
            },
            by_handle={
                row["handle"]: row["member"] for row in rows.values() if row.get("active") and "handle" in row
            },
            rules=guard_rules.rules_of(rows.get(guard_rules.id_of(caller.organisation))),
            system_of=caller.organisation if caller.client else None,
        )

    def reach(self, caller: Caller) -> Reach | None:
        """How far a partner's system sees that calls, None when a person does."""
        if caller.client is None or caller.organisation is None:
            return None
        return self.reach_of(caller.organisation)

    def reach_of(self, organisation: str) -> Reach:
        """How far an organisation's systems see at this moment."""
        return grants.reach_of(organisation, self._rows.find(grants.which(organisation)), now())

    def places_in(self, community: str, members: Iterable[str]) -> dict[str, Place]:
        """The places of those of `members` who are in the community."""
        ids = [f"membership:{community}:{member}" for member in members]
        if not ids:
            return {}
        rows = self._rows.find({"_id": {"$in": ids}}, {"of_member": 1, "role": 1, "revision": 1})
        return {row["of_member"]: place for row in rows if (place := _place(row))}

    def facilitators(self, community: str) -> frozenset[str]:
        """Who facilitates a community."""
        which = {"in_community": community, "role": Role.FACILITATOR.value}
        return frozenset(row["of_member"] for row in self._rows.find(which, {"of_member": 1}))

    def organisations_of(self, members: Iterable[str]) -> dict[str, str | None]:
        """Where members are at present, by member, as far as heard."""
        ids = [f"member:{member}" for member in members]
        rows = self._rows.find({"_id": {"$in": ids}}, {"member": 1, "organisation": 1})
        return {row["member"]: row["organisation"] for row in rows}

    def known_communities(self, communities: Iterable[str]) -> set[str]:
        """Which of these have been heard of."""
        ids = [f"community:{community}" for community in communities]
        return {row["community"] for row in self._rows.find({"_id": {"$in": ids}}, {"community": 1})}

    def places(self, member: str) -> dict[str, Place]:
        """The member's place in every community they are in, by community."""
        rows = self._rows.find(
            {"of_member": member, "role": {"$in": [role.value for role in Role]}},
            {"in_community": 1, "role": 1, "revision": 1},
        ).limit(MOST_MEMBERSHIPS)
        return {row["in_community"]: place for row in rows if (place := _place(row))}

    def unhidden(self) -> set[str]:
        """Every community that anybody at home here may read."""
        rows = self._rows.find(
            {"visibility": {"$in": [Visibility.OPEN.value, Visibility.RESTRICTED.value]}},
            {"_id": 0, "community": 1},
        ).limit(MOST_COMMUNITIES)
        return {row["community"] for row in rows}

    def has_heard(self, heard: Heard) -> bool:
        """Whether the copies are as far as `heard` says; who is in a community is known as a member too."""
        wanted = {f"community:{heard.community}": heard.community_revision}
        if heard.membership is not None and heard.membership_revision > 0:
            wanted[f"membership:{heard.membership}"] = heard.membership_revision
            wanted[f"member:{heard.membership.partition(':')[2]}"] = 1
        rows = self._rows.find({"_id": {"$in": list(wanted)}}, {"revision": 1})
        present = {row["_id"]: row["revision"] for row in rows}
        return all(present.get(id, 0) >= revision for id, revision in wanted.items())

    # Hearing

    @staticmethod
    def keep_organisation(work: Work, told: OrganisationChanged) -> None:
        """Keep an organisation as told, unless a later revision is here."""
        work.copy(
            COLLECTION,
            {
                "_id": f"organisation:{told.organisation}",
                "organisation_id": told.organisation,
                "name": told.name,
                "revision": told.revision,
            },
        )

    @staticmethod
    def keep_member(work: Work, told: MemberChanged) -> None:
        """Keep a member as told, unless a later revision is here."""
        work.copy(
            COLLECTION,
            {
                "_id": f"member:{told.member}",
                "member": told.member,
                "name": told.name,
                "handle": told.handle,
                "profession": told.profession,
                "organisation": told.organisation,
                "active": told.active,
                "guest_of": told.guest_of,
                "revision": told.revision,
            },
        )

    @staticmethod
    def keep_community(work: Work, told: CommunityChanged) -> None:
        """Keep a community as told, unless a later revision is here."""
        work.copy(
            COLLECTION,
            {
                "_id": f"community:{told.community}",
                "community": told.community,
                "visibility": told.visibility.value,
                "stage": told.stage.value,
                "revision": told.revision,
            },
        )

    @staticmethod
    def keep_membership(work: Work, told: MembershipChanged) -> None:
        """Keep a member's place in a community as told, unless a later revision is here."""
        work.copy(
            COLLECTION,
            {
                "_id": f"membership:{told.membership}",
                "in_community": told.community,
                "of_member": told.member,
                "role": told.role.value if told.role else None,
                "revision": told.revision,
            },
        )

    @staticmethod
    def keep_grants(work: Work, told: GrantsChanged) -> None:
        """Keep what an agreement grants as told, unless a later revision is here."""
        work.copy(COLLECTION, grants.document(told))


def _member(row: Mapping[str, Any]) -> Member:
    return Member(
        id=row["member"],
        name=row["name"],
        profession=row["profession"],
        organisation=row["organisation"],
        active=row["active"],
        guest_of=row.get("guest_of"),
    )


def _place(row: Mapping[str, Any] | None) -> Place | None:
    """The place a membership's copy tells of, None once they are out; a role lasts for one revision."""
    if row is None or row["role"] is None:
        return None
    membership = row["_id"].removeprefix("membership:")
    return Place(role=row["role"], stay=stay_of(membership, row["revision"]))


def _standing(
    caller: Caller,
    community: str,
    rows: Mapping[str, Mapping[str, Any]],
    members: Mapping[str, Member],
    reach: Reach | None,
) -> Standing:
    known = rows.get(f"community:{community}")
    member = members.get(caller.member) if caller.member else None
    if member is not None:
        at_home = member.active and (member.organisation or member.guest_of) is not None
    else:
        # Not heard yet: the gateway has established that they belong to an organisation.
        at_home = caller.member is not None and caller.organisation is not None
    return Standing(
        caller=caller.member,
        at_home=at_home,
        member=member,
        community=(
            Community(id=community, visibility=known["visibility"], stage=known["stage"]) if known else None
        ),
        place=_place(rows.get(f"membership:{community}:{caller.member}")),
        asked_for=community,
        home=caller.organisation,
        knows_only_theirs=member is not None and member.organisation is None,
        reach=reach,
    )
