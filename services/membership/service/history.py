"""Handlers for the switchboard's question how far copies should be, and for bringing in an archive's people."""

from services.membership.domain.community import no_such_community
from services.membership.domain.history import bring_in, check_people
from services.membership.domain.operator import check_operator
from services.membership.service.handlers import Handlers
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import ImportMembers, Revisions, TellRevisions
from shared.wiring.rpc import rpc
from shared.wiring.store import Work


class HistoryHandlers(Handlers):
    """What others need to know of what was, and what is brought in from elsewhere."""

    @rpc
    def tell_revisions(self, call: TellRevisions) -> Revisions:
        member = call.member or call.caller.member
        contact = self.members.get(call.contact) if call.contact else None
        return Revisions(
            contact_revision=contact.revision if contact else 0,
            community_revision=self.communities.revision(call.community),
            membership_revision=self.memberships.revision(call.community, member) if member else 0,
        )

    @rpc
    def import_members(self, call: ImportMembers) -> Done:
        check_operator(call.caller)
        if not self.communities.revision(call.community):
            raise no_such_community()
        people = call.members
        check_people(people, self.organisations.names(person.organisation for person in people))
        ids = [person.id for person in people]
        known = self.members.by_id(ids)
        arrivals = bring_in(
            people,
            call.community,
            call.since,
            known,
            self.memberships.taken(call.community, ids),
            self.members.whose(person.new.handle for person in people),
        )
        names = {person.id: person.name for person in (*arrivals.people, *known.values())}
        newcomers = {person.id for person in arrivals.people}
        work = Work()
        self.members.add(
            work, *(person.model_copy(update={"communities": 1, "moves": 1}) for person in arrivals.people)
        )
        for place in arrivals.places:
            if place.member not in newcomers:
                self.members.move(work, place.member, 1)
        self.memberships.add_many(work, arrivals.places, names)
        work.tell(*arrivals.facts)
        return self.commit(work, call, Done())
