"""How much a member wants to be told: a level for each community, and for threads where they chose one."""

from shared.contracts.vocabulary import Level

DEFAULT_LEVEL = Level.ALL
"""Whoever joins a community wants to hear its questions; that is what joining means."""

VOLUME = {Level.NOTHING: 0, Level.MENTIONS_AND_ANSWERS: 1, Level.ALL: 2}


def level_for(community_level: Level, thread_level: Level | None) -> Level:
    """The level that counts: the thread's own where the member chose one, else the community's."""
    return community_level if thread_level is None else thread_level


def is_heard_at(level: Level, needed: Level) -> bool:
    """Whether something that needs level `needed` gets through to a member who listens at `level`."""
    return VOLUME[level] >= VOLUME[needed]
