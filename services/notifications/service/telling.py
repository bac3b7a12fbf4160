"""From deeds to inboxes: the fan-out.

A deed may concern ten thousand members, more than one transaction should hold. So everything here
is safe to do twice, late, and by two processes at once, in three ways:

*Once.* Row ids follow from the thing and the member (`notification.rows_for`); what is there already
only gains reasons.

*Nothing missed.* Facts arrive in any order: an answer before the news that its reader follows the
thread, a question before the news that somebody joined. Whoever hears of a deed keeps it first and
then reads who is concerned; whoever hears of a new place, profile or tie keeps that first and then
looks back at the deeds. Of two that cross, at least one sees the other.

*Nothing after leaving.* Whoever hears that somebody left changes the place, turns the crowd's version,
then deletes their rows. The fan-out reads the version before and after it writes: when it turned, it
asks again for everybody it wrote to. Either the deletion comes after the writing, or this sees it.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from services.notifications.domain.audience import may_know
from services.notifications.domain.deed import Deed, post_of, titled
from services.notifications.domain.inbox import Positions
from services.notifications.domain.notification import Row, nudge_for, rows_for
from services.notifications.domain.tie import Tie
from services.notifications.repositories import Place, Repositories
from services.notifications.repositories.places import OUT
from services.notifications.service.audience import Audience, Telling, Told
from shared.contracts.notifications import Nudge
from shared.contracts.vocabulary import NotificationKind, Reason
from shared.wiring import metrics
from shared.wiring.nudges import Nudges
from shared.wiring.store import now

ROWS_AT_ONCE = 10_000
IN_TIME = 3.0
"""Seconds that writing may take; streams go back five for what became readable late."""
MOVES = 3
DEEDS_AT_ONCE = 200
LATEST = timedelta(days=1)
"""How long before a place or profile was told something may be done that its member is yet to hear of."""
SAME_MOMENT = timedelta(seconds=5)
"""A request is approved and its membership begins at the same moment, give or take."""


class Teller:
    """Tells deeds to those who should know.

    Args:
        repositories: of the notifications service.
        nudges: to the open streams.
        positions: of this process.
    """

    def __init__(self, repositories: Repositories, nudges: Nudges, positions: Positions) -> None:
        self.repositories = repositories
        self.nudges = nudges
        self.positions = positions

    def tell(self, tellings: Sequence[Telling]) -> None:
        """Write what these deeds lead to into the inboxes, and nudge the streams of those who have it new."""
        tellings = self._in_sight(tellings)
        if not tellings:
            return
        communities = {telling.deed.community for telling in tellings}
        versions = self.repositories.crowds.versions(communities)
        told = self._write(Audience(self.repositories).of(tellings, versions))
        if not told:
            return
        present = self.repositories.crowds.versions(communities)
        turned = {one for one in communities if versions.get(one) != present.get(one)}
        if turned:
            self._take_back([one for one in told if one.deed.community in turned])
        news = [one for one in told if one.news]
        titles = self.repositories.communities.titles({one: present.get(one, 0) for one in communities})
        self.nudges.send(_nudges(news, titles))
        _measure(news)

    def tell_contact(self, contact: str, organisation: str, deed_in: Callable[[str], Deed | None]) -> bool:
        """Tell a member who answers for something of their organisation's; returns whether there was a way.

        Args:
            deed_in: makes the deed, for a community that the contact is in, because that is what an inbox shows.
        """
        places = [place for place in self.repositories.places.of_member(contact) if place.is_in]
        if not places or not self.repositories.places.is_active_member(contact, organisation):
            return False
        if deed := deed_in(min(place.community for place in places)):
            self.repositories.deeds.add([deed])
            self.tell([Telling(deed, frozenset((contact,)))])
        return True

    def look_back_for_places(self, places: Sequence[Place], told_at: datetime) -> None:
        """Tell members of whose place or profile was heard just now what they should know already.

        Args:
            places: theirs.
            told_at: when that was told; it may be heard much later.
        """
        present = [place for place in places if place.is_in]
        for community, here in _by_community(present).items():
            since = {place.member: place.standing.since - SAME_MOMENT for place in here}
            earliest = max(min(since.values()), told_at - LATEST)
            deeds = self.repositories.deeds.in_community(community, earliest)
            while some := list(islice(deeds, DEEDS_AT_ONCE)):
                self.tell(
                    [
                        Telling(deed, late)
                        for deed in some
                        if (late := frozenset(member for member in since if since[member] <= deed.at))
                    ]
                )

    def later_in_threads(self, ties: Sequence[Tie], known: Iterable[str]) -> list[Telling]:
        """What those who have just come to follow a thread should know that was done in it later.

        Args:
            ties: the new ones.
            known: ids of deeds that are being told anyway.
        """
        starts = [tie.follows_since for tie in ties if tie.follows_since is not None]
        if not starts:
            return []
        followers: dict[str, list[Tie]] = defaultdict(list)
        for tie in ties:
            followers[tie.thread].append(tie)
        told = frozenset(known)
        tellings = []
        for deed in self.repositories.deeds.in_threads(followers, min(starts)):
            late = frozenset(tie.member for tie in followers[deed.thread or ""] if tie.follows_at(deed.at))
            if late and deed.id not in told:
                tellings.append(Telling(deed, late))
        return tellings

    def _in_sight(self, tellings: Sequence[Telling]) -> list[Telling]:
        """Without what is about posts that moderation took out; whoever is told already keeps it.

        What was done in a thread bears the title that it has now, which inboxes look up whenever they are read.
        """
        posts = [post for telling in tellings if (post := post_of(telling.deed))]
        threads = [telling.deed.thread for telling in tellings if telling.deed.thread]
        if not (posts or threads):
            return list(tellings)
        hidden, titles = self.repositories.hidden.with_titles(posts, threads)
        return [
            telling._replace(deed=titled(telling.deed, titles))
            for telling in tellings
            if post_of(telling.deed) not in hidden
        ]

    # Writing

    def _write(self, groups: Iterable[Told]) -> list[Told]:
        """Write the rows of all groups; returns them with those to whom it is new."""
        told: list[Told] = []
        for stretch in _stretches(groups):
            began = time.monotonic()
            self._write_stretch(stretch)
            for _ in range(MOVES):
                if time.monotonic() - began <= IN_TIME:
                    break
                began = time.monotonic()
                self._move_to_now(stretch)
            told += stretch
        return told

    def _place(self, stretch: list[Told]) -> None:
        moment = now()
        positions: dict[str, int] = {}
        for told in stretch:
            id = told.deed.id
            if id not in positions:
                positions[id] = self.positions.take(id, moment)
            told.position = positions[id]

    def _move_to_now(self, stretch: list[Told]) -> None:
        """Let what took long to write stand where streams have not yet passed, told twice rather than never."""
        was = [told.position for told in stretch]
        self._place(stretch)
        for told, old in zip(stretch, was, strict=True):
            ids = [f"{told.deed.thing}.{member}" for member in told.news]
            self.repositories.inbox.move(ids, old, told.position)

    def _write_stretch(self, stretch: list[Told]) -> None:
        self._place(stretch)
        rows: list[Row] = []
        for told in stretch:
            rows += rows_for(told.deed, told.members, told.reasons, told.position)
        edits = [told.deed.id for told in stretch if told.deed.kind is NotificationKind.MENTIONED]
        self.repositories.deeds.keep_for_good(edits)
        added = self.repositories.inbox.add(rows)
        if len(added) == len(rows):
            for told in stretch:
                told.news = told.members
            return
        new = set(added)
        kinds = {told.deed.id: told.deed.kind for told in stretch}
        passed_over = [position for position in range(len(rows)) if position not in new]
        news = self.repositories.inbox.merge([rows[position] for position in passed_over], kinds)
        new.update(passed_over[position] for position in news)
        start = 0
        for told in stretch:
            told.news = [member for position, member in enumerate(told.members, start) if position in new]
            start += len(told.members)

    def _take_back(self, written: list[Told]) -> None:
        """Remove what members may not know any more, whoever wrote it: another process may have died since."""
        ties = self.repositories.ties.of_threads(told.deed.thread for told in written if told.deed.thread)
        standings = self.repositories.places.standings(
            {(told.deed.community, member) for told in written for member in told.members}
        )
        gone = []
        for told in written:
            tied = ties.get(told.deed.thread or "", {})
            out = set()
            for member in told.members:
                standing = standings.get((told.deed.community, member), OUT)
                if not may_know(told.deed, member, standing, tied.get(member)):
                    out.add(member)
                    gone.append(f"{told.deed.thing}.{member}")
            told.news = [member for member in told.news if member not in out]
        if gone:
            self.repositories.inbox.remove(gone)


def _nudges(written: list[Told], titles: dict[str, str]) -> Iterator[Nudge]:
    alike: dict[tuple[str, int], list[Told]] = defaultdict(list)
    for told in written:
        alike[told.deed.id, told.position].append(told)
    for (_, position), groups in alike.items():
        reached: dict[tuple[Reason, ...], list[str]] = defaultdict(list)
        for told in groups:
            reached[told.reasons] += told.news
        deed = groups[0].deed
        yield nudge_for(deed, titles.get(deed.community, ""), position, reached)


def _by_community(places: Iterable[Place]) -> dict[str, list[Place]]:
    result: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        result[place.community].append(place)
    return result


def _stretches(groups: Iterable[Told]) -> Iterator[list[Told]]:
    """The groups in stretches of at most `ROWS_AT_ONCE` members, large groups cut."""
    stretch: list[Told] = []
    room = ROWS_AT_ONCE
    for group in groups:
        start = 0
        while start < len(group.members):
            members = group.members[start : start + room]
            stretch.append(replace(group, members=members))
            start += len(members)
            room -= len(members)
            if not room:
                yield stretch
                stretch, room = [], ROWS_AT_ONCE
    if stretch:
        yield stretch


def _measure(written: list[Told]) -> None:
    moment: datetime = now()
    sizes: dict[str, int] = defaultdict(int)
    deeds: dict[str, Deed] = {}
    for told in written:
        sizes[told.deed.id] += len(told.news)
        deeds[told.deed.id] = told.deed
        metrics.NOTIFIED.labels(told.deed.kind.value).inc(len(told.news))
        across = told.across
        metrics.NOTIFIED_ACROSS.labels(metrics.ACROSS).inc(across)
        metrics.NOTIFIED_ACROSS.labels(metrics.WITHIN).inc(len(told.news) - across)
        for reason in told.reasons:
            metrics.NOTIFIED_BECAUSE.labels(reason.value).inc(len(told.news))
    for id, deed in deeds.items():
        metrics.FAN_OUT.observe(sizes[id])
        metrics.INBOX_DELAY.observe(max(0.0, (moment - deed.at).total_seconds()))
