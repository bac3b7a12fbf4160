"""What this service hears from discussion: deeds that somebody should know of."""

from collections.abc import Sequence
from typing import Any

from services.notifications.domain.fact import deed_of
from services.notifications.domain.tie import ties_of
from services.notifications.repositories.erasing import without_erased
from services.notifications.service.audience import Telling
from services.notifications.service.parts import Parts
from shared.contracts import former
from shared.contracts.discussion import (
    AnswerAccepted,
    CaseDecided,
    CaseWaits,
    HeldPostDecided,
    HistoryImported,
    PostAdded,
    PostEdited,
    PostHeld,
    PostReacted,
    PostVisibilityChanged,
    ReportDecided,
    ThreadClosed,
    ThreadOpened,
    ThreadReopened,
    ThreadShared,
    ThreadTitleChanged,
)
from shared.contracts.envelope import Contract, Envelope
from shared.wiring.store import Work, now
from shared.wiring.subscribe import subscribe

NUMBERED = ThreadOpened | PostAdded | AnswerAccepted | ThreadClosed | ThreadReopened


class HearingDiscussion(Parts):
    """Each of these may run again for the same facts; see `telling` for why that changes nothing."""

    @subscribe(ThreadOpened, batch=50)
    def hear_thread_opened(self, heard: list[Envelope[ThreadOpened]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(PostAdded, batch=200)
    def hear_post_added(self, heard: list[Envelope[PostAdded]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(PostEdited, batch=200)
    def hear_post_edited(self, heard: list[Envelope[PostEdited]], work: Work) -> None:
        self._hear([envelope for envelope in heard if _names_somebody(envelope.data)], work)

    @subscribe(AnswerAccepted, batch=200)
    def hear_answer_accepted(self, heard: list[Envelope[AnswerAccepted]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(ThreadClosed, batch=200)
    def hear_thread_closed(self, heard: list[Envelope[ThreadClosed]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(ThreadReopened, batch=200)
    def hear_thread_reopened(self, heard: list[Envelope[ThreadReopened]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(ThreadShared, batch=200)
    def hear_thread_shared(self, heard: list[Envelope[ThreadShared]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(PostReacted, batch=200)
    def hear_post_reacted(self, heard: list[Envelope[PostReacted]], work: Work) -> None:
        self._hear([_with_news(envelope) for envelope in heard], work)

    @subscribe(PostHeld, batch=200)
    def hear_post_held(self, heard: list[Envelope[PostHeld]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(HeldPostDecided, batch=200)
    def hear_held_post_decided(self, heard: list[Envelope[HeldPostDecided]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(CaseWaits, batch=200)
    def hear_case_waits(self, heard: list[Envelope[CaseWaits]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(CaseDecided, batch=200)
    def hear_case_decided(self, heard: list[Envelope[CaseDecided]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(ReportDecided, batch=200)
    def hear_report_decided(self, heard: list[Envelope[ReportDecided]], work: Work) -> None:
        self._hear(heard, work)

    @subscribe(PostVisibilityChanged, batch=200)
    def hear_post_visibility_changed(self, heard: list[Envelope[PostVisibilityChanged]], work: Work) -> None:
        """Nobody is told of what is out of sight; what is put back is told to whoever has not been."""
        facts = [envelope.data for envelope in heard]
        self.repositories.hidden.keep(facts)
        if titled := [fact for fact in facts if fact.title]:
            self._keep_titles(titled)
        told = self.repositories.deeds.about_posts(fact.post for fact in facts)
        self.teller.tell([Telling(deed) for deed in told])

    @subscribe(ThreadTitleChanged, batch=200)
    def hear_thread_title_changed(self, heard: list[Envelope[ThreadTitleChanged]], work: Work) -> None:
        self.repositories.titles.keep(envelope.data for envelope in heard)

    @subscribe(HistoryImported, batch=200)
    def hear_history_imported(self, heard: list[Envelope[HistoryImported]], work: Work) -> None:
        """Their writers follow imported threads from now on, and nobody is told."""
        ties = [tie for envelope in heard for tie in ties_of(envelope.data)]
        self.repositories.ties.add(ties)
        self.repositories.titles.keep_openers(envelope.data for envelope in heard)
        self.teller.tell(self.teller.later_in_threads(ties, ()))

    def _keep_titles(self, told: list[PostVisibilityChanged]) -> None:
        """Keep titles that were told with opening posts, but those of threads whose titles were erased since."""
        opened = self.repositories.deeds.by_id(f"post.{fact.post}" for fact in told)
        erased = {deed.thread for deed in opened.values() if deed.title == former.TITLE}
        self.repositories.titles.keep_told_with_posts(fact for fact in told if fact.thread not in erased)

    def _hear(self, heard: Sequence[Envelope[Any]], work: Work) -> None:
        facts: list[Contract] = [envelope.data for envelope in heard]
        if not facts:
            return
        ties = [tie for fact in facts for tie in ties_of(fact)]
        told_at = min(envelope.time for envelope in heard)
        deeds = without_erased(self.store, facts, [deed_of(fact) for fact in facts], told_at)
        self.repositories.ties.add(ties)
        self.repositories.deeds.add(deeds)
        teller = self.teller
        late = teller.later_in_threads(ties, [deed.id for deed in deeds])
        teller.tell([*(Telling(deed) for deed in deeds), *late])
        self.poster.post(deeds)
        numbered = [
            (fact.thread, fact.number) for fact in facts if isinstance(fact, NUMBERED) and fact.number
        ]
        self.repositories.numbers.add(work, numbered, now())


def _with_news(heard: Envelope[PostReacted]) -> Envelope[PostReacted]:
    """With an id for the news, also when told before there was one: the envelope's, which comes again with it."""
    named = heard.data.model_copy(update={"news": heard.data.news or heard.id})
    return heard.model_copy(update={"data": named})


def _names_somebody(edit: PostEdited) -> bool:
    return bool(edit.newly_mentioned or edit.unknown_handles)
