"""How the page says what was decided: in sentences, where the API has words from a list."""

from shared.contracts.vocabulary import ContentKind, CrossingReason

KINDS = {
    ContentKind.TITLES: "That the thread is there, and its title",
    ContentKind.THREADS: "What it says",
}
REASONS = {
    CrossingReason.OWN: "It was written there: nothing crosses.",
    CrossingReason.IN_FORCE: "An agreement between the two organisations lets it cross.",
    CrossingReason.READ_ON: "The agreement has expired. What was written before may still be read.",
    CrossingReason.NO_AGREEMENT: "The two organisations have no agreement.",
    CrossingReason.NOT_IN_FORCE: "Their agreement is not in force, or lets nothing leave in this direction.",
    CrossingReason.COMMUNITY_NOT_AGREED: "Their agreement does not name this community.",
    CrossingReason.KIND_NOT_AGREED: "Their agreement does not name this kind of content.",
    CrossingReason.WRITTEN_TOO_LATE: "It was written, or edited, after the agreement ended.",
    CrossingReason.WITHHELD: "It is held back: something confidential may be in it, or moderation took it out.",
    CrossingReason.BY_A_MEMBER: "It was written through a system, as its member may.",
}
