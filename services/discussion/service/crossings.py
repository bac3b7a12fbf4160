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
        thread, post = self.threads.find(call.item), self.posts.find(call.item)
        if thread is not None:
            kinds = [(kind, thread.opened_at) for kind in (ContentKind.TITLES, ContentKind.THREADS)]
            source, community = thread.organisation, thread.community
        elif post is not None:
            kinds = [(ContentKind.THREADS, post.edited_at or post.posted_at)]
            source, community = post.organisation, post.community
        else:
            raise explaining.no_such_item()
        return explaining.explained(call.item, source, community, kinds, asking=asking, reach=reach)
