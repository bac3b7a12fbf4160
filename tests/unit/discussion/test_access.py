"""Who may see what, and who may say what."""

from itertools import product

import pytest

from services.discussion.domain import access
from services.discussion.domain.post import check_posts
from services.discussion.domain.thread import check_sees
from shared.contracts.vocabulary import Role, Stage, Visibility
from shared.errors import NOWHERE, Conflict, NotAllowed, NotFound, Refusal
from tests.unit.discussion.things import ANA, BEN, COMMUNITY, standing, stay, thread

ROLES = [*Role, None]
CASES = list(product(Visibility, ROLES))


@pytest.mark.parametrize(("visibility", "role"), CASES)
def test_a_community_is_read_by_its_members_and_unless_closed_by_all_others_but_guests(
    visibility: Visibility, role: Role | None
) -> None:
    who = standing(role, visibility)
    full = role in (Role.FACILITATOR, Role.STEWARD, Role.MEMBER)
    assert who.reads_all == (full or (role is None and visibility is not Visibility.CLOSED))
    assert who.reads((stay(ANA),)) == (who.reads_all or role is Role.GUEST)
    for other in (stay(BEN), stay(ANA, revision=2), ANA):
        assert who.reads((other,)) == who.reads_all


@pytest.mark.parametrize(("visibility", "role"), CASES)
def test_who_is_at_home_nowhere_reads_nothing(visibility: Visibility, role: Role | None) -> None:
    who = standing(role, visibility, at_home=False)
    assert not who.reads_all
    assert not who.reads((stay(ANA),))
    with pytest.raises(NotFound):
        access.check_knows_community(who)


@pytest.mark.parametrize("role", ROLES)
def test_a_community_nobody_has_told_of_is_not_there(role: Role | None) -> None:
    who = standing(role, community=None)
    assert not who.reads((stay(ANA),))
    with pytest.raises(NotFound) as refused:
        access.check_knows_community(who)
    assert refused.value.community == COMMUNITY


def test_hidden_and_missing_threads_are_refused_in_the_same_words() -> None:
    stranger = standing(None, Visibility.CLOSED)
    with pytest.raises(NotFound) as hidden:
        check_sees(thread(), stranger)
    with pytest.raises(NotFound) as missing:
        check_sees(None, standing())
    assert hidden.value.args[:3] == missing.value.args[:3]
    assert (hidden.value.community, missing.value.community) == (COMMUNITY, NOWHERE)


@pytest.mark.parametrize("role", ROLES)
def test_members_open_threads_and_guests_and_strangers_do_not(role: Role | None) -> None:
    who = standing(role)
    if role in (None, Role.GUEST):
        with pytest.raises(NotAllowed) as refused:
            access.check_opens_threads(who)
        assert refused.value.community == COMMUNITY
    else:
        assert access.check_opens_threads(who).id == ANA


@pytest.mark.parametrize(
    ("who", "state", "code"),
    [
        (standing(Role.MEMBER), "open", None),
        (standing(Role.GUEST), "open", None),
        (standing(None), "open", "not-a-member"),
        (standing(Role.MEMBER, member=None), "open", "not-a-member"),
        (standing(Role.FACILITATOR), "closed", "thread-closed"),
        (standing(Role.FACILITATOR, stage=Stage.ARCHIVED), "open", "community-archived"),
    ],
)
def test_who_may_post(who: access.Standing, state: str, code: str | None) -> None:
    if code is None:
        assert check_posts(thread(state=state), who).id == ANA
        return
    with pytest.raises(Refusal) as refused:
        check_posts(thread(state=state), who)
    assert refused.value.code == code
    judged_by_copy = code != "thread-closed"
    assert refused.value.community == (COMMUNITY if judged_by_copy else "")


@pytest.mark.parametrize("role", ROLES)
def test_a_thread_is_steered_by_its_author_and_by_those_with_a_role_for_it(role: Role | None) -> None:
    def steers(opened_by: str) -> bool:
        try:
            access.check_steers(standing(role), opened_by, roles=(Role.FACILITATOR,))
        except NotAllowed:
            return False
        return True

    assert steers(ANA) == (role not in (None, Role.GUEST))
    assert steers(BEN) == (role is Role.FACILITATOR)


def test_an_archived_community_conflicts_before_anything_else_is_judged() -> None:
    with pytest.raises(Conflict):
        access.check_steers(standing(stage=Stage.ARCHIVED), BEN, roles=())
