"""Cases that wait for long: those who decide are reminded once; and how many wait is measured."""

import structlog

from services.discussion.domain import deciding
from services.discussion.domain.case import LONG
from services.discussion.service.case_desk import CaseDesk
from shared.wiring import metrics
from shared.wiring.due import every
from shared.wiring.store import Stale, Work, now

log = structlog.get_logger()

LOOK_EVERY = 60.0
AT_ONCE = 100
MOST_COUNTED = 10_000


class WaitingCaseHandlers(CaseDesk):
    """What time alone makes due."""

    @every(LOOK_EVERY)
    def remind_of_cases(self) -> None:
        """Remind of each case once while it is open and once while it is appealed."""
        at = now()
        for case in self.cases.waiting_for_long(at - LONG, AT_ONCE):
            work = Work()
            self.cases.remind(work, case)
            self.tell_waiting(work, case, "long", at)
            try:
                self.store.commit(work)
            except Stale:
                continue  # something was done about it just now, or another copy of the service was quicker
            if not deciding.who_is_left(case, self.others(case), self.copies.facilitators(case.community)):
                log.warning("case.waits_for_operator", case=case.id, community=case.community)
        metrics.CASES_WAITING.set(self.cases.count_waiting(MOST_COUNTED))
