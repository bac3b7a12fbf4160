"""From a fact to the deed that it tells of, and to where that is read."""

from functools import singledispatch

from services.notifications.domain import case_deed
from services.notifications.domain.deed import Deed
from shared.contracts import discussion, membership
from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import NotificationKind, ThreadKind


def thread_link(thread: str) -> str:
    """Where a thread is read."""
    return f"/v1/threads/{thread}"


def post_link(post: str) -> str:
    """Where a post is read."""
    return f"/v1/posts/{post}"


def held_post_link(held_post: str) -> str:
    """Where a held post is read, by those who may."""
    return f"/v1/held-posts/{held_post}"


@singledispatch
def deed_of(fact: Contract) -> Deed:
    """The deed that a fact tells of.

    Raises:
        TypeError: nobody is notified of such a fact.
    """
    raise TypeError(f"{type(fact).__name__} is no deed to notify of")


@deed_of.register
def _(fact: discussion.ThreadOpened) -> Deed:
    return Deed(
        id=f"post.{fact.post}",
        thing=f"post.{fact.post}",
        kind=NotificationKind.THREAD_OPENED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=thread_link(fact.thread),
        by=fact.author,
        by_name=fact.author_name,
        at=fact.at,
        mentions=fact.mentions,
        unknown_handles=fact.unknown_handles,
        professions=tuple(profession.lower() for profession in fact.professions),
        interests=tuple(interest.lower() for interest in fact.interests),
        organisation=fact.organisation,
        thread_organisation=fact.organisation,
        title_withheld=fact.title_withheld,
        number=fact.number,
    )


@deed_of.register
def _(fact: discussion.PostAdded) -> Deed:
    return Deed(
        id=f"post.{fact.post}",
        thing=f"post.{fact.post}",
        kind=NotificationKind.POST_ADDED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=post_link(fact.post),
        by=fact.author,
        by_name=fact.author_name,
        at=fact.at,
        mentions=fact.mentions,
        unknown_handles=fact.unknown_handles,
        asker=fact.opened_by if fact.kind is ThreadKind.QUESTION else None,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
        number=fact.number,
    )


@deed_of.register
def _(fact: discussion.PostEdited) -> Deed:
    return Deed(
        id=f"mention.{fact.post}.{fact.revision}",
        thing=f"post.{fact.post}",
        kind=NotificationKind.MENTIONED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=post_link(fact.post),
        by=fact.editor,
        by_name=fact.editor_name,
        at=fact.at,
        mentions=fact.newly_mentioned,
        unknown_handles=fact.unknown_handles,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
    )


@deed_of.register
def _(fact: discussion.AnswerAccepted) -> Deed:
    return Deed(
        id=f"answer.{fact.post}",
        thing=f"answer.{fact.post}",
        kind=NotificationKind.ANSWER_ACCEPTED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=post_link(fact.post),
        by=fact.accepted_by,
        by_name=fact.accepted_by_name,
        at=fact.at,
        asker=fact.opened_by,
        subject=fact.answered_by,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
        number=fact.number,
    )


@deed_of.register
def _(fact: discussion.ThreadClosed) -> Deed:
    return Deed(
        id=f"closed.{fact.thread}.{fact.revision}",
        thing=f"closed.{fact.thread}.{fact.revision}",
        kind=NotificationKind.THREAD_CLOSED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=thread_link(fact.thread),
        by=fact.closed_by,
        by_name=fact.closed_by_name,
        at=fact.at,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
        number=fact.number,
    )


@deed_of.register
def _(fact: discussion.ThreadReopened) -> Deed:
    return Deed(
        id=f"reopened.{fact.thread}.{fact.revision}",
        thing=f"reopened.{fact.thread}.{fact.revision}",
        kind=NotificationKind.THREAD_REOPENED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=thread_link(fact.thread),
        by=fact.reopened_by,
        by_name=fact.reopened_by_name,
        at=fact.at,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
        number=fact.number,
    )


@deed_of.register
def _(fact: discussion.ThreadShared) -> Deed:
    return Deed(
        # With its moment: shared again with a guest who left and came back, it is another deed.
        id=f"shared.{fact.thread}.{fact.guest}.{fact.at:%Y%m%dT%H%M%S%f}",
        thing=f"shared.{fact.thread}",
        kind=NotificationKind.THREAD_SHARED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=thread_link(fact.thread),
        by=fact.shared_by,
        by_name=fact.shared_by_name,
        at=fact.at,
        subject=fact.guest,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
    )


@deed_of.register
def _(fact: discussion.PostReacted) -> Deed:
    # Systems read this id of whose names they may not know; what was told without `news` has it from its envelope.
    return Deed(
        id=f"reacted.{fact.post}.{fact.news}",
        thing=f"reacted.{fact.post}.{fact.news}",
        kind=NotificationKind.POST_REACTED,
        community=fact.community,
        thread=fact.thread,
        title=fact.title,
        link=post_link(fact.post),
        by=fact.reacted_by,
        by_name=fact.reacted_by_name,
        at=fact.at,
        subject=fact.author,
        organisation=fact.organisation,
        thread_organisation=fact.thread_organisation,
        title_withheld=fact.title_withheld,
    )


@deed_of.register
def _(fact: membership.JoinRequested) -> Deed:
    return Deed(
        id=f"join.{fact.request}",
        thing=f"join.{fact.request}",
        kind=NotificationKind.JOIN_REQUESTED,
        community=fact.community,
        title=fact.community_title,
        link=f"/v1/communities/{fact.community}/join-requests",
        by=fact.member,
        by_name=fact.member_name,
        at=fact.at,
        organisation=fact.organisation,
    )


@deed_of.register
def _(fact: membership.JoinDecided) -> Deed:
    return Deed(
        id=f"decided.{fact.request}",
        thing=f"decided.{fact.request}",
        kind=NotificationKind.JOIN_APPROVED if fact.approved else NotificationKind.JOIN_DECLINED,
        community=fact.community,
        title=fact.community_title,
        link=f"/v1/communities/{fact.community}",
        by=fact.decided_by,
        by_name=None,
        at=fact.at,
        subject=fact.member,
    )


@deed_of.register
def _(fact: discussion.PostHeld) -> Deed:
    return Deed(
        id=f"held.{fact.held_post}",
        thing=f"held.{fact.held_post}",
        kind=NotificationKind.POST_HELD,
        community=fact.community,
        title="A post waits for a decision",
        link=held_post_link(fact.held_post),
        by=fact.author,
        by_name=fact.author_name,
        at=fact.at,
    )


@deed_of.register
def _(fact: discussion.HeldPostDecided) -> Deed:
    kind = NotificationKind.HELD_POST_RELEASED if fact.released else NotificationKind.HELD_POST_DECLINED
    return Deed(
        id=f"held-decided.{fact.held_post}",
        thing=f"held-decided.{fact.held_post}",
        kind=kind,
        community=fact.community,
        title="Your held post was released" if fact.released else "Your held post was declined",
        link=held_post_link(fact.held_post),
        by=fact.decided_by,
        by_name=None,
        at=fact.at,
        subject=fact.author,
    )


deed_of.register(case_deed.waits)
deed_of.register(case_deed.decided)
deed_of.register(case_deed.report_decided)
