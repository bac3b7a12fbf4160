"""Who decides what of a case, and what states it goes through."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Literal

import pytest

from services.discussion.domain import case, deciding, lock, report, tombstone
from services.discussion.domain.case import APPEALABLE, MOST_REPORTS, Case
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import NewAppeal, NewCaseDecision, NewMemberDecision, NewRuling
from shared.contracts.vocabulary import CaseOutcome, MemberOutcome, ReportReason, Role, Visibility
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from tests.unit.discussion.things import ANA, BEN, CAI, COMMUNITY, EVENING, MORNING, post, standing, thread

DAI, EVA, GWEN = "d" * 24, "5" * 24, "6" * 24
OPERATOR = Caller(operator=True)
APPEAL = NewAppeal(reason="It is the guideline's.")


def opened() -> Case:
    """Cai reported what Ben wrote."""
    return case.opened(post(author=BEN), CAI, ReportReason.UNKIND, id="7" * 24, at=MORNING)


def decided(
    outcome: CaseOutcome = CaseOutcome.WITHDRAW, of: Case | None = None, by: str | None = DAI
) -> Case:
    new = NewCaseDecision(outcome=outcome, reason="So.")
    of = of or opened()
    as_what: Literal["facilitator", "operator"] = "facilitator" if by else "operator"
    return case.decided(of, new, by=by, decided_as=as_what, seen=of.revision, at=MORNING)


def appealed(outcome: CaseOutcome = CaseOutcome.WITHDRAW) -> Case:
    by: Literal["author", "reporter"] = "reporter" if outcome is CaseOutcome.KEEP else "author"
    return case.appealed(decided(outcome), APPEAL, by=by, member=CAI if by == "reporter" else BEN, at=EVENING)


def ruled(of: Case, outcome: CaseOutcome) -> Case:
    new = NewRuling(outcome=outcome, reason="So.")
    return case.ruled(of, new, by=EVA, decided_as="facilitator", seen=of.revision, at=EVENING)


def refused(refusal: type[Refusal], code: str, act: Any) -> None:
    with pytest.raises(refusal) as caught:
        act()
    assert caught.value.code == code


def deciders(of: Case, facilitators: set[str], *others: Case) -> set[str]:
    """Those of the facilitators who may, asked one by one."""
    may = set()
    for member in facilitators:
        with suppress(NotAllowed):
            deciding.check_decides(of, others, Caller(member=member), facilitators, MORNING)
            may.add(member)
    return may


# Who decides


def test_who_wrote_or_reported_it_does_not_decide() -> None:
    assert deciders(opened(), {BEN, CAI, DAI, EVA}) == {DAI, EVA}
    assert deciders(opened(), {BEN, CAI}) == set()


def test_somebody_else_decides_the_appeal() -> None:
    assert deciders(appealed(), {BEN, CAI, DAI, EVA}) == {EVA}
    assert deciders(decided(), {DAI}) == {DAI}, "who decided is told that it is decided"


def test_who_reported_or_decided_another_case_about_the_post_does_not_decide() -> None:
    earlier = ruled(appealed(), CaseOutcome.KEEP)
    later = case.opened(post(author=BEN), GWEN, ReportReason.OTHER, id="8" * 24, at=EVENING)
    assert deciders(later, {ANA, BEN, CAI, DAI, EVA, GWEN}, earlier) == {ANA}
    assert deciders(later, {ANA, BEN, CAI, DAI, EVA, GWEN}) == {ANA, CAI, DAI, EVA}
    everybody = {CAI, DAI, EVA}
    refused(
        NotAllowed,
        "party-to-case",
        lambda: deciding.check_decides(later, (earlier,), Caller(member=CAI), everybody, EVENING),
    )
    assert deciding.check_decides(later, (earlier,), OPERATOR, everybody, EVENING) == "operator"
    whole = standing(Role.FACILITATOR, Visibility.OPEN, caller=DAI)
    assert deciding.view_of(later, (earlier,), Caller(member=DAI), whole)[1] == "party"


def test_whoever_is_no_facilitator_decides_nothing() -> None:
    for member in (ANA, BEN, CAI):
        refused(
            NotAllowed,
            "party-to-case",
            lambda member=member: deciding.check_decides(opened(), (), Caller(member=member), {DAI}, MORNING),
        )


def test_the_operator_decides_where_nobody_is_left() -> None:
    assert deciding.check_decides(opened(), (), OPERATOR, {BEN, CAI}, MORNING) == "operator"
    assert deciding.check_decides(appealed(), (), OPERATOR, {DAI}, EVENING) == "operator"
    refused(
        NotAllowed,
        "facilitators-decide",
        lambda: deciding.check_decides(opened(), (), OPERATOR, {DAI}, MORNING),
    )


def test_the_operator_decides_where_nobody_has_for_a_week() -> None:
    week = MORNING + deciding.OVERDUE
    assert deciding.check_decides(opened(), (), OPERATOR, {DAI}, week) == "operator"
    refused(
        NotAllowed,
        "facilitators-decide",
        lambda: deciding.check_decides(opened(), (), OPERATOR, {DAI}, week - timedelta(seconds=1)),
    )


def test_only_the_organisation_s_own_system_decides_for_it() -> None:
    ours, theirs, client = "0" * 24, "1" * 24, "2" * 24
    deciding.check_is_own_system(Caller(organisation=ours, client=client), ours)
    refused(
        NotFound,
        "not-found",
        lambda: deciding.check_is_own_system(Caller(organisation=theirs, client=client), ours),
    )
    for caller in (
        Caller(member=ANA, organisation=ours),
        Caller(member=ANA, organisation=ours, client=client),
    ):
        refused(NotAllowed, "client-only", lambda caller=caller: deciding.check_is_own_system(caller, ours))


# Who sees


def seen(of: Case, member: str, role: Role | None, visibility: Visibility = Visibility.OPEN) -> str:
    """How much of the case they see, `nothing` included."""
    try:
        return deciding.view_of(of, (), Caller(member=member), standing(role, visibility, caller=member))[1]
    except NotFound:
        return "nothing"


def test_who_sees_how_much() -> None:
    withheld = case.withheld(opened(), seen=1)
    assert seen(opened(), DAI, Role.FACILITATOR) == "whole"
    assert seen(opened(), CAI, Role.FACILITATOR) == "party", "who reported does not see who else did"
    for role in (Role.STEWARD, Role.MEMBER, Role.GUEST, None):
        assert seen(decided(), ANA, role) == "nothing"
        assert seen(decided(), CAI, role) == "nothing", "a reporter has their report"
    for role in Role:
        assert seen(opened(), BEN, role) == "nothing", "the author knows of it once something is done"
        assert seen(withheld, BEN, role) == "party"
        assert seen(decided(), BEN, role) == "party"
    assert seen(decided(), BEN, None, Visibility.CLOSED) == "nothing", "they have left"
    assert deciding.view_of(opened(), (), OPERATOR, standing(None))[1] == "whole"


def test_what_is_hidden_is_refused_like_what_is_not_there() -> None:
    member, outside = Caller(member=ANA), standing(None, Visibility.CLOSED)
    refusals = []
    for of in (None, opened()):
        with pytest.raises(NotFound) as caught:
            deciding.view_of(of, (), member, outside)
        refusals.append(caught.value.args)
    assert refusals[0] == refusals[1]
    assert refusals[0][3] == COMMUNITY


# States


def test_a_report_joins_and_the_same_reporter_is_one() -> None:
    more = case.joined(case.joined(opened(), ANA, ReportReason.OTHER), CAI, ReportReason.UNKIND)
    assert more.reporters == (CAI, ANA)
    assert more.reasons == (ReportReason.UNKIND, ReportReason.OTHER)
    many = opened().model_copy(update={"reporters": tuple(f"{n:024}" for n in range(MOST_REPORTS))})
    refused(Conflict, "too-many-reports", lambda: case.joined(many, ANA, ReportReason.OTHER))


def test_the_author_does_not_report_themselves_nor_anybody_what_is_gone() -> None:
    refused(NotAllowed, "own-post", lambda: report.check_reports(post(author=BEN), BEN))
    gone = post(author=BEN, moderation="withheld")
    refused(Conflict, "post-taken-out", lambda: report.check_reports(gone, CAI))
    report.check_reports(post(author=BEN), CAI)


def test_what_each_outcome_does() -> None:
    done = {outcome: (decided(outcome).moderation, decided(outcome).locks) for outcome in CaseOutcome}
    assert done == {
        CaseOutcome.KEEP: (None, False),
        CaseOutcome.MEND: (None, False),
        CaseOutcome.LOCK: (None, True),
        CaseOutcome.WITHDRAW: ("withdrawn", False),
    }


def test_withheld_until_it_is_decided() -> None:
    withheld = case.withheld(opened(), seen=1)
    assert withheld.moderation == "withheld"
    refused(Conflict, "post-taken-out", lambda: case.withheld(withheld, seen=2))
    assert decided(CaseOutcome.KEEP, withheld).moderation is None
    assert decided(CaseOutcome.WITHDRAW, withheld).moderation == "withdrawn"
    refused(Conflict, "case-decided", lambda: case.withheld(decided(), seen=2))


def test_a_case_is_decided_once_and_by_what_was_seen() -> None:
    refused(Conflict, "case-decided", lambda: decided(of=decided()))
    new = NewCaseDecision(outcome=CaseOutcome.KEEP, reason="So.")
    refused(
        Conflict,
        "stale-revision",
        lambda: case.decided(opened(), new, by=DAI, decided_as="facilitator", seen=7, at=MORNING),
    )


@pytest.mark.parametrize("outcome", CaseOutcome)
def test_the_author_appeals_what_is_done_and_a_reporter_that_nothing_is(outcome: CaseOutcome) -> None:
    may: Literal["author", "reporter"] = "reporter" if outcome is CaseOutcome.KEEP else "author"
    other: Literal["author", "reporter"] = "author" if may == "reporter" else "reporter"
    was = decided(outcome)
    assert was.appealable_by(may, EVENING) == MORNING + APPEALABLE
    assert was.appealable_by(other, EVENING) is None
    assert case.appealed(was, APPEAL, by=may, member=CAI, at=EVENING).waits_since == EVENING
    refused(
        Conflict,
        "nothing-to-appeal",
        lambda: case.appealed(was, APPEAL, by=other, member=CAI, at=EVENING),
    )


def test_one_appeal_and_in_time() -> None:
    late = MORNING + APPEALABLE
    assert decided().appealable_by("author", late) is None
    refused(
        Conflict,
        "appeal-too-late",
        lambda: case.appealed(decided(), APPEAL, by="author", member=BEN, at=late),
    )
    refused(
        Conflict,
        "nothing-to-appeal",
        lambda: case.appealed(opened(), APPEAL, by="author", member=BEN, at=EVENING),
    )
    for again in (appealed(), ruled(appealed(), CaseOutcome.WITHDRAW)):
        refused(
            Conflict,
            "appealed-before",
            lambda again=again: case.appealed(again, APPEAL, by="author", member=BEN, at=EVENING),
        )


@pytest.mark.parametrize("was", CaseOutcome)
@pytest.mark.parametrize("then", CaseOutcome)
def test_nobody_is_worse_off_for_appealing(was: CaseOutcome, then: CaseOutcome) -> None:
    order = list(CaseOutcome)
    may = (
        order.index(then) >= order.index(was)
        if was is CaseOutcome.KEEP
        else (order.index(then) <= order.index(was))
    )
    if may:
        settled = ruled(appealed(was), then)
        assert (settled.state, settled.outcome) == ("settled", then)
    else:
        refused(Invalid, "outcome-worse", lambda: ruled(appealed(was), then))


def test_a_ruling_needs_an_appeal_and_comes_once() -> None:
    for of in (opened(), decided(), ruled(appealed(), CaseOutcome.KEEP)):
        refused(Conflict, "case-decided", lambda of=of: ruled(of, CaseOutcome.KEEP))


def test_the_organisation_decides_beside_it_and_once() -> None:
    new = NewMemberDecision(outcome=MemberOutcome.WORD, reason="Come and see me.")
    for of in (opened(), decided(), appealed()):
        after = case.decided_for_member(of, new, client=None, seen=of.revision, at=EVENING)
        assert (after.state, after.outcome, after.moderation) == (of.state, of.outcome, of.moderation)
        refused(
            Conflict,
            "case-decided",
            lambda after=after: case.decided_for_member(
                after, new, client=None, seen=after.revision, at=EVENING
            ),
        )
    refused(
        Conflict,
        "stale-revision",
        lambda: case.decided_for_member(opened(), new, client=None, seen=9, at=EVENING),
    )


# What it does to the post and the thread


def test_what_was_taken_out_comes_back_as_it_was() -> None:
    for before in (post(mentions=(ANA,)), post(title="Walking aids", mentions=(ANA,))):
        kept = tombstone.kept_of(before, "7" * 24)
        gone, titled = tombstone.taken_out(before, thread(), "withdrawn")
        assert (gone.text, gone.html, gone.mentions, gone.opening) == ("", "", (), before.opening)
        assert (titled.title == "Withdrawn by moderation") is before.opening
        back, after = tombstone.put_back(gone, titled, kept)
        assert back == before.model_copy(update={"revision": 3})
        assert after == thread()


def test_a_thread_opens_with_its_last_lock() -> None:
    one, two = lock.locked(thread(), "1"), lock.locked(lock.locked(thread(), "1"), "2")
    assert (one.state, one.closed_reason) == ("closed", lock.REASON)
    assert lock.locked(one, "1") == one
    assert lock.unlocked(two, "1").state == "closed"
    assert lock.unlocked(lock.unlocked(two, "1"), "2") == thread()
    closed = thread(state="closed", closed_reason="Done.")
    assert lock.unlocked(lock.locked(closed, "1"), "1") == closed
