"""The discussion service: what it may be asked and what it hears; run by `shared.wiring.run`."""

from services.discussion.repositories import INDEXES
from services.discussion.service.cases import CaseHandlers
from services.discussion.service.crossings import CrossingHandlers
from services.discussion.service.erasing import ErasingHandlers
from services.discussion.service.gathering import GatheringHandlers
from services.discussion.service.guard_rules import GuardRulesHandlers
from services.discussion.service.hearing import HearingHandlers
from services.discussion.service.held_posts import HeldPostHandlers
from services.discussion.service.history import HistoryHandlers
from services.discussion.service.organisation_cases import OrganisationCaseHandlers
from services.discussion.service.posts import PostHandlers
from services.discussion.service.reports import ReportHandlers
from services.discussion.service.search import SearchHandlers
from services.discussion.service.threads import ThreadHandlers
from services.discussion.service.waiting_cases import WaitingCaseHandlers
from shared.contracts.discussion import Acted
from shared.wiring.acts import Act
from shared.wiring.store import Store, StoreProvider, Work


def record(work: Work, act: Act) -> None:
    """The audit log is membership's: it is told."""
    work.tell(Acted(**act._asdict()))


class DiscussionService(
    ThreadHandlers,
    PostHandlers,
    HeldPostHandlers,
    ReportHandlers,
    CaseHandlers,
    OrganisationCaseHandlers,
    WaitingCaseHandlers,
    SearchHandlers,
    CrossingHandlers,
    GuardRulesHandlers,
    HistoryHandlers,
    HearingHandlers,
    ErasingHandlers,
    GatheringHandlers,
):
    """What is said and learnt."""

    name = "discussion"
    store: Store = StoreProvider(INDEXES, record)
