"""Posts: many at once, edited with history, mentioning and reacted to."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.contracts.calls.call import Caller, Once
from shared.contracts.calls.discussion import (
    CloseThread,
    Closing,
    EditPost,
    GetPost,
    ListPostVersions,
    NewPost,
    Post,
    React,
    Unreact,
)
from shared.contracts.discussion import PostAdded, PostEdited, PostReacted
from shared.contracts.vocabulary import Reaction, Role, Visibility
from shared.errors import Conflict, NotAllowed, NotFound
from tests.services.discussion_room import Room, handle_of, room

__all__ = ["room"]


def edit(room: Room, caller: Caller, post: str, text: str, revision: int) -> Post:
    answer: Post = room.service.edit_post(
        EditPost(caller=caller, post=post, new=NewPost(text=text), revision=revision)
    )
    return answer


def react(room: Room, caller: Caller, post: str, reaction: Reaction = Reaction.HELPED_ME) -> Post:
    answer: Post = room.service.react(React(caller=caller, post=post, reaction=reaction))
    return answer


def unreact(room: Room, caller: Caller, post: str) -> Post:
    answer: Post = room.service.unreact(Unreact(caller=caller, post=post, reaction=Reaction.HELPED_ME))
    return answer


def test_a_post_is_counted_shown_and_told(room: Room) -> None:
    community = room.community()
    asker, helper = room.newcomer(community), room.newcomer(community, name="Cai Rees")
    opened = room.open_thread(asker, community)
    added = room.add_post(helper, opened.thread, "**Yes**, with *care*.")
    assert added.html == "<p><strong>Yes</strong>, with <em>care</em>.</p>\n"
    assert room.service.get_post(GetPost(caller=asker, post=added.post)) == added
    read = room.thread(asker, opened.thread)
    assert (read.posts, read.last_post_at) == (2, added.posted_at)
    [news] = room.told(PostAdded, opened.thread)
    assert (news.post, news.opened_by, news.author_name, news.title) == (
        added.post,
        asker.member,
        "Cai Rees",
        opened.title,
    )


def test_many_people_post_in_one_thread_at_once_and_all_succeed(room: Room) -> None:
    community = room.community()
    people = [room.newcomer(community) for _ in range(8)]
    thread = room.open_thread(people[0], community).thread
    with ThreadPoolExecutor(16) as pool:
        posts = list(pool.map(lambda n: room.add_post(people[n % 8], thread, str(n)).post, range(96)))
    assert len(set(posts)) == 96
    assert room.thread(people[0], thread).posts == 97
    assert len(room.told(PostAdded, thread)) == 96


def test_a_post_that_races_a_closing_is_either_before_it_or_refused(room: Room) -> None:
    community = room.community()
    people = [room.newcomer(community) for _ in range(6)]
    for _ in range(5):
        thread = room.open_thread(people[0], community).thread

        def one(n: int, thread: str = thread) -> str:
            try:
                if n == 10:
                    closing = Closing(reason="Enough.")
                    call = CloseThread(caller=people[0], thread=thread, closing=closing, revision=1)
                    room.service.close_thread(call)
                    return "closed"
                room.add_post(people[n % 6], thread, str(n))
            except Conflict as refused:
                return refused.code
            return "posted"

        with ThreadPoolExecutor(8) as pool:
            outcomes = Counter(pool.map(one, range(30)))
        assert outcomes["closed"] == 1
        assert set(outcomes) <= {"closed", "posted", "thread-closed"}
        assert room.thread(people[0], thread).posts == 1 + outcomes["posted"]
        assert room.store.database["posts"].count_documents({"thread": thread}) == 1 + outcomes["posted"]


def test_twenty_calls_under_one_promise_make_one_post(room: Room) -> None:
    community = room.community()
    member = room.newcomer(community)
    thread = room.open_thread(member, community).thread
    once = Once(key=f"{member.member}:many", fingerprint="0" * 64)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: room.add_post(member, thread, "Once.", once=once), range(20)))
    assert room.thread(member, thread).posts == 2
    assert len(room.told(PostAdded, thread)) == 1


def test_only_members_post_and_others_are_told_to_join(room: Room) -> None:
    community = room.community()
    thread = room.open_thread(room.newcomer(community), community).thread
    reader = room.member()
    assert room.thread(reader, thread).posts == 1
    with pytest.raises(NotAllowed) as refused:
        room.add_post(reader, thread)
    assert (refused.value.code, refused.value.community) == ("not-a-member", community)
    left = room.joins(room.newcomer(community), community, None)
    with pytest.raises(NotAllowed):
        room.add_post(left, thread)


# Editing


def test_an_edit_keeps_what_was_there(room: Room) -> None:
    community = room.community()
    author = room.newcomer(community)
    opened = room.open_thread(author, community, "First words")
    post = opened.first_posts[0]
    once = edit(room, author, post.post, "Second words", 1)
    twice = edit(room, author, post.post, "Third words", 2)
    assert (once.revision, twice.revision) == (2, 3)
    assert twice.edited_at is not None
    assert edit(room, author, post.post, "Third words", 3).revision == 3, "the same text is no edit"

    texts, after = [], None
    while True:
        page = room.service.list_post_versions(
            ListPostVersions(caller=author, post=post.post, limit=2, after=after)
        )
        texts += [(version.revision, version.text) for version in page.items]
        after = page.next
        if after is None:
            break
    assert texts == [(3, "Third words"), (2, "Second words"), (1, "First words")]


def test_only_its_author_edits_a_post_and_only_as_it_is_now(room: Room) -> None:
    community = room.community()
    author, facilitator = room.newcomer(community), room.newcomer(community, Role.FACILITATOR)
    post = room.open_thread(author, community).first_posts[0].post
    with pytest.raises(NotAllowed) as refused:
        edit(room, facilitator, post, "Better", 1)
    assert refused.value.code == "not-yours"
    edit(room, author, post, "Better", 1)
    with pytest.raises(Conflict) as stale:
        edit(room, author, post, "Worse", 1)
    assert stale.value.code == "stale-revision"


def test_of_many_edits_of_one_revision_one_succeeds(room: Room) -> None:
    community = room.community()
    author = room.newcomer(community)
    post = room.open_thread(author, community).first_posts[0].post

    def one(n: int) -> str:
        try:
            return edit(room, author, post, f"Version {n}", 1).text
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(one, range(8)))
    assert outcomes["stale-revision"] == 7
    assert len(room.told(PostEdited, post)) == 1


def test_an_edit_tells_whom_it_names_for_the_first_time(room: Room) -> None:
    community = room.community()
    author, first, second = (room.newcomer(community) for _ in range(3))
    at_first, at_second = handle_of(first.member), handle_of(second.member)
    post = room.open_thread(author, community, f"@{at_first}").first_posts[0].post
    edit(room, author, post, "Nobody", 1)
    edit(room, author, post, f"@{at_first} and @{at_second}", 2)
    told = room.told(PostEdited, post)
    assert [fact.newly_mentioned for fact in told] == [(), (second.member,)]


# Mentions


def test_mentions_name_members_who_may_see_the_thread(room: Room) -> None:
    community = room.community(Visibility.CLOSED)
    author, member = room.newcomer(community), room.newcomer(community)
    guest, stranger = room.newcomer(community, Role.GUEST), room.member()
    gone = room.joins(room.newcomer(community), community, None)
    names = " ".join(f"@{handle_of(one.member)}" for one in (author, guest, stranger, gone, member, member))
    opened = room.open_thread(author, community, f"{names} @nobody `@{handle_of(member.member)}`")
    assert opened.first_posts[0].mentions == (member.member,)


def test_a_mention_in_code_names_nobody(room: Room) -> None:
    community = room.community()
    author, member = room.newcomer(community), room.newcomer(community)
    handle = handle_of(member.member)
    opened = room.open_thread(author, community, f"`@{handle}`\n\n```\n@{handle}\n```\n\n    @{handle}")
    assert opened.first_posts[0].mentions == ()


# Reactions


def test_a_reaction_is_counted_and_told_once_ever(room: Room) -> None:
    community = room.community()
    author, reader = room.newcomer(community), room.newcomer(community)
    post = room.open_thread(author, community).first_posts[0].post
    assert react(room, reader, post).reactions == {Reaction.HELPED_ME: 1}
    assert react(room, reader, post).reactions == {Reaction.HELPED_ME: 1}
    assert unreact(room, reader, post).reactions == {}
    assert unreact(room, reader, post).reactions == {}
    assert react(room, reader, post).reactions == {Reaction.HELPED_ME: 1}
    both = react(room, reader, post, Reaction.SAME_HERE)
    assert both.reactions == {Reaction.HELPED_ME: 1, Reaction.SAME_HERE: 1}
    assert both.revision == 1
    told = room.told(PostReacted, post)
    assert [fact.reaction for fact in told] == [Reaction.HELPED_ME, Reaction.SAME_HERE]
    assert {fact.author for fact in told} == {author.member}


def test_one_reader_who_reacts_many_times_at_once_counts_once(room: Room) -> None:
    community = room.community()
    readers = [room.newcomer(community) for _ in range(4)]
    post = room.open_thread(room.newcomer(community), community).first_posts[0].post
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: react(room, readers[n % 4], post), range(24)))
    read = room.service.get_post(GetPost(caller=readers[0], post=post))
    assert read.reactions == {Reaction.HELPED_ME: 4}
    assert len(room.told(PostReacted, post)) == 4


def test_who_only_reads_does_not_react(room: Room) -> None:
    community = room.community()
    post = room.open_thread(room.newcomer(community), community).first_posts[0].post
    with pytest.raises(NotAllowed):
        react(room, room.member(), post)


# Authors


def test_an_author_is_shown_as_they_are_now_and_keeps_their_name_after_leaving(room: Room) -> None:
    community = room.community()
    author, reader = room.newcomer(community, name="Ana Price"), room.newcomer(community)
    assert author.member
    thread = room.open_thread(author, community).thread
    room.change_member(author.member, "Ana Price-Lloyd", room.organisation("Southern Trust"))
    shown = room.thread(reader, thread).author
    assert (shown.name, shown.organisation_name) == ("Ana Price-Lloyd", "Southern Trust")
    room.change_member(author.member, "Ana Price-Lloyd", None, active=False)
    shown = room.thread(reader, thread).author
    assert (shown.name, shown.organisation_name) == ("Ana Price-Lloyd", None)
    with pytest.raises(NotFound):
        room.thread(author, thread)
