"""How something comes to be said: by its author at once, or later in their name, when it was held.

Each of these adds to a `Work` what is to happen; whoever asks commits it. Unless a facilitator has
released it, the guard looks first, after it is clear that the caller may say anything here at all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from services.discussion.domain import access, gate, guard, post, thread
from services.discussion.domain.experience import text_of
from services.discussion.domain.guard import Marks, Rules
from services.discussion.domain.markdown import Rendered, rendered
from services.discussion.domain.mention import candidates
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from services.discussion.repositories.cases import Cases
from services.discussion.repositories.copies import Facts
from services.discussion.service.desk import Desk, count_written
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.calls.discussion import NewThread
from shared.contracts.vocabulary import Confidential
from shared.errors import NOWHERE
from shared.wiring import metrics
from shared.wiring.store import Work, new_id, now


class Said(NamedTuple):
    """A post that was said, its thread, and what is needed to show both."""

    thread: Thread
    post: Post
    facts: Facts


class Saying(Desk):
    """The ways to say something."""

    def begin_thread(
        self, work: Work, caller: Caller, community: str, new: NewThread, *, released_by: str | None = None
    ) -> Said:
        """Open a thread in `community`."""
        member = check_is_member(caller)
        text = text_of(new)
        html, handles = rendered(text)
        facts = self.copies.read(caller, community, members=[member], handles=candidates(handles))
        by = access.check_opens_threads(facts.standing)
        seen = looked_at(gate.parts_of(new), facts.rules, released_by)
        over, under = seen.pop("title"), _together(seen.values())
        mentions = self.mentions(handles, facts, author=member)
        id, first = new_id(), new_id()
        opened, news = thread.opened(
            new, by=by, community=community, id=id, post=first, mentions=mentions, at=now()
        )
        opened = opened.model_copy(update={"marks": over})
        opening = post.opening(opened, by=by, id=first, text=text, html=html, mentions=mentions, marks=under)
        self.threads.add(work, opened)
        self.posts.add(work, opening)
        work.tell(news)
        work.afterwards(metrics.THREADS_OPENED.labels(opened.kind).inc)
        work.afterwards(partial(count_written, caller))
        return Said(opened, opening, facts)

    def say(
        self,
        work: Work,
        caller: Caller,
        within: str,
        text: str,
        said: Rendered,
        *,
        released_by: str | None = None,
    ) -> Said:
        """Add a post to the thread `within`."""
        member = check_is_member(caller)
        found = self.threads.find(within)
        facts = self.copies.read(
            caller,
            found.community if found else NOWHERE,
            members=[member],
            handles=candidates(said.handles),
        )
        seen = self.check_crosses(found, facts)
        by = post.check_posts(seen, facts.standing)
        marks = looked_at({"text": text}, facts.rules, released_by)["text"]
        mentions = self.mentions(said.handles, facts, author=member, guests=seen.guests)
        at = now()
        added, news = post.added(
            seen, by=by, id=new_id(), text=text, html=said.html, mentions=mentions, at=at, marks=marks
        )
        self.posts.add(work, added)
        self.threads.count_post(work, seen, author=member, at=at)
        work.tell(news)
        crossing = metrics.crossing(added.organisation, seen.organisation)
        work.afterwards(metrics.POSTS_ADDED.labels(crossing).inc)
        work.afterwards(partial(count_written, caller))
        return Said(seen, added, facts)

    def say_otherwise(
        self, work: Work, caller: Caller, id: str, text: str, seen: int, *, released_by: str | None = None
    ) -> Said:
        """Edit the post `id`, of which revision `seen` was read; the same text again changes nothing."""
        member = check_is_member(caller)
        html, handles = rendered(text)
        before, within, facts = self.read_post(caller, id, handles)
        by = post.check_edits(before, facts.standing, seen=seen)
        if text == before.text:
            return Said(within, before, facts)
        marks = looked_at({"text": text}, facts.rules, released_by)["text"]
        mentions = self.mentions(handles, facts, author=member, guests=within.guests)
        after, news = post.edited(
            within, before, by=by, text=text, html=html, mentions=mentions, at=now(), marks=marks
        )
        self.posts.edit(work, before, after)
        Cases.post_changed(work, [after.id])
        work.tell(news)
        return Said(within, after, facts)


def looked_at(parts: Mapping[str, str], rules: Rules, released_by: str | None) -> dict[str, Marks]:
    """What is kept of the guard's look at each of these texts.

    Raises:
        Invalid: `confidential-content`, when something was found that nobody has released.
    """
    found = gate.findings_in(parts, rules)
    if found and released_by is None:
        for kind, count in guard.counted(gate.all_of(found)).items():
            metrics.GUARD_FOUND.labels(kind, "refused").inc(count)
        raise gate.confidential_content(found)
    return {
        part: Marks(rules=rules.version, found=guard.counted(found.get(part, ())), released_by=released_by)
        for part in parts
    }


def _together(parts: Iterable[Marks]) -> Marks:
    """The marks of a post that was sent in several parts, all looked at by the same rules."""
    marks = list(parts)
    found = sum((Counter(each.found) for each in marks), Counter[Confidential]())
    return marks[0].model_copy(update={"found": dict(found)})
