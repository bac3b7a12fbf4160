"""Posts: adding, reading and editing them, their versions, and what readers say of them."""

from functools import partial

from services.discussion.domain import access, post, reaction
from services.discussion.domain.markdown import Rendered, rendered
from services.discussion.domain.mention import candidates
from services.discussion.repositories import reactions
from services.discussion.repositories.reactions import Reactions
from services.discussion.service import positions
from services.discussion.service.desk import (
    TURNS,
    Desk,
    count_written,
    deciding_again,
    named_in,
    shown_post,
    shown_posts,
)
from shared.contracts.calls.call import Page, check_is_member
from shared.contracts.calls.discussion import (
    AddPost,
    EditPost,
    GetPost,
    ListPosts,
    ListPostVersions,
    Post,
    PostVersion,
    React,
    Unreact,
)
from shared.errors import NOWHERE
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class PostHandlers(Desk):
    """The calls about single posts."""

    @property
    def reactions(self) -> Reactions:
        return Reactions(self.store.database)

    @rpc
    def add_post(self, call: AddPost) -> Post:
        check_is_member(call.caller)
        said = rendered(call.new.text)
        return TURNS.run(call.thread, lambda: self._add_post(call, said))

    def _add_post(self, call: AddPost, said: Rendered) -> Post:
        member = check_is_member(call.caller)
        found = self.threads.find(call.thread)
        facts = self.copies.read(
            call.caller,
            found.community if found else NOWHERE,
            members=[member],
            handles=candidates(said.handles),
        )
        within = self.check_crosses(found, facts)
        by = post.check_posts(within, facts.standing)
        mentions = self.mentions(said.handles, facts, author=member, guests=within.guests)
        at = now()
        added, news = post.added(
            within, by=by, id=new_id(), text=call.new.text, html=said.html, mentions=mentions, at=at
        )
        work = Work()
        self.posts.add(work, added)
        self.threads.count_post(work, within, author=member, at=at)
        work.tell(news)
        crossing = metrics.crossing(added.organisation, within.organisation)
        work.afterwards(metrics.POSTS_ADDED.labels(crossing).inc)
        work.afterwards(partial(count_written, call.caller))
        return self.store.commit(work, call, shown_post(added, facts))

    @rpc
    def get_post(self, call: GetPost) -> Post:
        check_is_member(call.caller)
        found, _, facts = self.read_post(call.caller, call.post)
        return shown_post(found, facts)

    @rpc
    def list_posts(self, call: ListPosts) -> Page[Post]:
        check_is_member(call.caller)
        after = positions.after_post(call)
        found = self.threads.find(call.thread)
        reach = self.copies.reach(call.caller)
        posts = self.posts.of_thread(call.thread, after=after, limit=call.limit + 1, reach=reach)
        facts = self.copies.read(
            call.caller,
            found.community if found else NOWHERE,
            members=named_in(posts, call.caller),
            organisations={each.organisation for each in posts},
        )
        self.check_crosses(found, facts)
        shown = posts[: call.limit]
        rest = None
        if len(posts) > call.limit:
            last = shown[-1]
            rest = positions.post_cursor(call, (last.posted_at, last.place, last.id))
        return Page[Post](items=shown_posts(shown, facts), next=rest)

    @rpc
    def edit_post(self, call: EditPost) -> Post:
        member = check_is_member(call.caller)
        html, handles = rendered(call.new.text)
        before, within, facts = self.read_post(call.caller, call.post, handles)
        by = post.check_edits(before, facts.standing, seen=call.revision)
        work = Work()
        after = before
        if call.new.text != before.text:
            mentions = self.mentions(handles, facts, author=member, guests=within.guests)
            after, news = post.edited(
                within, before, by=by, text=call.new.text, html=html, mentions=mentions, at=now()
            )
            self.posts.edit(work, before, after)
            work.tell(news)
        return self.store.commit(work, call, shown_post(after, facts))

    @rpc
    def list_post_versions(self, call: ListPostVersions) -> Page[PostVersion]:
        check_is_member(call.caller)
        before = positions.before_revision(call)
        found, _, _ = self.read_post(call.caller, call.post)
        versions = [post.version(found)] if before is None else []
        versions += self.posts.versions(
            found.id, before=found.revision if before is None else before, limit=call.limit + 1
        )
        shown = versions[: call.limit]
        rest = None
        if len(versions) > call.limit:
            rest = positions.revision_cursor(call, shown[-1].revision)
        return Page[PostVersion](items=tuple(shown), next=rest)

    @rpc
    def react(self, call: React) -> Post:
        return TURNS.run(call.post, lambda: self._react(call))

    def _react(self, call: React) -> Post:
        member = check_is_member(call.caller)
        before, within, facts = self.read_post(call.caller, call.post)
        by = access.check_takes_part(facts.standing)
        past = self.reactions.past(before.id, member, call.reaction)
        at = now()
        after, news = reaction.reacted(within, before, call.reaction, past, by=by, at=at)
        work = Work()
        if past != "standing":
            self.posts.count_reaction(work, before.id, call.reaction, +1)
            self.reactions.stand(work, before.id, member, call.reaction, past, at)
        if news is not None:
            work.tell(news)
        with deciding_again(reactions.COLLECTION):
            return self.store.commit(work, call, shown_post(after, facts))

    @rpc
    def unreact(self, call: Unreact) -> Post:
        return TURNS.run(call.post, lambda: self._unreact(call))

    def _unreact(self, call: Unreact) -> Post:
        member = check_is_member(call.caller)
        before, _, facts = self.read_post(call.caller, call.post)
        access.check_takes_part(facts.standing)
        past = self.reactions.past(before.id, member, call.reaction)
        work = Work()
        if past == "standing":
            self.posts.count_reaction(work, before.id, call.reaction, -1)
            self.reactions.take_back(work, before.id, member, call.reaction)
        after = reaction.taken_back(before, call.reaction, past)
        return self.store.commit(work, call, shown_post(after, facts))
