"""What an organisation gets to see of a thread or post, and why: told to those whom it concerns."""

from collections.abc import Iterable
from datetime import datetime

from services.discussion.domain.crossing import Decision, Reach
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import Crossing, CrossingDecision
from shared.contracts.vocabulary import ContentKind
from shared.errors import NotAllowed, NotFound


def asking_organisation(caller: Caller) -> str:
    """The organisation whose own system asks.

    Raises:
        NotAllowed: `organisation-only`.
    """
    if caller.client is None or caller.member is not None or caller.organisation is None:
        raise NotAllowed(
            "Only the organisation's own system, acting for nobody, may ask this.", "organisation-only"
        )
    return caller.organisation


def no_such_item() -> NotFound:
    """The one refusal for an item that is not there and for one that may not be known of."""
    return NotFound("There is no such thread or post.", where="item")


def explained(
    item: str,
    source: str | None,
    community: str,
    written_at: Iterable[tuple[ContentKind, datetime]],
    *,
    asking: str,
    reach: Reach,
) -> Crossing:
    """What the systems of `reach` get to see of an item, told to who wrote it or to themselves.

    Args:
        written_at: each kind of content in it, and when that was written last.
        asking: who wants to know.

    Raises:
        NotFound: it is neither theirs nor seen by them.
    """
    decisions = [(kind, reach.decide(source, community, kind, moment)) for kind, moment in written_at]
    sees_something = any(decision.lets for _, decision in decisions)
    if asking != source and not (asking == reach.receiver and sees_something):
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
