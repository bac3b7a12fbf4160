"""What a member asks of their inbox, and the stream process of many."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from services.notifications.domain.crossing import LETTING, Reach
from services.notifications.domain.inbox import first_position, last_position
from services.notifications.domain.notification import Row, shown
from services.notifications.repositories import Place
from services.notifications.repositories.communities import CommunityCopy
from services.notifications.repositories.inbox import MOST_COUNTED, Inbox
from services.notifications.service.crossings import count_crossing
from services.notifications.service.parts import Parts, member_of, place_of
from shared.contracts.calls.call import Page
from shared.contracts.calls.notifications import (
    CatchUp,
    CatchUpAnswer,
    CountUnread,
    GetInbox,
    MarkAllRead,
    MarkRead,
    Notification,
    StreamedNotification,
    Unread,
    UnreadOfCommunity,
)
from shared.contracts.paging import read_cursor, write_cursor
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import NOWHERE, Invalid, NotAllowed, NotFound
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now

MOST_CAUGHT_UP = 2_000
STRETCH = 500
"""Rows that are read together for a system, to which most of them may not cross."""


class InboxHandlers(Parts):
    """Reads by the present copy of memberships: of a community somebody is not in, nothing is shown."""

    @rpc
    def get_inbox(self, call: GetInbox) -> Page[Notification]:
        member = member_of(call)
        if call.community is not None:
            place_of(self.repositories, call.community, member)
        places = self._readable([member])
        communities = [
            place.community for place in places if call.community is None or place.community == call.community
        ]
        position = read_cursor(call)
        if position is not None and not (len(position) == 1 and isinstance(position[0], int)):
            raise Invalid(
                "This cursor is damaged; start again without `after`.",
                "cursor-invalid",
                "after",
            )
        before = int(position[0] or 0) if position else None
        reach = self.reach(call.caller)
        rows = self._page(member, communities, before, call.limit + 1, call.unread, reach)
        page = rows[: call.limit]
        more = write_cursor(call, [page[-1]["position"]]) if len(rows) > call.limit else None
        items = tuple(notification for _, notification in self._shown(page, places, reach))
        return Page[Notification](items=items, next=more)

    @rpc
    def count_unread(self, call: CountUnread) -> Unread:
        member = member_of(call)
        communities = [place.community for place in self._readable([member])]
        return self._unread(self._counts(member, communities, self.reach(call.caller)))

    @rpc
    def mark_read(self, call: MarkRead) -> Notification:
        member = member_of(call)
        row = self.repositories.inbox.get(call.notification)
        if row is None or row["member"] != member:
            raise NotFound(
                "There is no such notification.",
                where="notification",
                community=NOWHERE,
            )
        moment = now()
        seen = {**row, "unread": False, "read_at": row.get("read_at", moment)}
        items = self._shown([seen], self._readable([member]), self.reach(call.caller))
        if not items:
            raise NotFound(
                "There is no such notification.",
                where="notification",
                community=row["community"],
            )
        work = Work()
        Inbox.mark_read(call.notification, moment, work)
        return self.store.commit(work, call, items[0][1])

    @rpc
    def mark_all_read(self, call: MarkAllRead) -> Unread:
        member = member_of(call)
        if call.community is not None:
            place_of(self.repositories, call.community, member)
        moment = now()
        readable = [place.community for place in self._readable([member])]
        marked = [one for one in readable if call.community is None or one == call.community]
        others = [one for one in readable if one not in marked]
        until = last_position(min(call.until, moment) if call.until else moment)
        work = Work()
        if reach := self.reach(call.caller):
            ids = self._crossing_unread(member, marked, until, reach)
            Inbox.mark_these_read(ids, moment, work)
            left = self._counts(member, readable, reach, but=frozenset(ids))
            return self.store.commit(work, call, self._unread(left))
        Inbox.mark_all_read(member, marked, until, moment, work)
        inbox = self.repositories.inbox
        left = inbox.count_unread(member, marked, until) | inbox.count_unread(member, others)
        return self.store.commit(work, call, self._unread(left))

    @rpc
    def catch_up(self, call: CatchUp) -> CatchUpAnswer:
        """One read for all: what the members' inboxes hold after the earliest of the positions."""
        if call.caller.member is not None or call.caller.client is not None:
            raise NotAllowed(
                "Only the node's own stream process catches up for many; read your inbox instead."
            )
        until = first_position(now())
        afters = {position.member: position.after for position in call.positions}
        places = self._readable(list(afters))
        if not places:
            return CatchUpAnswer(items=(), until=until, more=False)
        communities = sorted({place.community for place in places})
        rows = self.repositories.inbox.after(
            list(afters), communities, min(afters.values()), MOST_CAUGHT_UP + 1
        )
        more = len(rows) > MOST_CAUGHT_UP
        if more:
            # Rows of one deed stand at one position in many inboxes, fewer than are read at once.
            until = rows[-1]["position"] - 1
            rows = [row for row in rows if row["position"] <= until]
        wanted = [row for row in rows if row["position"] > afters[row["member"]]]
        items = tuple(
            StreamedNotification(
                member=row["member"],
                position=row["position"],
                notification=notification,
            )
            for row, notification in self._shown(wanted, places)
        )
        return CatchUpAnswer(items=items, until=until, more=more)

    def _readable(self, members: Sequence[str]) -> list[Place]:
        """The places whose notifications these members may read now.

        A member who was declined may still read that, unless the community has become one they may
        not know of.
        """
        places = self.repositories.places.of_members(members)
        declined = {place.community for place in places if place.is_declined and not place.is_in}
        known = self.repositories.communities.by_id(declined) if declined else {}
        return [place for place in places if place.is_in or (place.is_declined and _is_known(place, known))]

    # What a partner's system reads for a member

    def _page(
        self,
        member: str,
        communities: Sequence[str],
        before: int | None,
        limit: int,
        unread: bool,
        reach: Reach | None,
    ) -> list[Row]:
        """A page of rows; with `reach`, of those that cross, so that the others are not even counted."""
        if reach is None:
            return self.repositories.inbox.page(member, communities, before, limit, unread)
        found: list[Row] = []
        stretch = max(limit, STRETCH)
        while len(found) < limit:
            rows = self.repositories.inbox.page(member, communities, before, stretch, unread)
            found += self._crossing(rows, reach)
            if len(rows) < stretch:
                break
            before = rows[-1]["position"]
        return found[:limit]

    def _crossing(self, rows: Sequence[Row], reach: Reach) -> list[Row]:
        deeds = self.repositories.deeds.by_id(row["deed"] for row in rows)
        for row in rows:
            count_crossing(deeds[row["deed"]], reach)
        return [row for row in rows if reach.why(deeds[row["deed"]]) in LETTING]

    def _crossing_unread(
        self, member: str, communities: Sequence[str], until: int | None, reach: Reach
    ) -> dict[str, str]:
        """The unread rows that cross, by id with their communities; within reason."""
        before = None if until is None else until + 1
        rows = self._page(member, communities, before, MOST_COUNTED, True, reach)
        return {row["_id"]: row["community"] for row in rows}

    def _counts(
        self,
        member: str,
        communities: Sequence[str],
        reach: Reach | None,
        but: AbstractSet[str] = frozenset(),
    ) -> dict[str, int]:
        """How many are unread by community; to a partner's system, of what crosses, and without `but`."""
        if reach is None:
            return self.repositories.inbox.count_unread(member, communities)
        rows = self._crossing_unread(member, communities, None, reach)
        return dict(Counter(community for id, community in rows.items() if id not in but))

    def _shown(
        self, rows: Sequence[Row], places: Iterable[Place], reach: Reach | None = None
    ) -> list[tuple[Row, Notification]]:
        """Those of the rows that their members may read, as they see them, or as a partner's system does."""
        if not rows:
            return []
        readable = {(place.community, place.member): place for place in places}
        deeds = self.repositories.deeds.by_id(row["deed"] for row in rows)
        titles = self.repositories.communities.by_id(row["community"] for row in rows)
        guests: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            place = readable.get((row["community"], row["member"]))
            if (
                place is not None
                and place.standing.role is Role.GUEST
                and (thread := deeds[row["deed"]].thread)
            ):
                guests[row["member"]].add(thread)
        threads = set().union(*guests.values()) if guests else set()
        homes = self.repositories.places.homes(deed.by for deed in deeds.values()) if reach else {}
        shared = self.repositories.ties.shared_with(list(guests), threads) if guests else set()
        result = []
        for row in rows:
            deed = deeds[row["deed"]]
            is_hidden = deed.thread in guests[row["member"]] and (row["member"], deed.thread) not in shared
            if (row["community"], row["member"]) in readable and not is_hidden:
                community = titles.get(row["community"])
                if reach is not None:
                    if reach.why(deed) not in LETTING:
                        continue
                    deed = reach.as_seen(deed, homes.get(deed.by or ""))
                result.append((row, shown(row, deed, community.title if community else "")))
        return result

    def _unread(self, counts: dict[str, int]) -> Unread:
        known = self.repositories.communities.by_id(counts)
        by_community = [
            UnreadOfCommunity(
                community=community,
                community_title=known[community].title if community in known else "",
                unread=count,
            )
            for community, count in counts.items()
        ]
        by_community.sort(key=lambda one: (-one.unread, one.community))
        return Unread(unread=min(sum(counts.values()), 1_000), communities=tuple(by_community))


def _is_known(place: Place, known: dict[str, CommunityCopy]) -> bool:
    community = known.get(place.community)
    return community is not None and community.visibility is not Visibility.CLOSED
