"""What crosses to a partner's system is what its grants let, as a second, naive reading of the rules agrees."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.discussion.domain.crossing import EVERY_FIELD, Known, Reach
from shared.contracts.grant import Grant
from shared.contracts.vocabulary import ContentKind, CrossingReason, MemberField
from tests.unit.discussion.things import MORNING

A, B, C = "a" * 24, "b" * 24, "c" * 24
ORGANISATIONS = st.sampled_from([A, B, C])
PLACES = st.sampled_from(["1" * 24, "2" * 24])
KINDS = st.sampled_from([ContentKind.TITLES, ContentKind.THREADS, ContentKind.ARTICLES])
MOMENTS = st.integers(-3, 3).map(lambda hours: MORNING + timedelta(hours=hours))


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    source = draw(ORGANISATIONS)
    crosses_until = draw(MOMENTS)
    return Grant(
        agreement="d" * 24,
        version=1,
        source=source,
        receiver=draw(ORGANISATIONS.filter(lambda one: one != source)),
        communities=tuple(draw(st.sets(PLACES, min_size=1))),
        kinds=tuple(draw(st.sets(KINDS))),
        fields=tuple(draw(st.sets(st.sampled_from(MemberField)))),
        notifications=(),
        retention_days=1,
        crosses_until=crosses_until,
        read_until=crosses_until + timedelta(hours=2),
    )


def agreements() -> st.SearchStrategy[tuple[Known, ...]]:
    one = grants().map(lambda grant: Known((grant.source, grant.receiver), (grant,)))
    ended = st.tuples(ORGANISATIONS, ORGANISATIONS).map(lambda parties: Known(parties, ()))
    return st.lists(st.one_of(one, ended), max_size=4).map(tuple)


def naively(reach: Reach, source: str, place: str, kind: ContentKind, written_at: datetime) -> bool:
    """The rules as a person would say them: one's own; else some grant says all of it."""
    if source == reach.receiver:
        return True
    for agreement in reach.agreements:
        for grant in agreement.grants:
            wanted = [kind.value] + (["threads"] if kind.value == "titles" else [])
            if (
                (grant.source, grant.receiver) == (source, reach.receiver)
                and place in list(grant.communities)
                and any(each.value in wanted for each in grant.kinds)
                and not written_at >= grant.crosses_until
                and not reach.at >= grant.read_until
            ):
                return True
    return False


@given(agreements(), ORGANISATIONS, ORGANISATIONS, PLACES, KINDS, MOMENTS, MOMENTS)
def test_it_decides_as_a_person_would(
    known: tuple[Known, ...],
    receiver: str,
    source: str,
    place: str,
    kind: ContentKind,
    written_at: datetime,
    at: datetime,
) -> None:
    reach = Reach(receiver, known, at)
    decision = reach.decide(source, place, kind, written_at)
    assert decision.lets == naively(reach, source, place, kind, written_at)
    assert (decision.grant is not None) == (decision.lets and source != receiver)


@given(agreements(), ORGANISATIONS, MOMENTS)
def test_nothing_of_a_stranger_is_known(known: tuple[Known, ...], receiver: str, at: datetime) -> None:
    reach = Reach(receiver, known, at)
    for place in ("1" * 24, "2" * 24):
        for kind in ContentKind:
            assert not reach.decide(None, place, kind, at - timedelta(days=9)).lets
        for other in {A, B, C} - {receiver}:
            disclosed = reach.disclosed(other, place)
            allowed = {
                field
                for agreement in known
                for grant in agreement.grants
                if (grant.source, grant.receiver) == (other, receiver)
                and place in grant.communities
                and at < grant.read_until
                for field in grant.fields
            }
            assert disclosed == allowed
    assert reach.disclosed(receiver, "1" * 24) == EVERY_FIELD


def test_it_says_why_not() -> None:
    place, elsewhere = "1" * 24, "2" * 24
    grant = Grant(
        agreement="d" * 24,
        version=1,
        source=A,
        receiver=B,
        communities=(place,),
        kinds=(ContentKind.TITLES,),
        fields=(),
        notifications=(),
        retention_days=1,
        crosses_until=MORNING,
        read_until=MORNING + timedelta(days=30),
    )
    before, second = MORNING - timedelta(days=1), timedelta(seconds=1)
    known = (Known((A, B), (grant,)), Known((B, C), ()))

    def why(source: str, where: str, kind: ContentKind, written_at: datetime, at: datetime) -> CrossingReason:
        return Reach(B, known, at).decide(source, where, kind, written_at).reason

    titles, threads = ContentKind.TITLES, ContentKind.THREADS
    assert why(B, place, threads, MORNING, MORNING) is CrossingReason.OWN
    assert why(A, place, titles, before, before) is CrossingReason.IN_FORCE
    assert why(A, place, titles, before, MORNING) is CrossingReason.READ_ON
    assert why(A, place, titles, MORNING, MORNING + second) is CrossingReason.WRITTEN_TOO_LATE
    assert why(A, place, threads, before, before) is CrossingReason.KIND_NOT_AGREED
    assert why(A, elsewhere, titles, before, before) is CrossingReason.COMMUNITY_NOT_AGREED
    assert why(A, place, titles, before, MORNING + timedelta(days=30)) is CrossingReason.NOT_IN_FORCE
    assert why(C, place, titles, before, before) is CrossingReason.NOT_IN_FORCE
    assert Reach(A, known[:1], before).decide(C, place, titles, before).reason is CrossingReason.NO_AGREEMENT
