"""Groups name nobody whom their directory has let go of: what follows by itself when somebody was let go of."""

import time
from collections import defaultdict
from datetime import timedelta

from services.membership.domain import directory as directories
from services.membership.domain.directory import Entry
from services.membership.service.handlers import Handlers
from shared.wiring.due import every
from shared.wiring.store import Stale, Work, now

LOOK_AGAIN = 1.0
AT_A_TIME = 10.0
"""Seconds after which the rest is left to the next time."""
GROUPS = 20
"""How many groups are read at a time: one may be half a million characters long."""
LEAVING = 200
"""How many who leave are taken together: a group that names several is written once."""
SETTLING = timedelta(seconds=5)
"""For how long a group may still be written by a call that saw them there: longer than a door waits."""


class DirectoryGroupHandlers(Handlers):
    """A group is changed in a transaction of its own: whoever leaves is out at once, however many groups name them."""

    @every(LOOK_AGAIN)
    def clean_groups(self) -> None:
        """Clean the groups of all who leave; what a directory writes at this moment has its turn next time."""
        until = time.monotonic() + AT_A_TIME
        if not self._read_groups(until):
            return
        of_directory: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.directory_entries.leaving(LEAVING):
            of_directory[entry.organisation].append(entry)
        for organisation, gone in of_directory.items():
            looked_at = now()
            ids = [entry.id for entry in gone]
            are_clean = [
                self._clean_group(organisation, group, ids)
                for group in self.directory_entries.naming(organisation, ids)
                if time.monotonic() < until
            ]
            if time.monotonic() < until and all(are_clean):
                self._let_entries_leave(
                    [one for one in gone if one.removed_at and one.removed_at + SETTLING <= looked_at]
                )

    def _read_groups(self, until: float) -> bool:
        """Whether it is kept of every group whom it names; of those from before that was, it is found out here."""
        while groups := self.directory_entries.unread(GROUPS):
            for group in groups:
                work = Work()
                self.directory_entries.read(work, group)
                if time.monotonic() > until or not self._cleaning_done(work):
                    return False
        return True

    def _clean_group(self, organisation: str, id: str, gone: list[str]) -> bool:
        group = self.directory_entries.get(organisation, id)
        if group is None or group.removed_at is not None:
            return True
        work = Work()
        self.directory_entries.put(work, group, directories.let_go(group, gone, now()))
        return self._cleaning_done(work)

    def _let_entries_leave(self, gone: list[Entry]) -> None:
        if gone:
            work = Work()
            self.directory_entries.have_left(work, [entry.id for entry in gone])
            self._cleaning_done(work)

    def _cleaning_done(self, work: Work) -> bool:
        try:
            self.store.commit(work)
        except Stale:
            return False
        return True
