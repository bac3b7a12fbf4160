"""History is brought in whole, once, however often it is sent and wherever it is cut off."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    Imported,
    ImportedPost,
    ImportedThread,
    ImportThreads,
    ListUnanswered,
    Search,
)
from shared.contracts.discussion import HistoryImported, PostAdded, ThreadOpened
from shared.contracts.vocabulary import ThreadKind
from shared.errors import NotAllowed, NotFound
from shared.wiring.store import new_id
from tests.services.discussion_room import Room, room

__all__ = ["room"]

OPERATOR = Caller(operator=True)
BEGAN = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)


def part(
    community: str,
    authors: list[str],
    begin: int = 0,
    id: str | None = None,
    kind: ThreadKind = ThreadKind.QUESTION,
    ids: list[str] | None = None,
) -> ImportedThread:
    """A thread's posts from the `begin`th on, one for each of `authors`, two at each moment."""
    posts = tuple(
        ImportedPost(
            id=ids[n] if ids else new_id(),
            author=author,
            at=BEGAN + timedelta(minutes=(begin + n) // 2),
            html=f"<p>Number {begin + n}</p>",
        )
        for n, author in enumerate(authors)
    )
    return ImportedThread(id=id or new_id(), community=community, kind=kind, title="Old wisdom", posts=posts)


def bring_in(room: Room, *parts: ImportedThread) -> Imported:
    answer: Imported = room.service.import_threads(ImportThreads(caller=OPERATOR, threads=parts))
    return answer


def ids_of(*callers: Caller) -> list[str]:
    return [caller.member for caller in callers if caller.member]


def test_history_keeps_its_times_authors_and_order_and_is_no_news(room: Room) -> None:
    community = room.community()
    ana, ben = room.newcomer(community, name="Ana Price"), room.newcomer(community, name="Ben Okoro")
    sent = part(community, ids_of(ana, ben, ana, ben, ana))
    assert bring_in(room, sent) == Imported(threads=1, posts=5)

    read = room.thread(ben, sent.id)
    assert [post.html for post in read.first_posts] == [f"<p>Number {n}</p>" for n in range(5)]
    assert [post.posted_at for post in read.first_posts] == [post.at for post in sent.posts]
    assert read.first_posts[1].author.name == "Ben Okoro"
    assert read.first_posts[1].author.organisation_name == "Northern Trust"
    assert (read.posts, read.opened_at, read.last_post_at) == (5, BEGAN, BEGAN + timedelta(minutes=2))
    [told] = room.told(HistoryImported, sent.id)
    assert told.participants == tuple(ids_of(ana, ben))
    assert (told.opened_by, told.posts) == (ana.member, 5)
    assert not room.told(ThreadOpened, sent.id)
    assert not room.told(PostAdded, sent.id)
    room.add_post(ben, sent.id)
    assert room.thread(ben, sent.id).posts == 6


def test_a_repetition_changes_nothing(room: Room) -> None:
    community = room.community()
    ana = room.newcomer(community)
    parts = [part(community, ids_of(ana) * n) for n in (1, 3, 60)]
    assert bring_in(room, *parts) == Imported(threads=3, posts=64)
    before = list(room.store.database["threads"].find({"community": community}).sort("_id"))
    assert bring_in(room, *parts) == Imported(threads=0, posts=0)
    assert bring_in(room, *reversed(parts)) == Imported(threads=0, posts=0)
    assert list(room.store.database["threads"].find({"community": community}).sort("_id")) == before
    assert len(room.told(HistoryImported, community)) == 3


def test_a_thread_that_grew_gets_the_posts_that_are_new(room: Room) -> None:
    community = room.community()
    ana, ben = room.newcomer(community), room.newcomer(community)
    sent = part(community, ids_of(ana, ana))
    bring_in(room, sent)
    assert [item.thread for item in unanswered(room, ben, community)] == [sent.id]
    grown = sent.model_copy(update={"posts": sent.posts + part(community, ids_of(ben), 2).posts})
    assert bring_in(room, grown) == Imported(threads=0, posts=1)
    assert room.thread(ana, sent.id).posts == 3
    assert unanswered(room, ben, community) == ()


def unanswered(room: Room, caller: Caller, community: str) -> tuple[Any, ...]:
    items: tuple[Any, ...] = room.service.list_unanswered(
        ListUnanswered(caller=caller, community=community)
    ).items
    return items


def test_a_long_thread_comes_in_parts(room: Room) -> None:
    community = room.community()
    ana, ben = room.newcomer(community), room.newcomer(community)
    first = part(community, ids_of(ana, ben) * 10)
    second = part(community, ids_of(ben, ana) * 10, 20, first.id)
    third = part(community, ids_of(ana), 40, first.id)
    bring_in(room, first)
    bring_in(room, second, third)
    room.add_post(ben, first.id)
    bring_in(room, third, second, first)
    assert room.thread(ana, first.id).posts == 42
    assert [fact.posts for fact in room.told(HistoryImported, first.id)] == [20, 20, 1]


class Killed(Exception):
    """Stands for the end of the process at this place."""


@pytest.mark.parametrize("written", [0, 1, 5])
@pytest.mark.parametrize("step", ["add_posts", "add_threads", "commit"])
def test_what_was_cut_off_is_completed_by_a_repetition(
    room: Room, monkeypatch: pytest.MonkeyPatch, step: str, written: int
) -> None:
    from services.discussion.repositories.history import History

    community = room.community()
    ana, ben = room.newcomer(community), room.newcomer(community)
    parts = [part(community, ids_of(ana, ben, ana)) for _ in range(3)]
    with monkeypatch.context() as cut:
        if step == "commit":
            cut.setattr(type(room.store), "commit", _killed)
        else:
            real = getattr(History, step)

            def some(self: History, new: list[Any]) -> Any:
                real(self, new[:written])
                raise Killed

            cut.setattr(History, step, some)
        with pytest.raises(Killed):
            bring_in(room, *parts)
    bring_in(room, *parts)
    for sent in parts:
        read = room.thread(ana, sent.id)
        assert (read.posts, len(read.first_posts)) == (3, 3)
    assert len(room.told(HistoryImported, community)) == 3
    assert unanswered(room, ana, community) == ()


def _killed(*_: Any, **__: Any) -> None:
    raise Killed


def test_what_the_source_rendered_is_made_harmless_and_can_be_found(room: Room) -> None:
    community = room.community()
    ana = room.newcomer(community)
    assert ana.member
    html = (
        '<p onclick="x()">The <b>wombat</b> said<script>alert(1)</script> '
        '<img src="https://elsewhere.example/t.png" alt="a graph"></p>'
        '<div class="codehilite"><pre><code><span class="kd">def</span> <span>echidna</span></code></pre></div>'
    )
    posts = (
        ImportedPost(id=new_id(), author=ana.member, at=BEGAN, html=html),
        ImportedPost(id=new_id(), author=ana.member, at=BEGAN, html=""),
        ImportedPost(id=new_id(), author=ana.member, at=BEGAN, html="<p>" + "numbat " * 20_000 + "</p>"),
        ImportedPost(id=new_id(), author=ana.member, at=BEGAN, text="A **bilby**"),
    )
    sent = ImportedThread(
        id=new_id(), community=community, kind=ThreadKind.DISCUSSION, title="Thylacine", posts=posts
    )
    bring_in(room, sent)
    first, empty, long, markdown = room.thread(ana, sent.id).first_posts
    assert first.html == (
        "<p>The wombat said "
        '<a href="https://elsewhere.example/t.png" rel="nofollow noopener">a graph</a></p>'
        "<pre><code>def echidna</code></pre>"
    )
    assert (empty.text, empty.html) == ("", "")
    assert len(long.text) == 20_000 * 7 - 1
    assert (markdown.text, markdown.html) == ("A **bilby**", "<p>A <strong>bilby</strong></p>\n")
    for word, post in {"echidna": first, "numbat": long, "bilby": markdown, "thylacine": first}.items():
        hits = room.service.search(Search(caller=ana, words=word, community=community)).items
        assert [hit.post for hit in hits] == [post.post]
    assert not room.service.search(Search(caller=ana, words="codehilite onclick", community=community)).items


def test_only_the_operator_brings_history_in_and_only_into_a_known_community(room: Room) -> None:
    community = room.community()
    ana = room.newcomer(community)
    sent = part(community, ids_of(ana))
    with pytest.raises(NotAllowed):
        room.service.import_threads(ImportThreads(caller=ana, threads=(sent,)))
    unknown = new_id()
    with pytest.raises(NotFound) as refused:
        bring_in(room, part(unknown, ids_of(ana)))
    assert refused.value.community == unknown
    assert bring_in(room) == Imported(threads=0, posts=0)
