"""Who decides what of a case, and who sees how much of it: the one place for these rules.

    what becomes of the post    a facilitator of the community it stands in
    the appeal                  another facilitator
    what concerns the author    their organisation, by its own client: it never overrules the community
    as their organisation's

Nobody who wrote the post, reported it or decided it before decides, be it in another case about the same post
(`others`). Where no facilitator is left, or none
has decided for a week, the node's operator does.
"""

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from typing import Literal

from services.discussion.domain.access import Standing
from services.discussion.domain.case import Case
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.calls.discussion import DecidedAs
from shared.contracts.vocabulary import Role
from shared.errors import NotAllowed, NotFound

OVERDUE = timedelta(days=7)
"""After how long the operator may decide in the place of facilitators who do not."""

View = Literal["whole", "party"]
"""How much of a case somebody sees: all, or neither who reported it, nor what they wrote, nor who decided."""


def no_such_case(community: str) -> NotFound:
    """The one refusal for a case that is not there and for one that may not be known of."""
    return NotFound("There is no such case.", where="case", community=community)


def no_such_report(community: str) -> NotFound:
    """The one refusal for a report that is not there and for one that is somebody else's."""
    return NotFound("There is no such report.", where="report", community=community)


def check_is_person(caller: Caller) -> str:
    """Refuse systems, whomever they act for: what is reported crosses to none; returns the member's id."""
    member = check_is_member(caller)
    if caller.client is not None:
        raise NotAllowed(
            "Reports and cases are for people themselves: ask with a token that the member issued.",
            "people-only",
        )
    return member


def check_is_own_system(caller: Caller, organisation: str) -> None:
    """Refuse everybody but the organisation's own client, acting for itself."""
    if caller.organisation != organisation:
        raise NotFound("There is no such organisation.", where="organisation")
    if caller.client is None or caller.member is not None:
        raise NotAllowed(
            "An organisation sees its members' cases by its client, acting for itself.", "client-only"
        )


def parties(case: Case, others: Iterable[Case]) -> frozenset[str]:
    """Who does not decide: who wrote the post, who reported it, and who decided about it before."""
    before = case.decision.by if case.decision and case.appeal else None
    own = (case.author, *case.reporters, *((before,) if before else ()))
    return frozenset(own).union(*(_took_part(other) for other in others))


def _took_part(case: Case) -> frozenset[str]:
    """Who has reported, or decided anything, in a case."""
    decisions = (case.decision, case.appeal.ruling if case.appeal else None)
    return frozenset((*case.reporters, *(each.by for each in decisions if each and each.by)))


def strongest(holding: Iterable[Case]) -> Literal["withheld", "withdrawn"] | None:
    """How a post is out of sight that these cases hold; while any of them does, it is."""
    held = {case.moderation for case in holding}
    return "withdrawn" if "withdrawn" in held else "withheld" if "withheld" in held else None


def who_is_left(case: Case, others: Iterable[Case], facilitators: Set[str]) -> frozenset[str]:
    """The facilitators who decide what the case waits for; with none, the operator does."""
    return frozenset(facilitators) - parties(case, others)


def knows_community(standing: Standing) -> bool:
    """Whether somebody may still know of what was said in a community."""
    return standing.at_home and (standing.role is not None or standing.reads_all)


def facilitates(standing: Standing) -> bool:
    """Whether the caller is a facilitator there."""
    return standing.at_home and standing.community is not None and standing.role is Role.FACILITATOR


def view_of(
    case: Case | None, others: Iterable[Case], caller: Caller, standing: Standing
) -> tuple[Case, View]:
    """The case and how much of it the caller sees, or the refusal of what they may not know of.

    The author knows of it once something is done: it is decided, the post is withheld, or their organisation
    has said something to them.
    """
    if case is None:
        raise no_such_case(standing.asked_for)
    if caller.operator:
        return case, "whole"
    if case.author == standing.caller:
        if knows_community(standing) and _is_known_to_author(case):
            return case, "party"
    elif facilitates(standing):
        is_party = any(
            standing.caller in took_part for took_part in (case.reporters, *map(_took_part, others))
        )
        return case, "party" if is_party else "whole"
    raise no_such_case(case.community)


def _is_known_to_author(case: Case) -> bool:
    return case.decision is not None or case.withheld or case.for_member is not None


def check_decides(
    case: Case, others: Iterable[Case], caller: Caller, facilitators: Set[str], at: datetime
) -> DecidedAs:
    """Refuse who sees the case but does not decide what it waits for."""
    left = who_is_left(case, others, facilitators)
    if caller.operator:
        if left and at - case.waits_since < OVERDUE:
            raise NotAllowed(
                f"A facilitator decides; the operator does where none is left, or after {OVERDUE.days} days.",
                "facilitators-decide",
                community=case.community,
            )
        return "operator"
    if caller.member not in left:
        raise NotAllowed(
            "Somebody else decides: who wrote the post, reported it or decided before is a party.",
            "party-to-case",
            community=case.community,
        )
    return "facilitator"
