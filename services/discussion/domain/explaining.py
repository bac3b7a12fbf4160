"""What an organisation gets to see of a thread or post, and why: told to those whom it concerns."""

from collections.abc import Iterable
from datetime import datetime

from services.discussion.domain.access import Standing
from services.discussion.domain.crossing import Decision, Reach
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import Crossing, CrossingDecision
from shared.contracts.vocabulary import ContentKind
from shared.errors import NotAllowed, NotFound


def asking_organisation(caller: Caller) -> str | None:
    """The organisation whose system or member asks; None for the operator, whom everything concerns.

    Raises:
        NotAllowed: `organisation-only`.
    """
    if caller.operator:
        return None
    if caller.organisation is None or (caller.client is not None and caller.member is not None):
        raise NotAllowed(
            "Only an organisation's own system, acting for nobody, or one of its members may ask this.",
            "organisation-only",
        )
    return caller.organisation


def check_reads(standing: Standing, guests: tuple[str, ...]) -> None:
    """Refuse a member who may not read the item.

    Args:
        guests: in whose stays its thread is shared.
    """
    if not standing.reads(guests):
        raise no_such_item()


def no_such_item() -> NotFound:
    """The one refusal for an item that is not there and for one that may not be known of."""
    return NotFound("There is no such thread or post.", where="item")


def explained(
    item: str,
    source: str | None,
    community: str,
    written_at: Iterable[tuple[ContentKind, datetime]],
    *,
    asking: str | None,
    reach: Reach,
) -> Crossing:
    """What the systems of `reach` get to see of an item, told to who wrote it or to themselves.

    Args:
        written_at: each kind of content in it, and when that was written last.
        asking: who wants to know; None when they may know it of any two.

    Raises:
        NotFound: it is neither theirs nor seen by them.
    """
    decisions = [(kind, reach.decide(source, community, kind, moment)) for kind, moment in written_at]
    sees_something = any(decision.lets for _, decision in decisions)
    is_theirs = asking is None or asking == source
    if not is_theirs and not (asking == reach.receiver and sees_something):
        raise no_such_item()
    return Crossing(
        item=item,
        community=community,
        source=source,
        receiver=reach.receiver,
        decisions=tuple(_decision(kind, decision) for kind, decision in decisions),
        fields=tuple(sorted(reach.disclosed(source, community))) if sees_something else (),
    )


def _decision(kind: ContentKind, decision: Decision) -> CrossingDecision:
    grant = decision.grant
    return CrossingDecision(
        kind=kind,
        lets=decision.lets,
        reason=decision.reason,
        agreement=grant.agreement if grant else None,
        version=grant.version if grant else None,
        crosses_until=grant.crosses_until if grant else None,
        read_until=grant.read_until if grant else None,
        retention_days=grant.retention_days if grant else None,
    )
