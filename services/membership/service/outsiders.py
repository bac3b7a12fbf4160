"""Handlers for sponsored outsiders: their coming, who answers for them, and their going."""

from datetime import timedelta
from typing import Literal

from services.membership.domain import directory, outsider_letter
from services.membership.domain import member as members
from services.membership.domain import membership as memberships
from services.membership.domain import outsider as outsiders
from services.membership.domain.community import check_takes_people
from services.membership.domain.home import Sponsorship
from services.membership.domain.member import Member
from services.membership.domain.membership import role_of
from services.membership.domain.outsider_letter import OutsiderLetter
from services.membership.domain.sign_in_link import address_key
from services.membership.service.leaving import Leaving
from services.membership.service.opening import Opening
from services.membership.settings import MembershipSettings
from shared.contracts.calls.call import Done, Page
from shared.contracts.calls.membership import (
    ComeAsOutsider,
    ConfirmOutsider,
    ConfirmOutsiderByLink,
    EndOutsider,
    ListOutsiders,
    OpenedSignIn,
    Outsider,
    OutsiderInvitation,
    SponsorOutsider,
)
from shared.contracts.paging import read_cursor, write_cursor
from shared.contracts.vocabulary import Role
from shared.errors import Invalid, NotFound
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now

MOST_A_DAY = 20
"""How many people one sponsor invites in a day, so that nobody's mail is filled from here."""
A_DAY = timedelta(days=1)
A_MOMENT = timedelta(seconds=10)


