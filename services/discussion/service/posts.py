"""Posts: adding, reading and editing them, their versions, and what readers say of them."""

from services.discussion.domain import access, post, reaction, withheld
from services.discussion.domain.markdown import Rendered, rendered
from services.discussion.repositories import reactions
from services.discussion.repositories.reactions import Reactions
from services.discussion.service import positions
from services.discussion.service.desk import TURNS, deciding_again, named_in, shown_post, shown_posts
from services.discussion.service.saying import Saying
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
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class PostHandlers(Saying):
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
        work = Work()
        added = self.say(work, call.caller, call.thread, call.new.text, said)
        return self.store.commit(work, call, shown_post(added.post, added.facts))

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
            reach=reach,
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
        work = Work()
        said = self.say_otherwise(work, call.caller, call.post, call.new.text, call.revision)
        return self.store.commit(work, call, shown_post(said.post, said.facts))

    @rpc
    def list_post_versions(self, call: ListPostVersions) -> Page[PostVersion]:
        check_is_member(call.caller)
        before = positions.before_revision(call)
        found, _, facts = self.read_post(call.caller, call.post)
        versions = [post.version(found)] if before is None else []
        versions += self.posts.versions(
            found.id, before=found.revision if before is None else before, limit=call.limit + 1
        )
        shown = versions[: call.limit]
        rest = None
        if len(versions) > call.limit:
            rest = positions.revision_cursor(call, shown[-1].revision)
        return Page[PostVersion](items=tuple(withheld.versions(found, shown, facts.system_of)), next=rest)

    @rpc
    def react(self, call: React) -> Post:
        return TURNS.run(call.post, lambda: self._react(call))

    def _react(self, call: React) -> Post:
        member = check_is_member(call.caller)
        before, within, facts = self.read_post(call.caller, call.post)
        by = access.check_takes_part(facts.standing)
        past = self.reactions.past(before.id, member, call.reaction)
        at = now()
        after, news = reaction.reacted(within, before, call.reaction, past, by=by, at=at, news=new_id())
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
