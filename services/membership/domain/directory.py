"""An organisation's directory: the people and groups that it keeps here, and what becomes of a member by it.

The directory says who is with the organisation; communities and what somebody wrote are not its business.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from services.membership.domain import member as members
from services.membership.domain.former_address import let_go as let_go_address
from services.membership.domain.group_document import members_in, without_members
from services.membership.domain.group_document import without_names as named_only
from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts import former
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import DirectoryPerson, EntryContent, EntryKind
from shared.contracts.membership import MemberChanged
from shared.errors import Conflict, NotAllowed, NotFound

SCOPE = "directory:write"
NOT_STATED = "not stated"
"""The profession of somebody for whom the directory has no title."""

KEPT_AFTER_REMOVAL = timedelta(days=180)
"""For how long it is remembered who somebody was whom the directory has let go of."""

NOT_IN_A_HANDLE = re.compile(r"[^a-z0-9._-]+")
LONGEST_HANDLE = 40


class Entry(State):
    """A user or group as a directory keeps it here.

    Args:
        user_key: the user's name without regard to capitals, by which it is one of its kind.
        member: whom a user is; None for a group.
        members: the ids of the entries that a group names; none for a user.
        removed_at: when the directory let go of it; from then on only who it was is kept.
        leaving_since: the same, as long as groups may name it still.
    """

    organisation: str
    kind: EntryKind
    document: str
    user_key: str | None = None
    external_id: str | None = None
    person: DirectoryPerson | None = None
    member: str | None = None
    members: tuple[str, ...] = ()
    created_at: datetime
    changed_at: datetime
    removed_at: datetime | None = None
    forgotten_at: datetime | None = None
    leaving_since: datetime | None = None

    def shown(self) -> calls.DirectoryEntry:
        """The entry for its own directory."""
        return calls.DirectoryEntry(
            entry=self.id,
            kind=self.kind,
            document=self.document,
            member=self.member,
            created_at=self.created_at,
            changed_at=self.changed_at,
            revision=self.revision,
        )


def no_such_entry() -> NotFound:
    """The one refusal for an entry that isn't there, has been removed, or is another organisation's."""
    return NotFound("There is no such user or group in your directory.", where="entry")


def user_name_taken() -> Conflict:
    """The refusal for a user name that another user of the same directory has."""
    return Conflict("Another user of your directory has this name.", "user-name-taken", "userName")


def user_key(user_name: str) -> str:
    """A user name without regard to capitals (RFC 7643, 4.1.1)."""
    return user_name.casefold()


def check_directory(caller: Caller, organisation: str) -> None:
    """Refuse anybody but the organisation's own directory and the operator.

    Raises:
        NotFound: it is another organisation's, of whose directory nobody may know.
        NotAllowed: a member asks, or a system that acts for one.
    """
    if caller.operator:
        return
    if caller.organisation != organisation:
        raise no_such_entry()
    if caller.member is not None or SCOPE not in caller.scopes:
        raise NotAllowed("Only the organisation's own directory may do this.", where="organisation")


def check_entry(entry: Entry | None, organisation: str, kind: EntryKind) -> Entry:
    """Refuse an entry that isn't one of this directory and kind; returns it otherwise.

    Raises:
        NotFound: always in the same words.
    """
    if (
        entry is None
        or entry.organisation != organisation
        or entry.kind is not kind
        or entry.removed_at is not None
    ):
        raise no_such_entry()
    return entry


def members_of(content: EntryContent) -> tuple[str, ...]:
    """The ids of the entries that a group names; none for a user."""
    return members_in(content.document) if content.kind is EntryKind.GROUP else ()


def without_names(content: EntryContent, there: Collection[str]) -> EntryContent:
    """A group with the names of those of its members only who are `there`."""
    return content.model_copy(update={"document": named_only(content.document, there)})


def add(id: str, organisation: str, content: EntryContent, member: str | None, at: datetime) -> Entry:
    """Make an entry of what a directory sent."""
    return Entry(
        id=id,
        organisation=organisation,
        kind=content.kind,
        document=content.document,
        user_key=None if content.user_name is None else user_key(content.user_name),
        external_id=content.external_id,
        person=content.person,
        member=member,
        members=members_of(content),
        created_at=at,
        changed_at=at,
    )


def change(entry: Entry, content: EntryContent, at: datetime) -> Entry:
    """Put what a directory says now in the place of what it said before."""
    later = add(entry.id, entry.organisation, content, entry.member, at)
    return later.model_copy(update={"created_at": entry.created_at, "revision": entry.revision + 1})


def remove(entry: Entry, at: datetime) -> Entry:
    """Let go of an entry: nothing is kept but whose it was, and that for a while."""
    return entry.model_copy(
        update={
            "document": "",
            "user_key": None,
            "person": None,
            "members": (),
            "changed_at": at,
            "removed_at": at,
            "leaving_since": at,
            "forgotten_at": at + KEPT_AFTER_REMOVAL,
            "revision": entry.revision + 1,
        }
    )


def let_go(group: Entry, gone: Collection[str], at: datetime) -> Entry:
    """Let a group name some entries no longer that its directory has let go of.

    Args:
        gone: their ids.
    """
    return group.model_copy(
        update={
            "document": without_members(group.document, gone),
            "members": tuple(one for one in group.members if one not in gone),
            "changed_at": at,
            "revision": group.revision + 1,
        }
    )


def shown_without(entry: Entry, leaving: Collection[str]) -> calls.DirectoryEntry:
    """The entry for its own directory; a group without those who leave, of whom it has still to be cleaned."""
    if any(one in leaving for one in entry.members):
        entry = entry.model_copy(update={"document": without_members(entry.document, leaving)})
    return entry.shown()


def read(group: Entry, there: Collection[str], at: datetime) -> Entry:
    """Let it be kept beside a group's document whom it names, and without the names of those who are gone already.

    Args:
        there: the ids of the entries that are in its directory.
    """
    named = members_in(group.document)
    group = group.model_copy(update={"members": named})
    if set(named) <= set(there):
        return group
    changes = {
        "document": named_only(group.document, there),
        "changed_at": at,
        "revision": group.revision + 1,
    }
    return group.model_copy(update=changes)


def give(entry: Entry, member: str, at: datetime) -> Entry:
    """Let a user be another member than before: one who moved here, and whose account it was."""
    return entry.model_copy(update={"member": member, "changed_at": at, "revision": entry.revision + 1})


def handles_for(user_name: str, id: str) -> list[str]:
    """Handles that a new member might have, the best first; the last is nobody else's, being made of their id."""
    base = NOT_IN_A_HANDLE.sub("-", user_name.partition("@")[0].casefold()).strip("._-")
    base = base if len(base) > 1 and not base.startswith(former.PREFIX) else "member"
    return [
        base[:LONGEST_HANDLE],
        *(f"{base[:36]}-{number}" for number in range(2, 10)),
        f"{base[:15]}-{id}",
    ]


