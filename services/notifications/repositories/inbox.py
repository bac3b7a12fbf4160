"""The inboxes of all members: one row for a member and a thing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from services.notifications.domain.inbox import LARGEST
from services.notifications.domain.notification import Row, merged
from shared.contracts.vocabulary import NotificationKind
from shared.wiring.store import Stale, Store, Work

INBOX = "inbox"
ORDER = "order"
MOST_COUNTED = 1_000
ATTEMPTS = 5
COMMUNITIES_AT_ONCE = 90
"""MongoDB merges up to 200 sorted stretches of an index; each community has two, read and unread."""


class Inbox:
    """Inbox rows; what may be read is said by the caller, as the communities a member is in."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[INBOX]

    # Writing

    def add(self, rows: Sequence[Row]) -> list[int]:
        """Write those rows that are not there yet; returns their positions in `rows`."""
        return self.store.insert_new(INBOX, rows)

    def merge(self, rows: Sequence[Row], kinds: Mapping[str, NotificationKind]) -> list[int]:
        """Bring more reasons to rows that are there already.

        Args:
            rows: as `add` passed them over.
            kinds: of the deeds they point to.

        Returns:
            the positions in `rows` of those that are news to somebody who had read them.

        Raises:
            Stale: others kept changing the same rows.
        """
        news: list[int] = []
        left: Sequence[int] = range(len(rows))
        for _ in range(ATTEMPTS):
            ids = [rows[position]["_id"] for position in left]
            there = {row["_id"]: row for row in self.collection.find({"_id": {"$in": ids}})}
            lost = []
            for position in left:
                late = rows[position]
                was = there.get(late["_id"])
                now = merged(was, late, kinds[late["deed"]]) if was else None
                if was is None or now is None:
                    continue
                unchanged = {name: was[name] for name in ("_id", "reasons", "unread", "position")}
                if not self.collection.replace_one(unchanged, now).matched_count:
                    lost.append(position)
                elif now["unread"] > was["unread"]:
                    news.append(position)
            if not lost:
                return news
            left = lost
        raise Stale(INBOX)

    def move(self, ids: Iterable[str], was: int, position: int) -> None:
        """Let those of these rows that stand at `was` stand at `position`."""
        self.collection.update_many(
            {"_id": {"$in": list(ids)}, "position": was}, {"$set": {"position": position}}
        )

    def remove(self, ids: Iterable[str]) -> None:
        """Take these rows away."""
        self.collection.delete_many({"_id": {"$in": list(ids)}})

    def forget(self, member: str, community: str) -> None:
        """Remove all that a member had of a community."""
        self.collection.delete_many({"member": member, "community": community})

    @staticmethod
    def mark_read(id: str, at: datetime, work: Work) -> None:
        """Let `work` mark one as read; one that was read before keeps its time."""
        work.update(INBOX, {"_id": id, "unread": True}, {"$set": {"unread": False, "read_at": at}})

    @staticmethod
    def mark_all_read(member: str, communities: Sequence[str], until: int, at: datetime, work: Work) -> None:
        """Let `work` mark everything unread up to the position `until` as read."""
        which = {
            "member": member,
            "community": {"$in": list(communities)},
            "unread": True,
            "position": {"$lte": until},
        }
        work.update_many(INBOX, which, {"$set": {"unread": False, "read_at": at}})

    @staticmethod
    def mark_these_read(ids: Iterable[str], at: datetime, work: Work) -> None:
        """Let `work` mark these as read; those that were read before keep their times."""
        which = {"_id": {"$in": list(ids)}, "unread": True}
        work.update_many(INBOX, which, {"$set": {"unread": False, "read_at": at}})

    # Reading

    def get(self, id: str) -> Row | None:
        """One row, whoever it belongs to."""
        return self.collection.find_one({"_id": id})

    def of_community(self, member: str, community: str) -> list[Row]:
        """All that a member has of a community."""
        return list(self.collection.find({"member": member, "community": community}))

    def page(
        self,
        member: str,
        communities: Sequence[str],
        before: int | None,
        limit: int,
        unread: bool,
    ) -> list[Row]:
        """Up to `limit` rows, newest first, that stand before the position `before`."""
        stretches = [
            self._stretch(
                member,
                communities[start : start + COMMUNITIES_AT_ONCE],
                before,
                limit,
                unread,
            )
            for start in range(0, len(communities), COMMUNITIES_AT_ONCE)
        ]
        newest_first = merge(*stretches, key=lambda row: -row["position"])
        return list(islice(newest_first, limit))

    def _stretch(
        self,
        member: str,
        communities: Sequence[str],
        before: int | None,
        limit: int,
        unread: bool,
    ) -> list[Row]:
        which: dict[str, Any] = {
            "member": member,
            "community": {"$in": list(communities)},
            "unread": {"$in": [True] if unread else [True, False]},
            "position": {"$lt": LARGEST if before is None else before},
        }
        return list(self.collection.find(which, hint=ORDER).sort("position", -1).limit(limit))

    def after(self, members: Sequence[str], communities: Sequence[str], after: int, limit: int) -> list[Row]:
        """Up to `limit` rows of these members and communities after the position `after`, oldest first."""
        which = {
            "member": {"$in": list(members)},
            "community": {"$in": list(communities)},
            "unread": {"$in": [True, False]},
            "position": {"$gt": after},
        }
        return list(self.collection.find(which, hint=ORDER).sort("position", 1).limit(limit))

    def count_unread(self, member: str, communities: Sequence[str], after: int = -1) -> dict[str, int]:
        """How many after a position are unread in each community that has any; counting stops at 1,000."""
        which = {
            "member": member,
            "community": {"$in": list(communities)},
            "unread": True,
            "position": {"$gt": after},
        }
        counted = self.collection.aggregate(
            [
                {"$match": which},
                {"$limit": MOST_COUNTED},
                {"$group": {"_id": "$community", "unread": {"$sum": 1}}},
            ],
            hint=ORDER,
        )
        counts = {row["_id"]: row["unread"] for row in counted}
        if sum(counts.values()) == MOST_COUNTED:  # the limit may have hidden a community altogether
            counts = {
                community: self.collection.count_documents(
                    {**which, "community": community},
                    limit=MOST_COUNTED,
                    hint=ORDER,
                )
                for community in communities
            }
        return {community: count for community, count in counts.items() if count}
