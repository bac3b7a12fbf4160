"""What this service hears from membership: who is where, with which profile, and who asks to come in."""

from collections.abc import Iterable, Sequence
from functools import partial

import structlog

from services.notifications.domain.agreement import moved_deed
from services.notifications.domain.fact import deed_of
from services.notifications.repositories import Place
from services.notifications.repositories.communities import Communities
from services.notifications.repositories.crowds import Crowds
from services.notifications.repositories.erasing import without_erased
from services.notifications.repositories.places import Key, place_id
from services.notifications.service.audience import Telling
from services.notifications.service.parts import Parts, sees
from shared.contracts.calls.call import Heard
from shared.contracts.envelope import Envelope
from shared.contracts.membership import (
    AgreementMoved,
    CommunityChanged,
    GrantsChanged,
    JoinDecided,
    JoinRequested,
    MemberChanged,
    MembershipChanged,
)
from shared.contracts.vocabulary import Role
from shared.wiring.store import Work
from shared.wiring.subscribe import subscribe

log = structlog.get_logger()


class HearingMembership(Parts):
    """The copies are written at once and not with `work`.

    They are the same when written twice, and what looks back afterwards must see them.
    """

    @subscribe(CommunityChanged, batch=200)
    def hear_community_changed(self, heard: list[Envelope[CommunityChanged]], work: Work) -> None:
        for envelope in heard:
            Communities.copy(envelope.data, work)
            Crowds.turn_with(work, envelope.data.community)

    @subscribe(GrantsChanged, batch=200)
    def hear_grants_changed(self, heard: list[Envelope[GrantsChanged]], work: Work) -> None:
        """A deed may be heard before the agreement that lets it cross: webhooks are looked back for."""
        self.repositories.grants.write([envelope.data for envelope in heard])
        for envelope in heard:
            self.poster.look_back_for_grants(envelope.data.grants, envelope.time)

    @subscribe(AgreementMoved, batch=50)
    def hear_agreement_moved(self, heard: list[Envelope[AgreementMoved]], work: Work) -> None:
        for fact in [envelope.data for envelope in heard]:
            told = self.teller.tell_contact(fact.contact, fact.organisation, partial(moved_deed, fact))
            if not told:
                log.warning(
                    "agreement.nobody_to_tell", agreement=fact.agreement, organisation=fact.organisation
                )

    @subscribe(MembershipChanged, batch=200)
    def hear_membership_changed(self, heard: list[Envelope[MembershipChanged]], work: Work) -> None:
        facts = [envelope.data for envelope in heard]
        places = self.repositories.places.write(facts)
        self.repositories.crowds.turn(place.community for place in places)
        parted = [place for place in places if place.standing.role is None and place.revision]
        guests = [place for place in places if place.standing.role is Role.GUEST]
        for place in parted:
            self._forget(place)
        for place in guests:
            self._keep_only_what_is_shared(place)
        first = _first_revisions(facts)
        came = [place for place in places if place.came >= first[place.community, place.member]]
        # Somebody may have come back meanwhile, heard by another process: what it told is forgotten too.
        back = self._changed_since([*parted, *guests])
        told_at = min(envelope.time for envelope in heard)
        self.poster.look_back_for_places([*came, *back], told_at)
        self.teller.look_back_for_places([*came, *back], told_at)

    @subscribe(MemberChanged, batch=200)
    def hear_member_changed(self, heard: list[Envelope[MemberChanged]], work: Work) -> None:
        facts = [envelope.data for envelope in heard]
        late = self.repositories.places.write_profiles(facts)
        members = [fact.member for fact in facts]
        self.repositories.crowds.turn(self.repositories.places.communities_of(members))
        told_at = min(envelope.time for envelope in heard)
        self.poster.look_back_for_places(late, told_at)
        self.teller.look_back_for_places(late, told_at)

    @subscribe(JoinRequested, batch=200)
    def hear_join_requested(self, heard: list[Envelope[JoinRequested]], work: Work) -> None:
        facts = [envelope.data for envelope in heard]
        told_at = min(envelope.time for envelope in heard)
        deeds = without_erased(self.store, facts, [deed_of(fact) for fact in facts], told_at)
        self.repositories.deeds.add(deeds)
        self.teller.tell([Telling(deed) for deed in deeds])

    @subscribe(JoinDecided, batch=200)
    def hear_join_decided(self, heard: list[Envelope[JoinDecided]], work: Work) -> None:
        for fact in (envelope.data for envelope in heard if not envelope.data.approved):
            self.repositories.places.decline(fact.community, fact.member, fact.at)
        deeds = [deed_of(envelope.data) for envelope in heard]
        self.repositories.deeds.add(deeds)
        self.teller.tell([Telling(deed) for deed in deeds])

    def has_heard(self, heard: Heard) -> bool:
        """Whether the copies are as far as membership says they should be."""
        community = self.repositories.communities.get(heard.community)
        if (community.revision if community else 0) < heard.community_revision:
            return False
        if (
            heard.contact
            and self.repositories.places.profile_revision(heard.contact) < heard.contact_revision
        ):
            return False
        place = None
        if heard.membership is not None and heard.membership_revision:
            member = heard.membership.removeprefix(place_id(heard.community, ""))
            place = self.repositories.places.get(heard.community, member)
            if place is None or place.revision < heard.membership_revision:
                return False
        return heard.thread is None or self._has_heard_of(heard.thread, place)

    def _has_heard_of(self, thread: str, place: Place | None) -> bool:
        """Whether a thread that is there for somebody with that place is there for them by these copies too."""
        return place is None or sees(self.repositories, place, thread)

    def _changed_since(self, places: Sequence[Place]) -> list[Place]:
        was = {(place.community, place.member): place.revision for place in places}
        present = self.repositories.places.again(places)
        return [place for place in present if place.revision > was[place.community, place.member]]

    def _forget(self, place: Place) -> None:
        self.repositories.inbox.forget(place.member, place.community)
        self.repositories.ties.forget(place.member, place.community, place.standing.since)

    def _keep_only_what_is_shared(self, place: Place) -> None:
        """Take from somebody who is only a guest now what they were told as a member."""
        rows = self.repositories.inbox.of_community(place.member, place.community)
        if not rows:
            return
        deeds = self.repositories.deeds.by_id(row["deed"] for row in rows)
        threads = {deed.thread for deed in deeds.values() if deed.thread}
        shared = self.repositories.ties.shared_with([place.member], threads)
        self.repositories.inbox.remove(
            row["_id"]
            for row in rows
            if (deed := deeds[row["deed"]]).thread and (place.member, deed.thread) not in shared
        )


def _first_revisions(facts: Iterable[MembershipChanged]) -> dict[Key, int]:
    """The lowest revision heard of each place."""
    first: dict[Key, int] = {}
    for fact in facts:
        key = (fact.community, fact.member)
        first[key] = min(fact.revision, first.get(key, fact.revision))
    return first