def new_member(
    id: str, organisation: str, handle: str, person: DirectoryPerson, at: datetime
) -> tuple[Member, MemberChanged]:
    """Make a member of whom a directory has added; one who is not active yet can do nothing."""
    new = calls.NewMember(
        name=person.name, handle=handle, profession=person.profession or NOT_STATED, email=person.email
    )
    member, _ = members.register(id, organisation, new, at)
    member = member.model_copy(update={"active": person.active})
    return member, members.told(member)


def follow(
    member: Member, before: DirectoryPerson | None, now: DirectoryPerson, at: datetime
) -> tuple[Member, list[MemberChanged]]:
    """Let a member follow what their directory says now.

    What the directory does not change stays as the member themselves have made it. Who is not active any
    more stays the organisation's and can do nothing; their communities are the service's to end.

    Args:
        before: what the directory said before, None when it is the first time.
        at: when it says so.
    """
    changes: dict[str, object] = {}
    for field in ("name", "profession", "email"):
        said = getattr(now, field)
        if before is None or said != getattr(before, field):
            changes[field] = said if said is not None or field == "email" else NOT_STATED
    if "email" in changes:
        addresses = let_go_address(member.former_addresses, member.email, now.email, at)
        changes["former_addresses"] = addresses
    changes["active"] = now.active
    if member.active and not now.active:
        changes["communities"] = 0
    changed = member.model_copy(update=changes)
    if changed == member:
        return member, []
    changed = changed.model_copy(update={"revision": member.revision + 1})
    return changed, [members.told(changed)]


def suspend(member: Member) -> tuple[Member, list[MemberChanged]]:
    """Bar a member from everything while they stay the organisation's; nothing is told when they are already."""
    if not member.active:
        return member, []
    barred = member.model_copy(update={"active": False, "communities": 0, "revision": member.revision + 1})
    return barred, [members.told(barred)]
