"""Handlers for what an organisation's directory asks: users, who are members, and groups."""

from collections.abc import Sequence

from services.membership.domain import directory as directories
from services.membership.domain.directory import Entry, check_directory, check_entry
from services.membership.domain.member import Member
from services.membership.domain.organisation import no_such_organisation
from services.membership.domain.state import check_revision
from services.membership.repositories.directory import among
from services.membership.service.leaving import Leaving
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Done
from shared.contracts.calls.membership import (
    AddDirectoryEntry,
    ChangeDirectoryEntry,
    DirectoryEntries,
    DirectoryEntry,
    DirectoryPerson,
    EntryContent,
    FindDirectoryEntries,
    GetDirectoryEntry,
    RemoveDirectoryEntry,
)
from shared.errors import Conflict
from shared.wiring.rpc import rpc
from shared.wiring.store import Stale, Work, new_id, now


class DirectoryHandlers(Leaving):
    """What a directory may ask about its own users and groups."""

    @rpc
    def add_directory_entry(self, call: AddDirectoryEntry) -> DirectoryEntry:
        check_directory(call.caller, call.organisation)
        if self.organisations.get(call.organisation) is None:
            raise no_such_organisation()
        work = Work()
        member = None
        if call.content.person is not None:
            member = self._known_again(work, call, call.content.person) or self._new_member(
                work, call, call.content.person
            )
        content = self._without_names_of_gone(call.organisation, call.content)
        entry = directories.add(new_id(), call.organisation, content, member, now())
        self.directory_entries.add(work, entry)
        return self._commit_entry(work, call, entry)

    @rpc
    def get_directory_entry(self, call: GetDirectoryEntry) -> DirectoryEntry:
        check_directory(call.caller, call.organisation)
        found = self.directory_entries.get(call.organisation, call.entry)
        return self._entries_shown(call.organisation, [check_entry(found, call.organisation, call.kind)])[0]

    @rpc
    def find_directory_entries(self, call: FindDirectoryEntries) -> DirectoryEntries:
        check_directory(call.caller, call.organisation)
        which = among(call.organisation, call.kinds, call.by, call.value)
        found = self.directory_entries.find(
            which, skip=call.skip, limit=call.limit, after=call.after, before=call.before
        )
        return DirectoryEntries(
            items=tuple(self._entries_shown(call.organisation, found)),
            total=self.directory_entries.count(which),
        )

    @rpc
    def change_directory_entry(self, call: ChangeDirectoryEntry) -> DirectoryEntry:
        check_directory(call.caller, call.organisation)
        found = self.directory_entries.get(call.organisation, call.entry)
        was = check_entry(found, call.organisation, call.content.kind)
        if call.revision is not None:
            check_revision(was, call.revision)
        content = self._without_names_of_gone(call.organisation, call.content)
        entry = directories.change(was, content, now())
        work = Work()
        self.directory_entries.put(work, was, entry)
        member = self._own_member(was)
        if member is not None and call.content.person is not None:
            self._follow(work, member, was.person, call.content.person)
        return self._commit_entry(work, call, entry)

    @rpc
    def remove_directory_entry(self, call: RemoveDirectoryEntry) -> Done:
        check_directory(call.caller, call.organisation)
        was = check_entry(
            self.directory_entries.get(call.organisation, call.entry), call.organisation, call.kind
        )
        if call.revision is not None:
            check_revision(was, call.revision)
        work = Work()
        self.directory_entries.let_go(work, was, now())
        member = self._own_member(was)
        if member is not None:
            self._suspend(work, member)
        return self.commit(work, call, Done())

    def _entries_shown(self, organisation: str, entries: Sequence[Entry]) -> list[DirectoryEntry]:
        """Entries for their directory: whom it has let go of is in no group from that moment, cleaned or not."""
        names_some = any(entry.members for entry in entries)
        leaving = self.directory_entries.leaving_from(organisation) if names_some else set()
        return [directories.shown_without(entry, leaving) for entry in entries]

    def _without_names_of_gone(self, organisation: str, content: EntryContent) -> EntryContent:
        """A group without the names of those whom the directory has let go of, or who were erased."""
        named = directories.members_of(content)
        there = self.directory_entries.there(organisation, named)
        return content if there.issuperset(named) else directories.without_names(content, there)

    def _own_member(self, entry: Entry) -> Member | None:
        """The member that an entry is, as long as they are the organisation's; a directory has no say over others."""
        member = self.members.get(entry.member) if entry.member else None
        return member if member is not None and member.organisation == entry.organisation else None

    def _known_again(self, work: Work, call: AddDirectoryEntry, person: DirectoryPerson) -> str | None:
        """Whom the directory had let go of, or the operator registered, under its own id for them; None for somebody new."""
        external_id = call.content.external_id
        removed = self.directory_entries.removed(call.organisation, external_id)
        if removed is not None:
            member = self._own_member(removed)
        else:
            member = self.members.known_as(call.organisation, external_id) if external_id else None
        if member is None or self.directory_entries.of_member(call.organisation, member.id):
            return None
        self._follow(work, member, None, person)
        return member.id

    def _new_member(self, work: Work, call: AddDirectoryEntry, person: DirectoryPerson) -> str:
        id = new_id()
        handles = directories.handles_for(call.content.user_name or "", id)
        taken = self.members.whose(handles)
        handle = next(handle for handle in handles if handle not in taken)
        member, fact = directories.new_member(id, call.organisation, handle, person, now())
        self.members.add(work, member)
        work.tell(fact)
        return id

    def _follow(
        self, work: Work, was: Member, before: DirectoryPerson | None, person: DirectoryPerson
    ) -> None:
        member, facts = directories.follow(was, before, person, now())
        if not facts:
            return
        self.members.put(work, was, member)
        if was.active and not member.active:
            self.leave_everything(work, was)
        if member.name != was.name:
            self.memberships.rename(work, member)
        work.tell(*facts)

    def _suspend(self, work: Work, was: Member) -> None:
        member, facts = directories.suspend(was)
        if facts:
            self.members.put(work, was, member)
            self.leave_everything(work, was)
            work.tell(*facts)

    def _commit_entry(self, work: Work, call: Call, entry: Entry) -> calls.DirectoryEntry:
        try:
            return self.commit(work, call, entry.shown())
        except Conflict as refusal:
            if refusal.code == "handle-taken":  # by somebody else, a moment ago: another is chosen
                raise Stale("members") from refusal
            raise
