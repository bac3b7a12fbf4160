"""Makes the demo on a node, by the calls that everybody's things are made by."""

from datetime import datetime

from deploy.demo import cast
from deploy.demo.cast import Community, Person, Thread
from deploy.demo.passing_over import PassingOver
from deploy.node.asking import OPERATOR, Asking
from shared.contracts.calls import discussion, membership
from shared.contracts.calls.call import Caller, Done, Heard
from shared.contracts.calls.discussion import ImportedPost, ImportedThread


def make(asking: Asking, now: datetime, passing: PassingOver) -> None:
    """Make whatever of the demo is not there yet.

    Args:
        asking: to the node.
        now: the moment before which the threads took place.
        passing: notes what the node refuses.
    """
    for organisation in cast.ORGANISATIONS:
        with passing.step(organisation.new.name):
            asking.ask(
                membership.RegisterOrganisation(caller=OPERATOR, id=organisation.id, new=organisation.new),
                membership.Organisation,
            )
    for community in cast.COMMUNITIES:
        with passing.step(community.people[0].new.name):
            _register_founder(asking, community.people[0])
        with passing.step(community.new.title):
            _start(asking, community, now)
        with passing.step(f"The threads of {community.new.title}"):
            _bring_threads(asking, community, now)
        for thread in community.threads:
            if thread.accepted is not None:
                with passing.step(f"The accepted answer to {thread.title}"):
                    _accept(asking, thread, thread.accepted)


def caller(person: Person) -> Caller:
    """That person, calling for themselves."""
    return Caller(member=person.id, organisation=person.organisation.id)


def _register_founder(asking: Asking, founder: Person) -> None:
    asking.ask(
        membership.RegisterMember(
            caller=OPERATOR, organisation=founder.organisation.id, id=founder.id, new=founder.new
        ),
        membership.Member,
    )


def _start(asking: Asking, community: Community, now: datetime) -> None:
    founder = community.people[0]
    as_founder = Caller(operator=True, member=founder.id, organisation=founder.organisation.id)
    asking.ask(
        membership.StartCommunity(caller=as_founder, id=community.id, new=community.new), membership.Community
    )
    people = tuple(
        membership.ImportedMember(id=person.id, organisation=person.organisation.id, new=person.new)
        for person in community.people
    )
    asking.ask(
        membership.ImportMembers(caller=OPERATOR, community=community.id, since=now, members=people), Done
    )


def _bring_threads(asking: Asking, community: Community, now: datetime) -> None:
    last = community.people[-1]
    heard = Heard(
        community=community.id,
        community_revision=1,
        membership=f"{community.id}:{last.id}",
        membership_revision=1,
    )
    threads = tuple(_as_imported(thread, community, now) for thread in community.threads)
    asking.ask(discussion.ImportThreads(caller=OPERATOR, heard=heard, threads=threads), discussion.Imported)


def _as_imported(thread: Thread, community: Community, now: datetime) -> ImportedThread:
    posts = tuple(
        ImportedPost(id=thread.post_id(place), author=said.by.id, at=now - said.ago, text=said.text)
        for place, said in enumerate(thread.posts)
    )
    return ImportedThread(
        id=thread.id,
        community=community.id,
        kind=thread.kind,
        title=thread.title,
        interests=thread.interests,
        posts=posts,
    )


def _accept(asking: Asking, thread: Thread, place: int) -> None:
    asker = caller(thread.posts[0].by)
    there = asking.ask(discussion.GetThread(caller=asker, thread=thread.id), discussion.Thread)
    if there.accepted_answer is None:
        accepted = discussion.AcceptedAnswer(post=thread.post_id(place))
        asking.ask(
            discussion.AcceptAnswer(
                caller=asker, thread=thread.id, accepted=accepted, revision=there.revision
            ),
            discussion.ThreadSummary,
        )
