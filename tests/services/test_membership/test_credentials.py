"""Tokens, clients and invitations: shown once, kept as digests, ended when they should be."""

import re
from datetime import timedelta

import pytest

from services.membership.domain.credential import digest_of
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Once, Page
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import Conflict, NotAllowed, NotFound
from shared.wiring.store import Store, now
from tests.services.test_membership.cast import OPERATOR, Cast, Person

ANYBODY = Caller()


def issue(
    cast: Cast, caller: Caller, *scopes: str, member: str | None = None, once: Once | None = None
) -> calls.Token:
    new = calls.NewToken.model_validate({"name": "phone", "scopes": scopes or ("threads:read",)})
    return cast.ask(calls.IssueToken(caller=caller, new=new, member=member, once=once), calls.Token)


def identify(cast: Cast, secret: str | None) -> calls.Identity:
    assert secret is not None
    return cast.ask(calls.IdentifyToken(caller=ANYBODY, digest=digest_of(secret)), calls.Identity)


def register_client(cast: Cast, organisation: str) -> calls.Client:
    new = calls.NewClient(name="Directory", scopes=("members:write", "threads:read"))
    return cast.ask(calls.RegisterClient(caller=OPERATOR, organisation=organisation, new=new), calls.Client)


def accept(cast: Cast, person: Person, token: str | None) -> calls.Membership:
    assert token is not None
    return cast.ask(calls.AcceptInvitation(caller=person.caller, token=token), calls.Membership)


def test_a_token_stands_for_its_member(cast: Cast) -> None:
    ann = cast.person()
    token = issue(cast, ann.caller, "threads:read")
    assert token.secret is not None and re.fullmatch(r"cop_[A-Za-z0-9_-]{43}", token.secret)
    identity = identify(cast, token.secret)
    assert (identity.member, identity.organisation) == (ann.id, ann.organisation)
    assert (identity.scopes, identity.expires_at) == (("threads:read",), token.expires_at)
    with pytest.raises(NotFound):
        identify(cast, "cop_" + "a" * 43)


def test_the_operator_finds_whose_what_is_and_nobody_else_does(cast: Cast) -> None:
    ann, bob, cat = cast.people(3)
    client = register_client(cast, ann.organisation)
    token = issue(cast, ann.caller)
    tokens = cast.ask(calls.ListTokens(caller=OPERATOR, member=ann.id), Page[calls.Token]).items
    assert [(one.token, one.secret) for one in tokens] == [(token.token, None)]
    with pytest.raises(NotAllowed):
        cast.switchboard.ask(calls.ListTokens(caller=bob.caller, member=ann.id))
    clients = cast.ask(calls.ListClients(caller=OPERATOR, organisation=ann.organisation), Page[calls.Client])
    assert client.model_copy(update={"secret": None}) in clients.items

    found: list[str] = []
    after = None
    while True:
        asked = calls.ListMembers(caller=OPERATOR, organisation=ann.organisation, limit=1, after=after)
        page = cast.ask(asked, Page[calls.Member])
        found += [one.member for one in page.items]
        if (after := page.next) is None:
            break
    assert found == sorted(found) and ann.id in found
    named = cast.ask(calls.ListMembers(caller=OPERATOR, handle=cat.handle), Page[calls.Member])
    assert [one.member for one in named.items] == [cat.id]
    for asks in (calls.ListMembers, calls.ListClients):
        for caller in (ann.caller, Caller(client=client.client, organisation=ann.organisation)):
            with pytest.raises(NotAllowed):
                cast.switchboard.ask(asks(caller=caller))


def test_a_secret_is_kept_nowhere_not_even_for_a_repetition(cast: Cast, store: Store) -> None:
    ann = cast.person()
    once = Once(key=f"{ann.id}:issue", fingerprint="1" * 64)
    first = issue(cast, ann.caller, once=once)
    again = issue(cast, ann.caller, once=once)
    assert (again.token, again.secret) == (first.token, None)
    assert first.secret is not None
    for name in store.database.list_collection_names():
        for row in store.database[name].find():
            assert first.secret not in str(row), name


def test_a_token_may_do_no_more_than_what_it_was_issued_with(cast: Cast) -> None:
    ann = cast.person()
    with pytest.raises(NotAllowed) as refusal:
        issue(cast, ann.caller, "threads:read", "members:write")
    assert refusal.value.code == "scope-too-wide"
    assert issue(cast, OPERATOR, "members:write", member=ann.id).scopes == ("members:write",)


def test_nobody_issues_tokens_for_others_but_the_operator(cast: Cast) -> None:
    ann = cast.person()
    colleague = cast.person(ann.organisation)
    system = Caller(client="a" * 24, organisation=ann.organisation, scopes=frozenset({"threads:read"}))
    for caller in (colleague.caller, system):
        with pytest.raises(NotAllowed):
            issue(cast, caller, member=ann.id)
    with pytest.raises(NotFound):
        issue(cast, OPERATOR, member="f" * 24)


