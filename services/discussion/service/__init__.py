"""The discussion service: what it may be asked and what it hears; run by `shared.wiring.run`."""

from services.discussion.repositories import INDEXES
from services.discussion.service.crossings import CrossingHandlers
from services.discussion.service.hearing import HearingHandlers
from services.discussion.service.history import HistoryHandlers
from services.discussion.service.posts import PostHandlers
from services.discussion.service.search import SearchHandlers
from services.discussion.service.threads import ThreadHandlers
from shared.wiring.store import Store, StoreProvider


class DiscussionService(
    ThreadHandlers, PostHandlers, SearchHandlers, CrossingHandlers, HistoryHandlers, HearingHandlers
):
    """What is said and learnt."""

    name = "discussion"
    store: Store = StoreProvider(INDEXES)
