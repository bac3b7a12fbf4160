"""Requests to join and invitations."""

from datetime import timedelta

import pytest

from services.membership.domain import invitation as invitations
from services.membership.domain import join_request as join_requests
from shared.contracts.calls.membership import Decision, NewInvitation
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import Conflict, NotAllowed
from tests.unit.membership.things import (
    ANN,
    BOB,
    COMMUNITY,
    NOON,
    THING,
    a_community,
    a_member,
    an_invitation,
)

RESTRICTED = a_community(visibility=Visibility.RESTRICTED)


def test_a_request_tells_the_facilitators_who_asks_and_why() -> None:
    request, fact = join_requests.ask(THING, RESTRICTED, a_member(), "Please.", NOON)
    assert (request.state, request.revision) == ("waiting", 1)
    assert (fact.member, fact.member_name, fact.community_title) == (ANN, "Ann", "Wound care")
    assert (fact.message, fact.at) == ("Please.", NOON)


@pytest.mark.parametrize(("approve", "state"), [(True, "approved"), (False, "declined")])
def test_a_request_is_decided_once(approve: bool, state: str) -> None:
    request, _ = join_requests.ask(THING, RESTRICTED, a_member(), None, NOON)
    decision = Decision(approve=approve, message="Because.")
    decided, fact = join_requests.decide(request, RESTRICTED, decision, BOB, NOON)
    assert (decided.state, decided.decided_by, decided.revision) == (state, BOB, 2)
    assert (fact.approved, fact.message, fact.decided_by, fact.member) == (approve, "Because.", BOB, ANN)
    with pytest.raises(Conflict):
        join_requests.decide(decided, RESTRICTED, decision, BOB, NOON)


def test_a_request_that_was_taken_back_is_decided_no_more() -> None:
    request, _ = join_requests.ask(THING, RESTRICTED, a_member(), None, NOON)
    withdrawn = join_requests.withdraw(request, NOON)
    assert (withdrawn.state, withdrawn.revision) == ("withdrawn", 2)
    with pytest.raises(Conflict):
        join_requests.decide(withdrawn, RESTRICTED, Decision(approve=True), BOB, NOON)


def test_an_invitation_lasts_as_long_as_it_says() -> None:
    new = NewInvitation(email="Ann@Example.org", role=Role.GUEST, expires_in_days=3)
    invitation = invitations.invite(THING, "digest", COMMUNITY, new, BOB, NOON)
    assert invitation.expires_at == NOON + timedelta(days=3)
    assert (invitation.email, invitation.role) == ("ann@example.org", Role.GUEST)
    almost = invitation.expires_at - timedelta(milliseconds=1)
    assert invitation.shown(almost).state == "open"
    assert invitations.accept(invitation, a_member(), almost).state == "accepted"
    assert invitation.shown(invitation.expires_at).state == "expired"
    with pytest.raises(Conflict) as refusal:
        invitations.accept(invitation, a_member(), invitation.expires_at)
    assert refusal.value.code == "invitation-expired"


def test_an_invitation_is_accepted_by_whom_it_is_for() -> None:
    for member in (a_member(), a_member(email="ann@example.org")):
        accepted = invitations.accept(an_invitation(), member, NOON)
        assert (accepted.accepted_by, accepted.revision) == (ANN, 2)
    with pytest.raises(NotAllowed) as refusal:
        invitations.accept(an_invitation(), a_member(email="other@example.org"), NOON)
    assert "@" not in refusal.value.sentence


@pytest.mark.parametrize(
    ("state", "code"), [("accepted", "invitation-used"), ("revoked", "invitation-revoked")]
)
def test_an_invitation_that_is_over_lets_nobody_in(state: str, code: str) -> None:
    with pytest.raises(Conflict) as refusal:
        invitations.accept(an_invitation(state=state), a_member(), NOON)
    assert refusal.value.code == code


def test_an_invitation_is_taken_back_until_it_is_used() -> None:
    revoked = invitations.revoke(an_invitation())
    assert (revoked.state, revoked.revision) == ("revoked", 2)
    assert invitations.revoke(revoked) == revoked
    with pytest.raises(Conflict):
        invitations.revoke(an_invitation(state="accepted"))


def test_the_digest_is_shown_to_nobody() -> None:
    shown = an_invitation().shown(NOON)
    assert an_invitation().digest not in shown.model_dump_json()
    assert shown.token is None