def test_a_revoked_or_expired_token_is_nobodys(cast: Cast, store: Store) -> None:
    ann, eve = cast.people(2)
    revoked, expired, good = (issue(cast, ann.caller) for _ in range(3))
    with pytest.raises(NotFound):
        cast.switchboard.ask(calls.RevokeToken(caller=eve.caller, token=revoked.token))
    identify(cast, revoked.secret)
    cast.switchboard.ask(calls.RevokeToken(caller=ann.caller, token=revoked.token))
    past = now() - timedelta(milliseconds=1)
    store.database["tokens"].update_one({"_id": expired.token}, {"$set": {"expires_at": past}})
    for token in (revoked, expired):
        with pytest.raises(NotFound):
            identify(cast, token.secret)
    listed = cast.switchboard.ask(calls.ListTokens(caller=ann.caller))
    assert [token.token for token in listed.items] == [good.token]  # type: ignore[attr-defined]
    assert listed.items[0].secret is None  # type: ignore[attr-defined]


def test_a_members_tokens_are_listed_newest_first_and_paged(cast: Cast) -> None:
    ann = cast.person()
    issued = [issue(cast, ann.caller).token for _ in range(3)]
    first = cast.switchboard.ask(calls.ListTokens(caller=ann.caller, limit=2))
    rest = cast.switchboard.ask(calls.ListTokens(caller=ann.caller, limit=2, after=first.next))  # type: ignore[attr-defined]
    seen = [token.token for page in (first, rest) for token in page.items]  # type: ignore[attr-defined]
    assert sorted(seen) == sorted(issued)
    assert rest.next is None  # type: ignore[attr-defined]


def test_a_client_stands_for_its_organisation_and_acts_for_its_members_only(cast: Cast) -> None:
    ann, stranger = cast.person(), cast.person()
    client = register_client(cast, ann.organisation)
    assert client.secret is not None and re.fullmatch(r"cop_client_[A-Za-z0-9_-]{43}", client.secret)

    def identify_client(digest: str | None = None, acting_for: str | None = None) -> calls.Identity:
        call = calls.IdentifyClient(
            caller=ANYBODY, client=client.client, digest=digest, acting_for=acting_for
        )
        return cast.ask(call, calls.Identity)

    own = identify_client(digest_of(client.secret))
    assert (own.member, own.organisation, own.client) == (None, ann.organisation, client.client)
    assert identify_client(acting_for=ann.id).member == ann.id
    for wrong in ({"digest": "0" * 64}, {"acting_for": stranger.id}, {"acting_for": "f" * 24}):
        with pytest.raises(NotFound):
            identify_client(**wrong)

    acting = Caller(
        client=client.client,
        member=ann.id,
        organisation=ann.organisation,
        scopes=frozenset({"threads:read"}),
    )
    token = issue(cast, acting)
    identify(cast, token.secret)
    cast.switchboard.ask(calls.RevokeClient(caller=OPERATOR, client=client.client))
    with pytest.raises(NotFound):
        identify_client()
    with pytest.raises(NotFound):
        identify(cast, token.secret)


def test_an_organisations_system_registers_its_own_people(cast: Cast) -> None:
    organisation, other = cast.organisation(), cast.organisation()
    client = register_client(cast, organisation).client
    system = Caller(client=client, organisation=organisation)
    new = calls.NewMember(name="Cat", handle=f"cat-{client}", profession="Carer")
    member = cast.ask(calls.RegisterMember(caller=system, organisation=organisation, new=new), calls.Member)
    assert member.organisation == organisation
    with pytest.raises(Conflict) as taken:
        cast.switchboard.ask(calls.RegisterMember(caller=system, organisation=organisation, new=new))
    assert taken.value.code == "handle-taken"
    for refused in (
        calls.RegisterMember(caller=system, organisation=other, new=new),
        calls.RegisterMember(caller=system, organisation=organisation, new=new, id="e" * 24),
        calls.RegisterMember(caller=cast.person(organisation).caller, organisation=organisation, new=new),
    ):
        with pytest.raises(NotAllowed):
            cast.switchboard.ask(refused)


def test_the_operators_calls_are_refused_to_everybody_else(cast: Cast) -> None:
    ann = cast.person()
    community = cast.community(ann)
    everything = frozenset({"members:write", "communities:write", "tokens:write"})
    system = Caller(client="a" * 24, organisation=ann.organisation, scopes=everything)
    new_organisation = calls.NewOrganisation.model_validate(
        {"name": "Mine", "sector": "other", "geography": "Here"}
    )
    for caller in (ann.caller, system, ANYBODY):
        for call in (
            calls.RegisterOrganisation(caller=caller, new=new_organisation),
            calls.RegisterClient(
                caller=caller,
                organisation=ann.organisation,
                new=calls.NewClient(name="x", scopes=("threads:read",)),
            ),
            calls.RevokeClient(caller=caller, client="a" * 24),
            calls.ImportMembers(caller=caller, community=community, since=now(), members=()),
        ):
            with pytest.raises(NotAllowed):
                cast.switchboard.ask(call)


