"""Handlers for agreements between organisations, and what time does to them."""

from datetime import datetime

from services.membership.domain import agreement as agreements
from services.membership.domain import agreement_shown, granting, signing
from services.membership.domain.agreement import Agreement
from services.membership.domain.agreement_version import Signature, Version, parties_of
from services.membership.domain.community import check_known
from services.membership.domain.organisation import no_such_organisation
from services.membership.domain.party import organisation_of
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_time, cut_by_time
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.membership import (
    CountersignAgreement,
    GetAgreement,
    ListAgreements,
    ProposeAgreement,
    RevokeAgreement,
    Terms,
)
from shared.wiring.due import every
from shared.wiring.rpc import rpc
from shared.wiring.store import Stale, Work, now

LOOK_AGAIN = 5.0
"""Seconds between two looks for agreements that time moves on."""


class AgreementHandlers(Handlers):
    """Every change tells anew what the agreement grants; see `domain.granting`."""

    @rpc
    def propose_agreement(self, call: ProposeAgreement) -> calls.Agreement:
        organisation = organisation_of(call.caller, call.organisation)
        terms, at = call.new.terms, now()
        agreements.check_terms(terms, organisation, at)
        if len(self.organisations.names(parties_of(terms))) < 2:
            raise no_such_organisation()
        self._check_contact(organisation, call.new.contact, terms)
        was = self.agreements.get(terms.agreement)
        signature = self._signature(organisation, terms, call.new.signature, call.new.contact)
        agreement = agreements.propose(was, terms, signature)
        return self._committed(call, was, agreement, organisation)

    @rpc
    def countersign_agreement(self, call: CountersignAgreement) -> calls.Agreement:
        organisation = organisation_of(call.caller, call.organisation)
        was = agreements.check_known(self.agreements.get(call.agreement), organisation)
        said = call.countersignature
        if agreements.is_already_countersigned(was, organisation, said.version):
            return agreement_shown.shown(was, organisation, now())
        waiting = agreements.check_countersigns(was, organisation, said.version, now())
        self._check_contact(organisation, said.contact, waiting.terms)
        self._check_proposer(waiting)
        signature = self._signature(organisation, waiting.terms, said.signature, said.contact)
        agreement = agreements.countersign(was, waiting, signature)
        return self._committed(call, was, agreement, organisation)

    @rpc
    def revoke_agreement(self, call: RevokeAgreement) -> calls.Agreement:
        organisation = organisation_of(call.caller, call.organisation)
        was = agreements.check_known(self.agreements.get(call.agreement), organisation)
        agreement = agreements.revoke(was, organisation, now())
        return self._committed(call, was, agreement, organisation)

    @rpc
    def get_agreement(self, call: GetAgreement) -> calls.Agreement:
        """By a party's own system, or by a contact, whose inbox leads here."""
        found, caller = self.agreements.get(call.agreement), call.caller
        if (
            found
            and caller.client is None
            and agreements.is_contact(found, caller.member, caller.organisation)
        ):
            return agreement_shown.shown(found, caller.organisation, now())
        organisation = organisation_of(caller, call.organisation)
        agreement = agreements.check_known(found, organisation)
        return agreement_shown.shown(agreement, organisation, now())

    @rpc
    def list_agreements(self, call: ListAgreements) -> Page[calls.AgreementSummary]:
        organisation = organisation_of(call.caller, call.organisation)
        found = self.agreements.page(organisation, after_time(call), call.limit + 1)
        page, next = cut_by_time(call, found, lambda last: (last.proposed_at, last.id))
        at = now()
        return Page[calls.AgreementSummary](
            items=tuple(agreement_shown.summary(agreement, at) for agreement in page), next=next
        )

    @every(LOOK_AGAIN)
    def move_agreements_on(self) -> None:
        """Tell what time has done to agreements; one that is changed at this moment has its turn next time."""
        at = now()
        for was in self.agreements.due(at):
            agreement = agreements.move_on(was, at)
            work = Work()
            self._move(work, was, agreement, at)
            try:
                self.store.commit(work)
            except Stale:
                continue

    def _committed(
        self,
        call: ProposeAgreement | CountersignAgreement | RevokeAgreement,
        was: Agreement | None,
        agreement: Agreement,
        organisation: str,
    ) -> calls.Agreement:
        at = now()
        work = Work()
        if agreement != was:
            self._move(work, was, agreement, at)
        return self.commit(work, call, agreement_shown.shown(agreement, organisation, at))

    def _move(self, work: Work, was: Agreement | None, agreement: Agreement, at: datetime) -> None:
        """Let `work` keep an agreement and tell what follows, to services and to people."""
        self.agreements.put(work, was, agreement)
        work.tell(granting.told(agreement, self.organisation_keys.all_of(agreement.parties), at))
        work.tell(*granting.moved(was, agreement, self.organisations.names(agreement.parties), at))

    def _signature(self, organisation: str, terms: Terms, signature: str, contact: str) -> Signature:
        named = self.organisation_keys.get(organisation, signing.key_named_in(signature))
        key = signing.check_signed(terms, signature, named)
        return Signature(
            organisation=organisation, key=key.kid, signature=signature, contact=contact, signed_at=now()
        )

    def _check_proposer(self, waiting: Version) -> None:
        """Refuse to bring into force what its proposer's key does not stand for any more."""
        proposed = waiting.signatures[0]
        key = self.organisation_keys.get(proposed.organisation, proposed.key)
        signing.check_signed(waiting.terms, proposed.signature, key)

    def _check_contact(self, organisation: str, contact: str, terms: Terms) -> None:
        """Refuse a contact who is not of the organisation, and communities that the contact may not know of.

        A contact of another organisation is refused in the words for one that isn't there.
        """
        member = self.members.get(contact)
        if member is None or not member.active or member.organisation != organisation:
            raise agreements.no_such_contact()
        there = self.communities.by_id(terms.communities)
        roles = self.memberships.roles_in(contact, terms.communities)
        caller = Caller(member=contact, organisation=organisation)
        for community in terms.communities:
            check_known(there.get(community), caller, roles.get(community))
