"""What does that organisation get to see, and why?"""

from services.discussion.domain import explaining
from services.discussion.service.desk import Desk
from shared.contracts.calls.discussion import Crossing, ExplainCrossing
from shared.contracts.vocabulary import ContentKind
from shared.wiring.rpc import rpc


class CrossingHandlers(Desk):
    """The explanation rests on the very same grants by which reads are answered."""

    @rpc
    def explain_crossing(self, call: ExplainCrossing) -> Crossing:
        asking = explaining.asking_organisation(call.caller)
        reach = self.copies.reach_of(call.organisation)
        post = self.posts.find(call.item)
        thread = self.threads.find(post.thread if post else call.item)
        if thread is None:
            raise explaining.no_such_item()
        if call.caller.member is not None:
            facts = self.copies.read(call.caller, thread.community)
            explaining.check_reads(facts.standing, thread)
        about = post or self.posts.of_thread(thread.id, after=None, limit=1)[0]
        if post is not None:
            kinds = [(ContentKind.THREADS, post.edited_at or post.posted_at)]
        else:
            kinds = [(kind, thread.opened_at) for kind in (ContentKind.TITLES, ContentKind.THREADS)]
        return explaining.explained(
            call.item,
            about.organisation,
            thread.community,
            kinds,
            held=explaining.held_back(thread, about, call.organisation),
            asking=asking,
            reach=reach,
        )
