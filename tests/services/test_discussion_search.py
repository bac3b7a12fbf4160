"""Search finds what the caller may see, best match first, and takes what was typed literally."""

import time

import pytest

from services.discussion.repositories import found as found_posts
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import NewShare, Search, ShareThread
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import Invalid
from shared.wiring.store import new_id
from tests.services.discussion_room import Room, room

__all__ = ["room"]


def found(room: Room, caller: Caller, words: str, community: str | None = None) -> list[str]:
    page = room.service.search(Search(caller=caller, words=words, community=community))
    return [item.post for item in page.items]


def test_posts_and_titles_are_found_with_their_thread(room: Room) -> None:
    community = room.community()
    author = room.newcomer(community, name="Ana Price")
    opened = room.open_thread(author, community, "Something else", title="Quokka walking frames")
    post = room.add_post(author, opened.thread, "We lend each **quokka** a frame.")
    room.open_thread(author, community, "Nothing of the kind")

    page = room.service.search(Search(caller=room.member(), words="quokkas", community=community))
    assert [item.post for item in page.items] == [opened.first_posts[0].post, post.post], (
        "a title weighs more"
    )
    hit = page.items[1]
    assert (hit.title, hit.thread, hit.author.name) == ("Quokka walking frames", opened.thread, "Ana Price")
    assert "quokka" in hit.excerpt


def test_every_hit_is_on_exactly_one_page(room: Room) -> None:
    community = room.community()
    author = room.newcomer(community)
    thread = room.open_thread(author, community, "narwhal").thread
    posts = [room.add_post(author, thread, "narwhal " * (1 + n % 3)).post for n in range(10)]
    pages, after = [], None
    while True:
        page = room.service.search(Search(caller=author, words="narwhal", limit=3, after=after))
        pages += [item.post for item in page.items]
        after = page.next
        if after is None:
            break
    assert len(pages) == 11
    assert set(posts) < set(pages)


def test_a_closed_communitys_posts_are_found_by_its_members_only(room: Room) -> None:
    community = room.community(Visibility.CLOSED)
    member, outsider = room.newcomer(community), room.member()
    post = room.open_thread(member, community, "pangolin").first_posts[0].post
    assert found(room, member, "pangolin") == [post]
    assert found(room, outsider, "pangolin") == []
    assert found(room, room.joins(outsider, room.community()), "pangolin") == []
    room.joins(member, community, None)
    assert found(room, member, "pangolin") == []


def test_a_guest_finds_only_what_is_shared_with_them(room: Room) -> None:
    for visibility in Visibility:
        community = room.community(visibility)
        member, guest = room.newcomer(community), room.newcomer(community, Role.GUEST)
        word = f"okapi{visibility.value}"
        shared = room.open_thread(member, community, word)
        room.open_thread(member, community, word)
        assert found(room, guest, word) == []
        assert guest.member
        new = NewShare(guest=guest.member)
        room.service.share_thread(ShareThread(caller=member, thread=shared.thread, new=new))
        assert found(room, guest, word) == [shared.first_posts[0].post]
        assert found(room, guest, word, community) == [shared.first_posts[0].post]


def test_who_is_at_home_nowhere_finds_nothing(room: Room) -> None:
    community = room.community()
    author = room.newcomer(community)
    room.open_thread(author, community, "axolotl")
    assert author.member
    assert found(room, author, "axolotl")
    room.change_member(author.member, "Gil Hart", None)
    assert found(room, author, "axolotl") == []


@pytest.mark.parametrize(
    "words",
    [
        "(a+)+$",
        ".*",
        "$where",
        '{"$gt": ""}',
        "[",
        "\\",
        '"',
        '"capybara',
        "-",
        "--",
        '-"-',
        "(" * 199,
        "^a*a*a*$",
    ],
)
def test_what_was_typed_is_taken_literally_and_soon_answered(room: Room, words: str) -> None:
    community = room.community()
    author = room.newcomer(community)
    room.open_thread(author, community, "a" * 5_000 + " capybara")
    began = time.monotonic()
    found(room, author, words, community)
    assert time.monotonic() - began < 1


def test_a_hyphen_excludes_nothing(room: Room) -> None:
    community = room.community()
    author = room.newcomer(community)
    post = room.open_thread(author, community, "capybara tapir").first_posts[0].post
    assert found(room, author, "capybara -tapir", community) == [post]
    assert found(room, author, '"capybara tapir"', community) == [post]
    assert found(room, author, '"tapir capybara"', community) == []


@pytest.mark.parametrize("seconds", [0.0001, 0.002])
def test_words_that_are_in_too_many_posts_are_refused_in_time(
    room: Room, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    community = room.community()
    author = room.newcomer(community)
    rows = [
        {"_id": new_id(), "thread": "none", "community": community, "text": f"gharial {n} " * 40}
        for n in range(6_000)
    ]
    room.store.database["posts"].insert_many(rows)
    monkeypatch.setattr(found_posts, "SECONDS", seconds)
    with pytest.raises(Invalid) as refused:
        found(room, author, "gharial", community)
    assert refused.value.code == "search-too-broad"
    room.store.database["posts"].delete_many({"thread": "none"})
