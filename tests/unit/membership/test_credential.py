"""For whom a credential stands, and when for nobody."""

from datetime import timedelta

import pytest

from services.membership.domain import credential as credentials
from services.membership.domain.member import leave
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import NewToken
from shared.errors import NotAllowed, NotFound
from tests.unit.membership.things import ANN, BOB, NOON, THING, TRUST, a_member, a_token

LEFT, _ = leave(a_member())


def test_a_token_stands_for_its_member_until_it_expires() -> None:
    last = a_token().expires_at - timedelta(milliseconds=1)
    identity = credentials.identify_token(a_token(), a_member(), last)
    assert (identity.member, identity.organisation, identity.scopes) == (ANN, TRUST, ("threads:read",))
    for token, member, at in (
        (None, None, NOON),
        (a_token(), None, NOON),
        (a_token(), LEFT, NOON),
        (a_token(), a_member(), a_token().expires_at),
    ):
        with pytest.raises(NotFound):
            credentials.identify_token(token, member, at)


def test_a_token_is_for_oneself_unless_the_operator_says_for_whom() -> None:
    ann, operator = Caller(member=ANN), Caller(operator=True)
    assert credentials.whose_token(ann, None) == credentials.whose_token(ann, ANN) == ANN
    assert credentials.whose_token(operator, BOB) == BOB
    for caller, member in (
        (ann, BOB),
        (operator, None),
        (Caller(client=THING, organisation=TRUST), ANN),
        (Caller(), None),
    ):
        with pytest.raises(NotAllowed):
            credentials.whose_token(caller, member)


def test_scopes_are_never_more_than_the_credential_used() -> None:
    caller = Caller(member=ANN, scopes=frozenset({"threads:read", "inbox:read"}))
    credentials.check_scopes(caller, ("threads:read",))
    credentials.check_scopes(Caller(operator=True), ("members:write",))
    with pytest.raises(NotAllowed):
        credentials.check_scopes(caller, ("threads:read", "threads:write"))


def test_an_issued_token_is_good_for_the_days_it_was_asked_for() -> None:
    new = NewToken(name="phone", scopes=("threads:read", "inbox:read", "threads:read"), expires_in_days=2)
    token = credentials.issue(THING, "digest", ANN, None, new, NOON)
    assert token.expires_at == NOON + timedelta(days=2)
    assert token.scopes == ("inbox:read", "threads:read")
    assert "digest" not in token.shown().model_dump_json()
