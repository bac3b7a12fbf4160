"""What is heard from membership, into local copies."""

from services.discussion.service.desk import Desk
from shared.contracts.calls.call import Heard
from shared.contracts.envelope import Envelope
from shared.contracts.membership import (
    CommunityChanged,
    GrantsChanged,
    MemberChanged,
    MembershipChanged,
    OrganisationChanged,
)
from shared.wiring.store import Work
from shared.wiring.subscribe import subscribe

BATCH = 200


class HearingHandlers(Desk):
    """One copy for each thing told; a later revision is never overwritten by an earlier one."""

    @subscribe(OrganisationChanged, batch=BATCH)
    def hear_organisation(self, heard: list[Envelope[OrganisationChanged]], work: Work) -> None:
        for envelope in heard:
            self.copies.keep_organisation(work, envelope.data)

    @subscribe(MemberChanged, batch=BATCH)
    def hear_member(self, heard: list[Envelope[MemberChanged]], work: Work) -> None:
        for envelope in heard:
            self.copies.keep_member(work, envelope.data)

    @subscribe(CommunityChanged, batch=BATCH)
    def hear_community(self, heard: list[Envelope[CommunityChanged]], work: Work) -> None:
        for envelope in heard:
            self.copies.keep_community(work, envelope.data)

    @subscribe(MembershipChanged, batch=BATCH)
    def hear_membership(self, heard: list[Envelope[MembershipChanged]], work: Work) -> None:
        for envelope in heard:
            self.copies.keep_membership(work, envelope.data)

    @subscribe(GrantsChanged, batch=BATCH)
    def hear_grants(self, heard: list[Envelope[GrantsChanged]], work: Work) -> None:
        for envelope in heard:
            self.copies.keep_grants(work, envelope.data)

    def has_heard(self, heard: Heard) -> bool:
        """Whether the copies are as far as a caller says they should be."""
        return self.copies.has_heard(heard)