class OutsiderHandlers(Opening, Leaving):
    """A facilitator invites somebody who is at home nowhere, and answers for them until a day."""

    settings = MembershipSettings()

    @rpc
    def sponsor_outsider(self, call: SponsorOutsider) -> OutsiderInvitation:
        whose = outsiders.check_is_person(call.caller)
        outsiders.check_is_no_outsider(call.caller)
        sponsor = self.at_home(call.caller, whose)
        for id in call.new.communities:
            community, place = self.known_community(call.caller, id)
            memberships.check_facilitates(role_of(place))
            check_takes_people(community)
        if not self.settings.mail:
            raise NotFound("This node sends no mail, and so invites nobody this way.", where="email")
        at = now()
        outsiders.check_new(
            call.new,
            domain_signs_in=self.identity_providers.of_domain(call.new.email.rpartition("@")[2]) is not None,
            asked_today=self.outsider_letters.invited_since(sponsor.id, at - A_DAY, MOST_A_DAY),
            most=MOST_A_DAY,
        )
        organisation = sponsor.organisation or ""
        letter, fact = outsider_letter.invite(new_id(), sponsor, organisation, call.new, call.door, at)
        work = Work()
        self.outsider_letters.add(work, letter)
        work.tell(fact)
        return self.commit(work, call, outsider_letter.shown(letter, call.new))

    @rpc
    def come_as_outsider(self, call: ComeAsOutsider) -> OpenedSignIn:
        with self.counted("link"):
            return self._come(call)

    def _come(self, call: ComeAsOutsider) -> OpenedSignIn:
        at = now()
        used = outsider_letter.use(self.outsider_letters.by_digest(call.digest), at)
        sponsor = self.members.get(used.to)
        if used.invited is None or not self._still_answers(sponsor, used) or sponsor is None:
            raise outsider_letter.no_longer_good()
        if self.members.active_with(used.invited.email):
            raise outsider_letter.already_here()
        work = Work()
        # Of two who accept for one address in the same moment one is the member, and the other finds them.
        self.spent.use(work, f"outsider:{address_key(used.invited.email)}", at + A_MOMENT)
        # Who answers for them must not leave in the same moment, and be looked for in vain when they have.
        self.members.hold(work, sponsor)
        roles = self.memberships.roles_in(sponsor.id, used.invited.communities)
        communities = [id for id in used.invited.communities if roles.get(id) is Role.FACILITATOR]
        there = self.communities.by_id(communities)
        communities = [id for id in dict.fromkeys(communities) if id in there and not there[id].is_archived]
        if not communities:
            raise outsider_letter.no_longer_good()
        stay = outsiders.sponsor(sponsor, used.organisation, used.door, used.invited.days, at, at)
        id = new_id()
        handles = directory.handles_for(used.invited.name.replace(" ", "."), id)
        taken = self.members.whose(handles)
        handle = next(handle for handle in handles if handle not in taken)
        member, fact = outsiders.come(id, handle, used.invited, stay)
        self.outsider_letters.put(work, used)
        self.members.add(work, member)
        work.tell(fact)
        for community in communities:
            place, told = memberships.place(None, community, id, used.invited.role, at)
            self.memberships.put(work, None, place, member)
            work.tell(told)
            work.afterwards(metrics.JOINS.labels("invited").inc)
        return self.sign_in(work, call, member, "link", None, at)

    @rpc
    def list_outsiders(self, call: ListOutsiders) -> Page[Outsider]:
        caller = call.caller
        outsiders.check_is_no_outsider(caller)
        is_system = caller.client is not None and caller.member is None
        field: Literal["organisation", "sponsor"] = "organisation" if is_system else "sponsor"
        whose = caller.organisation if is_system else outsiders.check_is_person(caller)
        match read_cursor(call):
            case None:
                after = ""
            case [str(after)]:
                pass
            case _:
                raise Invalid(
                    "This cursor was not given by this listing; start again without `after`.",
                    "cursor-invalid",
                    "after",
                )
        found = self.members.outsiders_of(field, whose or "", after, call.limit + 1)
        page = found[: call.limit]
        names = self.organisations.names(one.sponsorship.organisation for one in page if one.sponsorship)
        return Page[Outsider](
            items=tuple(
                outsiders.shown(one, one.sponsorship, names.get(one.sponsorship.organisation))
                for one in page
                if one.sponsorship
            ),
            next=write_cursor(call, [page[-1].id]) if len(found) > call.limit else None,
        )

    @rpc
    def confirm_outsider(self, call: ConfirmOutsider) -> Outsider:
        by = self.at_home(call.caller, outsiders.check_is_person(call.caller))
        was, stay = self._answered_for(by, call.member)
        return self._confirm(Work(), call, was, stay, by)

    @rpc
    def confirm_outsider_by_link(self, call: ConfirmOutsiderByLink) -> Outsider:
        at = now()
        used = outsider_letter.use(self.outsider_letters.by_digest(call.digest), at)
        by = self.members.get(used.to)
        was = self.members.get(used.outsider) if used.outsider else None
        stay = was.sponsorship if was else None
        if was is None or stay is None or by is None or not self._still_answers(by, used):
            raise outsider_letter.no_longer_good()
        if not was.is_here(at) or stay.ends_at != used.good_until:
            raise outsider_letter.no_longer_good()
        # Whoever was asked as a facilitator answers for them as one only as long as they are.
        if stay.sponsor != by.id and not self._facilitates(by, was):
            raise outsider_letter.no_longer_good()
        work = Work()
        self.outsider_letters.put(work, used)
        return self._confirm(work, self.by_link(call, by), was, stay, by)

    @rpc
    def end_outsider(self, call: EndOutsider) -> Done:
        was = self.members.get(call.member)
        stay = was.sponsorship if was else None
        caller = call.caller
        is_system = caller.client is not None and caller.member is None
        if was is None or stay is None or not was.active:
            raise outsiders.no_such_outsider()
        if is_system and caller.organisation != stay.organisation:
            raise outsiders.no_such_outsider()
        if not (is_system or caller.operator):
            was, stay = self._answered_for(
                self.at_home(caller, outsiders.check_is_person(caller)), call.member
            )
        work = Work()
        self.end_stay(work, was)
        return self.commit(work, call, Done())

    def end_stay(self, work: Work, was: Member) -> None:
        """Take an outsider out of everything, like whoever leaves."""
        member, facts = members.leave(was)
        self.members.put(work, was, member)
        self.leave_everything(work, was)
        work.tell(*facts)

    def _answered_for(self, by: Member, outsider: str) -> tuple[Member, Sponsorship]:
        found = self.members.get(outsider)
        facilitates = found is not None and self._facilitates(by, found)
        return outsiders.check_answers_for(by, found, facilitates, now())

    def _facilitates(self, by: Member, outsider: Member) -> bool:
        """Whether a member facilitates a community that an outsider is in."""
        own = self.memberships.roles_in(by.id, self.memberships.roles(outsider.id))
        return Role.FACILITATOR in own.values()

    def _still_answers(self, member: Member | None, letter: OutsiderLetter) -> bool:
        return member is not None and member.active and member.organisation == letter.organisation

    def _confirm(
        self,
        work: Work,
        call: ConfirmOutsider | ConfirmOutsiderByLink,
        was: Member,
        stay: Sponsorship,
        by: Member,
    ) -> Outsider:
        member = outsiders.confirm(was, stay, by, now())
        self.members.put(work, was, member)
        self.members.hold(work, by)
        name = self.organisations.name(stay.organisation)
        return self.commit(work, call, outsiders.shown(member, member.sponsorship or stay, name))
