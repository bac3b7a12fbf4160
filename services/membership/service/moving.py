"""Handlers for moves: out of one organisation's hands and into another's, in one transaction."""

from services.membership.domain import directory, move
from services.membership.domain.credential import digest_of
from services.membership.domain.erasure import check_fresh
from services.membership.domain.member import Member
from services.membership.domain.sign_in_link import address_key
from services.membership.repositories import Acts
from services.membership.service.handlers import Handlers
from services.membership.service.secrets import FOR_MOVES, make_secret
from shared.contracts.calls import membership as calls
from shared.contracts.calls.membership import Homes, IssueMoveCode, ListHomes, MoveCode, MoveHome
from shared.wiring.acts import Act
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now

MOVED_AWAY = "moved_away"
"""What the audit log of the old organisation says; it learns that a member has gone, and not where to."""


class MovingHandlers(Handlers):
    """A member moves by themselves, and neither organisation can do it for them."""

    @rpc
    def issue_move_code(self, call: IssueMoveCode) -> MoveCode:
        member = self.at_home(call.caller, move.check_is_person(call.caller))
        check_fresh(call.caller, now())
        secret = make_secret(FOR_MOVES)
        code = move.issue(member, secret.digest, now())
        work = Work()
        self.move_codes.put(work, code)
        self.members.hold(work, member)
        # What is remembered for a repetition must not hold the secret: it is kept nowhere.
        self.commit(work, call, code.shown())
        return code.shown(secret.text)

    @rpc
    def move_home(self, call: MoveHome) -> calls.Member:
        account = self.at_home(call.caller, move.check_is_person(call.caller))
        at = now()
        code = self.move_codes.by_digest(digest_of(call.code))
        was = move.check_good(code, self.members.get(code.id) if code else None, at)
        move.check_may_become(account, was, has_record=self.memberships.has_any(account.id))
        moved, ended, facts = move.move(was, account, at)
        work = Work()
        self.members.put(work, account, ended)
        self.members.put(work, was, moved)
        self._end_with_the_old(work, was)
        self._bring_over(work, account, moved)
        work.tell(*facts)
        left = was.organisation or ""
        Acts.record(
            work,
            Act(
                id=new_id(),
                act=MOVED_AWAY,
                at=at,
                member=was.id,
                client=None,
                operator=False,
                organisations=(left,),
                concerns={"member": was.id, "organisation": left},
            ),
        )
        return self.commit(work, call, moved.shown(self.organisations.name(moved.organisation)))

    @rpc
    def list_homes(self, call: ListHomes) -> Homes:
        member = self.at_home(call.caller, move.check_is_person(call.caller))
        places = {home.organisation for home in member.homes} | {member.organisation or ""}
        return move.homes(member, self.organisations.names(places))

    def _end_with_the_old(self, work: Work, was: Member) -> None:
        """End all by which the old organisation, or somebody at it, could come in as who has left it."""
        self.move_codes.end_of(work, was.id)
        self.members.lose_sponsor(work, was.id, now())
        self.identities.end_all_of(work, was.id)
        self._end_ways_in(work, was)
        entry = self.directory_entries.of_member(was.organisation or "", was.id)
        if entry is not None:
            self.directory_entries.let_go(work, entry, now())

    def _bring_over(self, work: Work, account: Member, moved: Member) -> None:
        """Let the new organisation's directory and provider mean the member where they meant the account."""
        self.identities.give(work, account.id, moved.id)
        self.join_requests.withdraw_all_of(work, account.id, now())
        self.move_codes.end_of(work, account.id)
        self._end_ways_in(work, account)
        entry = self.directory_entries.of_member(account.organisation or "", account.id)
        if entry is not None:
            self.directory_entries.put(work, entry, directory.give(entry, moved.id, now()))

    def _end_ways_in(self, work: Work, member: Member) -> None:
        self.tokens.end_all_of(work, member.id)
        self.sign_ins.end_all_of(work, member.id)
        self.passkeys.end_all_of(work, member.id)
        self.sign_in_invitations.end_all_of(work, member.id)
        if member.email is not None:
            self.sign_in_links.end_all_for(work, address_key(member.email))
