"""Insisting on a post in which something was found, and deciding what was insisted on."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from services.discussion.domain import access, author, gate, guard, held_post, post
from services.discussion.domain.access import Member
from services.discussion.domain.experience import text_of
from services.discussion.domain.held_post import KEPT, HeldPost, Of
from services.discussion.domain.markdown import rendered
from services.discussion.repositories.copies import Facts
from services.discussion.repositories.held_posts import HeldPosts
from services.discussion.service import positions
from services.discussion.service.desk import TURNS
from services.discussion.service.saying import Said, Saying
from shared.contracts.calls.call import Caller, Page, check_is_member
from shared.contracts.calls.discussion import (
    DecideHeldPost,
    GetHeldPost,
    HoldEdit,
    HoldPost,
    HoldThread,
    ListHeldPosts,
    NewPost,
    NewThread,
    WholeHeldPost,
    WithdrawHeldPost,
)
from shared.contracts.calls.discussion import HeldPost as ShownHeldPost
from shared.errors import NOWHERE, Conflict, NotAllowed, NotFound
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class HeldPostHandlers(Saying):
    """The calls about held posts."""

    @property
    def held_posts(self) -> HeldPosts:
        return HeldPosts(self.store.database)

    # Insisting

    @rpc
    def hold_thread(self, call: HoldThread) -> ShownHeldPost:
        member = check_is_member(call.caller)
        facts = self.copies.read(call.caller, call.community, members=[member])
        by = access.check_opens_threads(facts.standing)
        return self._hold(call, by, facts, call.new, gate.parts_of(call.new), of="thread")

    @rpc
    def hold_post(self, call: HoldPost) -> ShownHeldPost:
        member = check_is_member(call.caller)
        found = self.threads.find(call.thread)
        facts = self.copies.read(call.caller, found.community if found else NOWHERE, members=[member])
        within = self.check_crosses(found, facts)
        by = post.check_posts(within, facts.standing)
        return self._hold(call, by, facts, call.new, {"text": call.new.text}, of="post", thread=within.id)

    @rpc
    def hold_edit(self, call: HoldEdit) -> ShownHeldPost:
        check_is_member(call.caller)
        before, within, facts = self.read_post(call.caller, call.post)
        by = post.check_edits(before, facts.standing, seen=call.revision)
        return self._hold(
            call,
            by,
            facts,
            call.new,
            {"text": call.new.text},
            of="edit",
            thread=within.id,
            post=before.id,
            seen=before.revision,
        )

    def _hold(
        self,
        call: HoldThread | HoldPost | HoldEdit,
        by: Member,
        facts: Facts,
        new: NewThread | NewPost,
        parts: Mapping[str, str],
        *,
        of: Of,
        **where: Any,
    ) -> ShownHeldPost:
        found = guard.counted(gate.all_of(gate.findings_in(parts, facts.rules)))
        if not found:
            raise gate.nothing_found()
        held = HeldPost(
            id=new_id(),
            community=facts.standing.asked_for,
            author=by.id,
            organisation=by.organisation,
            of=of,
            found=found,
            rules=facts.rules.version,
            held_at=now(),
            **where,
        )
        work = Work()
        self.held_posts.add(work, held, new.model_dump(mode="json", exclude_none=True))
        work.tell(held_post.told_of(held, by))
        count_found(work, held, "held")
        return self.store.commit(work, call, shown(held, facts))

    # Reading

    @rpc
    def list_held_posts(self, call: ListHeldPosts) -> Page[ShownHeldPost]:
        after = positions.after_moment(call)
        authors = None if call.caller.operator else self._authors_seen(call)
        found = self.held_posts.waiting(
            call.community,
            authors=authors,
            organisation=call.caller.organisation if call.caller.client else None,
            since=now() - KEPT,
            after=after,
            limit=call.limit + 1,
        )
        page = found[: call.limit]
        facts = self._facts_about_held(call.caller, call.community, page)
        more = len(found) > call.limit
        return Page[ShownHeldPost](
            items=tuple(shown(each, facts) for each in page),
            next=positions.moment_cursor(call, page[-1].held_at, page[-1].id) if more else None,
        )

    def _authors_seen(self, call: ListHeldPosts) -> frozenset[str] | None:
        """Whose held posts the caller sees in a community; None for everybody's."""
        member = check_is_member(call.caller)
        standing = self.copies.read(call.caller, call.community).standing
        access.check_knows_community(standing)
        others = held_post.deciders_others(standing, self.copies.facilitators(call.community))
        return None if others is None else others | {member}

    @rpc
    def get_held_post(self, call: GetHeldPost) -> WholeHeldPost:
        held, facts = self._find_held(call.caller, call.held_post)
        new = None if held.has_lapsed(now()) else self.held_posts.text(held.id)
        title = text = None
        if new is not None:
            title = new.get("title")
            text = text_of(NewThread.model_validate(new)) if held.of == "thread" else str(new["text"])
        return WholeHeldPost(**dict(shown(held, facts)), title=title, text=text)

    # Deciding

    @rpc
    def decide_held_post(self, call: DecideHeldPost) -> ShownHeldPost:
        found = self.held_posts.find(call.held_post)
        turn = (found.thread if found else None) or call.held_post
        return TURNS.run(turn, lambda: self._decide(call))

    def _decide(self, call: DecideHeldPost) -> ShownHeldPost:
        held, facts = self._find_held(call.caller, call.held_post)
        held_post.check_decides(held, call.caller)
        at = now()
        held_post.check_waits(held, seen=call.revision, at=at)
        work = Work()
        made = None
        if call.decision.release:
            made = self._release(work, held, facts, call.caller.member or "operator").post.id
        after, news = held_post.decided(held, call.decision, by=call.caller.member, made=made, at=at)
        self.held_posts.settle(work, held, after)
        work.tell(news)
        count_found(work, held, after.state)
        return self.store.commit(work, call, shown(after, facts))

    def _release(self, work: Work, held: HeldPost, facts: Facts, by: str) -> Said:
        """Say it now, as its author would."""
        new = self.held_posts.text(held.id)
        if new is None:
            raise Conflict("This held post doesn't wait any more.", "already-decided", "held_post")
        writer = facts.members.get(held.author)
        if writer is not None and held.organisation not in (None, writer.organisation):
            raise held_post.author_has_moved()
        caller = Caller(member=held.author, organisation=writer.organisation if writer else None)
        try:
            if held.of == "thread":
                whole = NewThread.model_validate(new)
                return self.begin_thread(work, caller, held.community, whole, released_by=by)
            text = str(new["text"])
            if held.post is not None:
                return self.say_otherwise(work, caller, held.post, text, held.seen, released_by=by)
            return self.say(work, caller, held.thread or "", text, rendered(text), released_by=by)
        except (NotFound, NotAllowed, Conflict) as refusal:
            raise held_post.stays(refusal) from refusal

    @rpc
    def withdraw_held_post(self, call: WithdrawHeldPost) -> ShownHeldPost:
        check_is_member(call.caller)
        held, facts = self._find_held(call.caller, call.held_post)
        after = held_post.withdrawn(held, facts.standing, seen=call.revision, at=now())
        work = Work()
        self.held_posts.settle(work, held, after)
        return self.store.commit(work, call, shown(after, facts))

    def _find_held(self, caller: Caller, id: str) -> tuple[HeldPost, Facts]:
        """A held post the caller may know of, and what is needed to show it."""
        if not caller.operator:
            check_is_member(caller)
        found = self.held_posts.find(id)
        if found and caller.client is not None and found.organisation != caller.organisation:
            found = None  # what is held crosses to no system but its own organisation's
        community = found.community if found else NOWHERE
        facts = self._facts_about_held(caller, community, [found] if found else [])
        facilitators = self.copies.facilitators(community)
        return held_post.check_sees(found, caller, facts.standing, facilitators), facts

    def _facts_about_held(self, caller: Caller, community: str, held: Iterable[HeldPost]) -> Facts:
        return self.copies.read(
            caller,
            community,
            members={each.author for each in held},
            organisations={each.organisation for each in held},
        )


def shown(held: HeldPost, facts: Facts) -> ShownHeldPost:
    """A held post as who may know of it sees it."""
    return held_post.shown(held, author.shown(held.author, facts.members, facts.organisations), now())


def count_found(work: Work, held: HeldPost, outcome: str) -> None:
    """Count what came of what was found, once it is committed."""
    for kind, count in held.found.items():
        work.afterwards(partial(metrics.GUARD_FOUND.labels(kind, outcome).inc, count))
