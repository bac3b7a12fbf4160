"""The inboxes of all members: one row for a member and a thing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from services.notifications.domain.inbox import LARGEST
from services.notifications.domain.notification import Row, merged
from shared.contracts.vocabulary import NotificationKind
from shared.wiring.store import Store

INBOX = "inbox"
ORDER = "order"
MOST_COUNTED = 1_000
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
        """
        news = []
        there = {
            row["_id"]: row for row in self.collection.find({"_id": {"$in": [row["_id"] for row in rows]}})
        }
        for position, late in enumerate(rows):
            was = there.get(late["_id"])
            now = merged(was, late, kinds[late["deed"]]) if was else None
            if was is None or now is None:
                continue
            unchanged = {
                "_id": was["_id"],
                "reasons": was["reasons"],
                "unread": was["unread"],
            }
            if self.collection.replace_one(unchanged, now).matched_count and now["unread"] > was["unread"]:
                news.append(position)
        return news

    def remove(self, ids: Iterable[str]) -> None:
        """Take these rows away."""
        self.collection.delete_many({"_id": {"$in": list(ids)}})

    def forget(self, member: str, community: str) -> None:
        """Remove all that a member had of a community."""
        self.collection.delete_many({"member": member, "community": community})

    def mark_read(self, id: str, at: datetime) -> None:
        """Mark one as read; one that was read before keeps its time."""
        self.collection.update_one({"_id": id, "unread": True}, {"$set": {"unread": False, "read_at": at}})

    def mark_all_read(self, member: str, communities: Sequence[str], until: int, at: datetime) -> None:
        """Mark everything unread up to the position `until` as read."""
        self.collection.update_many(
            {
                "member": member,
                "community": {"$in": list(communities)},
                "unread": True,
                "position": {"$lte": until},
            },
            {"$set": {"unread": False, "read_at": at}},
            hint=ORDER,
        )

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

    def count_unread(self, member: str, communities: Sequence[str]) -> dict[str, int]:
        """How many are unread in each community that has any; counting stops at 1,000."""
        which = {
            "member": member,
            "community": {"$in": list(communities)},
            "unread": True,
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
                    {"member": member, "community": community, "unread": True},
                    limit=MOST_COUNTED,
                    hint=ORDER,
                )
                for community in communities
            }
        return {community: count for community, count in counts.items() if count}
