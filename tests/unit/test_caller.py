"""Who asks: a member, or a system that acts for one or for itself."""

import pytest

from shared.contracts.calls.call import Caller, check_is_member
from shared.errors import NotAllowed

SOMEBODY = "a" * 24


def test_only_a_member_or_who_acts_for_one_takes_part() -> None:
    assert check_is_member(Caller(member=SOMEBODY)) == SOMEBODY
    assert check_is_member(Caller(member=SOMEBODY, client="c" * 24)) == SOMEBODY
    for nobody in (Caller(operator=True), Caller(client="c" * 24, organisation="b" * 24)):
        with pytest.raises(NotAllowed) as refused:
            check_is_member(nobody)
        assert refused.value.code == "member-needed"
        assert "`Commonplace-Member`" in refused.value.sentence
