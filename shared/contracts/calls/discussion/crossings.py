"""What the discussion service may be asked about crossings: what does that organisation get to see, and why?"""

from shared.contracts.calls.call import Answer
from shared.contracts.calls.discussion.call import DiscussionCall
from shared.contracts.vocabulary import ContentKind, CrossingReason, Id, MemberField, Moment


class CrossingDecision(Answer):
    """Whether one kind of content crosses, why, and by which version of which agreement."""

    kind: ContentKind
    lets: bool
    reason: CrossingReason
    agreement: Id | None
    version: int | None
    crosses_until: Moment | None
    read_until: Moment | None
    retention_days: int | None


class Crossing(Answer):
    """What of a thread or post an organisation's systems get to see: its title, what it says, and of whom."""

    item: Id
    community: Id
    source: Id | None
    receiver: Id
    decisions: tuple[CrossingDecision, ...]
    fields: tuple[MemberField, ...]


class ExplainCrossing(DiscussionCall):
    """By an organisation's own system, of what its own people wrote, or of what it gets to see itself.

    By a member likewise, of what they may read; by the operator of anything.
    """

    answer = Crossing
    item: Id
    organisation: Id
