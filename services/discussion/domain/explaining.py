"""What an organisation gets to see of a thread or post, and why: told to those whom it concerns."""

from collections.abc import Iterable, Set
from datetime import datetime

from services.discussion.domain import withheld
from services.discussion.domain.access import Standing
from services.discussion.domain.crossing import Decision, Reach
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import Crossing, CrossingDecision
from shared.contracts.vocabulary import ContentKind, CrossingReason
from shared.errors import NOWHERE, NotAllowed, NotFound

HELD_BACK = Decision(CrossingReason.WITHHELD)


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


def check_reads(standing: Standing, thread: Thread) -> None:
    """Refuse a member who may not read what is in a thread."""
    if not standing.reads(thread.guests):
        raise no_such_item(thread.community)


def held_back(thread: Thread, post: Post, receiver: str) -> frozenset[ContentKind]:
    """What of a thread with this opening, or of this post in it, an organisation's systems are not shown though it crosses."""
    held = set()
    if withheld.is_withheld(thread, receiver):
        held.add(ContentKind.TITLES)
    if post.moderation is not None or withheld.is_withheld(post, receiver):
        held.add(ContentKind.THREADS)
    return frozenset(held)


def no_such_item(community: str = NOWHERE) -> NotFound:
    """The one refusal for an item that is not there and for one that may not be known of."""
    return NotFound("There is no such thread or post.", where="item", community=community)


def explained(
    item: str,
    source: str | None,
    community: str,
    written_at: Iterable[tuple[ContentKind, datetime]],
    *,
    held: Set[ContentKind],
    asking: str | None,
    reach: Reach,
) -> Crossing:
    """What the systems of `reach` get to see of an item, told to who wrote it or to themselves.

    Args:
        written_at: each kind of content in it, and when that was written last.
        held: what is held back though it crosses.
        asking: who wants to know; None when they may know it of any two.

    Raises:
        NotFound: it is neither theirs nor seen by them.
    """
    decided = [(kind, reach.decide(source, community, kind, moment)) for kind, moment in written_at]
    decisions = [(kind, HELD_BACK if one.lets and kind in held else one) for kind, one in decided]
    sees_something = any(decision.lets for _, decision in decided)
    is_theirs = asking is None or asking == source
    if not is_theirs and not (asking == reach.receiver and sees_something):
        raise no_such_item(community)
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