def test_an_invitation_lets_one_person_in_once(cast: Cast) -> None:
    ann, bob, eve = cast.people(3)
    community = cast.community(ann, Visibility.CLOSED)
    invitation = cast.invite(ann, community, Role.STEWARD)
    assert invitation.token is not None and len(invitation.token) >= 43
    place = accept(cast, bob, invitation.token)
    assert (place.role, place.community) == (Role.STEWARD, community)
    with pytest.raises(Conflict) as used:
        accept(cast, eve, invitation.token)
    assert used.value.code == "invitation-used"
    with pytest.raises(NotFound):
        accept(cast, eve, "cop_invite_" + "a" * 43)
    listed = cast.switchboard.ask(calls.ListInvitations(caller=ann.caller, community=community))
    assert [(one.state, one.token) for one in listed.items] == [("accepted", None)]  # type: ignore[attr-defined]


def test_an_invitation_is_for_its_address_when_that_is_known(cast: Cast) -> None:
    ann = cast.person()
    right, wrong = cast.person(email="Right@example.org"), cast.person(email="wrong@example.org")
    community = cast.community(ann, Visibility.CLOSED)
    token = cast.invite(ann, community, email="right@EXAMPLE.org").token
    with pytest.raises(NotAllowed) as refusal:
        accept(cast, wrong, token)
    assert refusal.value.code == "other-address"
    assert accept(cast, right, token).member == right.id


def test_a_revoked_or_expired_invitation_lets_nobody_in(cast: Cast, store: Store) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann, Visibility.CLOSED)
    revoked, expired = cast.invite(ann, community), cast.invite(ann, community)
    with pytest.raises(NotFound):
        cast.switchboard.ask(
            calls.RevokeInvitation(caller=bob.caller, community=community, invitation=revoked.invitation)
        )
    call = calls.RevokeInvitation(caller=ann.caller, community=community, invitation=revoked.invitation)
    assert cast.ask(call, calls.Invitation).state == "revoked"
    assert cast.ask(call, calls.Invitation).state == "revoked"
    store.database["invitations"].update_one({"_id": expired.invitation}, {"$set": {"expires_at": now()}})
    for invitation, code in ((revoked, "invitation-revoked"), (expired, "invitation-expired")):
        with pytest.raises(Conflict) as refusal:
            accept(cast, bob, invitation.token)
        assert refusal.value.code == code
    listed = cast.switchboard.ask(calls.ListInvitations(caller=ann.caller, community=community))
    assert {one.state for one in listed.items} == {"revoked", "expired"}  # type: ignore[attr-defined]


def test_only_facilitators_invite(cast: Cast) -> None:
    ann, bob, eve = cast.people(3)
    community = cast.community(ann)
    cast.join(bob, community)
    for person in (bob, eve):
        with pytest.raises(NotAllowed):
            cast.invite(person, community)
        with pytest.raises(NotAllowed):
            cast.switchboard.ask(calls.ListInvitations(caller=person.caller, community=community))


def test_a_guest_becomes_a_member_by_joining_or_by_invitation(cast: Cast) -> None:
    ann, bob, cat = cast.people(3)
    community = cast.community(ann)
    for person in (bob, cat):
        cast.bring_in(ann, community, person, Role.GUEST)
    assert cast.see(bob, community).role is Role.GUEST
    assert cast.join(bob, community).membership is not None
    cast.bring_in(ann, community, cat, Role.MEMBER)
    assert {cast.see(person, community).role for person in (bob, cat)} == {Role.MEMBER}
    assert cast.see(ann, community).members == 3
    with pytest.raises(Conflict) as refusal:
        cast.bring_in(ann, community, cat, Role.GUEST)
    assert refusal.value.code == "already-in"


def test_a_guest_of_a_closed_community_stays_one(cast: Cast) -> None:
    ann, guest = cast.people(2)
    community = cast.community(ann, Visibility.CLOSED)
    cast.bring_in(ann, community, guest, Role.GUEST)
    with pytest.raises(NotAllowed) as refusal:
        cast.join(guest, community)
    assert refusal.value.code == "by-invitation-only"


def test_a_guest_does_not_begin_anew_by_another_invitation_as_one(cast: Cast) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann, Visibility.CLOSED)
    cast.bring_in(ann, community, bob, Role.GUEST)
    with pytest.raises(Conflict) as refused:
        cast.bring_in(ann, community, bob, Role.GUEST)
    assert refused.value.code == "already-in"
    [place] = [place for place in cast.everybody_in(ann, community) if place.member == bob.id]
    assert (place.role, place.revision) == (Role.GUEST, 1)
    cast.bring_in(ann, community, bob, Role.MEMBER)
