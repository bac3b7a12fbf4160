"""What all handlers of the membership service share: the repositories, and how a decision is committed."""

from collections.abc import Iterable
from typing import TypeVar

from services.membership import repositories
from services.membership.domain import community as communities
from services.membership.domain import (
    credential,
    directory,
    erasure,
    identity_provider,
    join_request,
    member,
    passkey,
)
from services.membership.domain.community import Community
from services.membership.domain.disclosure import Disclosure
from services.membership.domain.granting import grants_of
from services.membership.domain.member import Member
from services.membership.domain.membership import Membership, check_governs, role_of
from shared.contracts.calls.call import Answer, Call, Caller, check_is_member
from shared.contracts.vocabulary import Role
from shared.wiring.store import Duplicate, Stale, Store, Work, now

A = TypeVar("A", bound=Answer)
C = TypeVar("C", bound=Call)

MEANINGS = {
    ("members", "handle"): member.handle_taken,
    ("join_requests", "one_waiting"): join_request.already_asked,
    ("directory_entries", "user_name"): directory.user_name_taken,
    ("members", "external_id"): member.external_id_taken,
    ("identity_providers", "domain"): identity_provider.domain_taken,
    ("erasures", "one_open"): erasure.is_waiting,
    ("spent", "_id_"): credential.used_before,
    ("passkeys", "credential"): passkey.already_known,
}
OWN = frozenset(repositories.INDEXES)


class Handlers:
    """A group of handlers; `store` is given by the service that composes them."""

    store: Store

    @property
    def organisations(self) -> repositories.Organisations:
        return repositories.Organisations(self.store)

    @property
    def members(self) -> repositories.Members:
        return repositories.Members(self.store)

    @property
    def communities(self) -> repositories.Communities:
        return repositories.Communities(self.store)

    @property
    def memberships(self) -> repositories.Memberships:
        return repositories.Memberships(self.store)

    @property
    def headcounts(self) -> repositories.Headcounts:
        return repositories.Headcounts(self.store)

    @property
    def join_requests(self) -> repositories.JoinRequests:
        return repositories.JoinRequests(self.store)

    @property
    def invitations(self) -> repositories.Invitations:
        return repositories.Invitations(self.store)

    @property
    def tokens(self) -> repositories.Tokens:
        return repositories.Tokens(self.store)

    @property
    def clients(self) -> repositories.Clients:
        return repositories.Clients(self.store)

    @property
    def organisation_keys(self) -> repositories.OrganisationKeys:
        return repositories.OrganisationKeys(self.store)

    @property
    def agreements(self) -> repositories.Agreements:
        return repositories.Agreements(self.store)

    @property
    def directory_entries(self) -> repositories.DirectoryEntries:
        return repositories.DirectoryEntries(self.store)

    @property
    def directory_tokens(self) -> repositories.DirectoryTokens:
        return repositories.DirectoryTokens(self.store)

    @property
    def identity_providers(self) -> repositories.IdentityProviders:
        return repositories.IdentityProviders(self.store)

    @property
    def identities(self) -> repositories.Identities:
        return repositories.Identities(self.store)

    @property
    def sign_ins(self) -> repositories.SignIns:
        return repositories.SignIns(self.store)

    @property
    def sign_in_invitations(self) -> repositories.SignInInvitations:
        return repositories.SignInInvitations(self.store)

    @property
    def outsider_letters(self) -> repositories.OutsiderLetters:
        return repositories.OutsiderLetters(self.store)

    @property
    def move_codes(self) -> repositories.MoveCodes:
        return repositories.MoveCodes(self.store)

    @property
    def sign_in_links(self) -> repositories.SignInLinks:
        return repositories.SignInLinks(self.store)

    @property
    def passkeys(self) -> repositories.Passkeys:
        return repositories.Passkeys(self.store)

    @property
    def passkey_challenges(self) -> repositories.PasskeyChallenges:
        return repositories.PasskeyChallenges(self.store)

    @property
    def erasures(self) -> repositories.Erasures:
        return repositories.Erasures(self.store)

    @property
    def exports(self) -> repositories.Exports:
        return repositories.Exports(self.store)

    @property
    def spent(self) -> repositories.Spent:
        return repositories.Spent(self.store)

    def commit(self, work: Work, call: Call, answer: A, *, upon: Iterable[str | None] = ()) -> A:
        """Make `work` happen and remember `answer`; what is there already is refused where that has a meaning.

        Args:
            upon: the organisations of whom it is done to.

        Raises:
            Conflict: a unique thing is taken.
            Stale: somebody made the same thing at the same moment; the handler runs again and finds it.
        """
        try:
            return self.store.commit(work, call, answer, upon=upon)
        except Duplicate as met:
            if meaning := MEANINGS.get((met.collection, met.index)):
                raise meaning() from met
            if met.collection in OWN:
                raise Stale(met.collection) from met
            raise

    def by_link(self, call: C, member: Member) -> C:
        """A call that a link stands for, as its member makes it, so that the audit log names whose the link was."""
        caller = call.caller.model_copy(update={"member": member.id, "organisation": member.organisation})
        return call.model_copy(update={"caller": caller})

    def disclosure(self, caller: Caller) -> Disclosure | None:
        """What a partner's system may know of others' members; None for a person, and for the operator."""
        if caller.client is None or caller.organisation is None:
            return None
        at = now()
        agreements = self.agreements.in_force_for(caller.organisation)
        keys = self.organisation_keys.all_of({party for one in agreements for party in one.parties})
        grants = (grant for one in agreements for grant in grants_of(one, keys, at))
        return Disclosure(
            caller.organisation,
            tuple(
                grant for grant in grants if grant.receiver == caller.organisation and grant.is_read_at(at)
            ),
        )

    def acting_member(self, caller: Caller) -> Member:
        """The member who asks to take part.

        Raises:
            NotAllowed: the caller is no member, or one who has left.
        """
        return member.check_may_take_part(self.members.get(check_is_member(caller)))

    def at_home(self, caller: Caller, id: str) -> Member:
        """A member, as long as they are where the caller's credential says; a gateway believes it some seconds longer.

        Raises:
            NotFound: there is none, or they have left or moved.
        """
        found = self.members.get(id)
        if found is None or not found.active:
            raise member.no_such_member()
        if not caller.operator and caller.organisation != found.organisation:
            raise member.no_such_member()
        return found

    def known_community(self, caller: Caller, id: str) -> tuple[Community, Membership | None]:
        """A community the caller may know of, with their own place in it.

        Raises:
            NotFound: there is none, or they may not know of it.
        """
        place = self.memberships.get(id, caller.member)
        return communities.check_known(self.communities.get(id), caller, role_of(place)), place

    def check_governed(self, caller: Caller, community: str) -> None:
        """Refuse who may not govern a community; it is read only when the caller's own place doesn't tell enough.

        Raises:
            NotFound: there is none, or they may not know of it.
            NotAllowed: they are neither a facilitator nor the operator.
        """
        if role_of(self.memberships.get(community, caller.member)) is not Role.FACILITATOR:
            _, place = self.known_community(caller, community)
            check_governs(caller, role_of(place))
