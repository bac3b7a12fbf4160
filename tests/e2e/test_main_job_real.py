"""A part of a real archive, live: its people post through the API, in the order in which they once did.

Every inbox is then compared with what an independent reckoning (`oracle.py`) says it should hold.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.archive.lines import read_lines
from deploy.archive.threads import ArchivedThread, Topics, kind_of, title_of
from shared.contracts.vocabulary import ThreadKind
from tests.e2e.archives import corpus
from tests.e2e.members import Member, Town, by_many, eventually
from tests.e2e.oracle import ADDRESSED, NOTHING, Oracle, Somebody

MOST_THREADS, MOST_POSTS, MOST_PEOPLE = 60, 600, 100
HOMES = 9
PROFESSIONS = ("physiotherapist", "nurse", "lecturer", "analyst")
_MENTION = re.compile(r'<span class="user-mention"[^>]*>@([a-z0-9-]+)</span>')
_BLOCK = re.compile(r"</(?:p|li|pre|blockquote|h\d)>|<br/?>")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Turn:
    """One post of the archive, with all that is said by it."""

    at: datetime
    thread: int
    place: int
    author: str
    text: str
    mentions: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A part of the archive: threads that few people wrote, and their posts in the order of time."""

    threads: Sequence[ArchivedThread]
    turns: Sequence[Turn]
    people: Sequence[str]


def piece(folder: Path) -> Piece:
    """Choose threads, as they come, while there is room for their posts and people."""
    chosen: list[ArchivedThread] = []
    people: dict[str, None] = {}
    posts = 0
    for thread in read_lines(folder / "threads.jsonl.gz", ArchivedThread):
        assert isinstance(thread, ArchivedThread)
        writers = {post.author for post in thread.posts}
        if posts + len(thread.posts) > MOST_POSTS or len(writers | people.keys()) > MOST_PEOPLE:
            continue
        chosen.append(thread)
        people.update(dict.fromkeys(post.author for post in thread.posts))
        posts += len(thread.posts)
        if len(chosen) == MOST_THREADS:
            break
    turns = [turn for number, thread in enumerate(chosen) for turn in _turns(number, thread, people)]
    return Piece(chosen, sorted(turns, key=lambda turn: (turn.at, turn.thread, turn.place)), tuple(people))


def _turns(number: int, thread: ArchivedThread, people: dict[str, None]) -> Iterator[Turn]:
    for place, post in enumerate(thread.posts):
        html = post.html or ""
        named = tuple(dict.fromkeys(name for name in _MENTION.findall(html) if name in people))[:20]
        # Mentions stand in a line of their own, so that no code or link can swallow them; others are no mentions.
        line = " ".join(f"@{name}" for name in named)
        words = unescape(_TAG.sub("", _BLOCK.sub("\n", html))).replace("@", "(at)")
        words = "".join(one for one in words if one.isprintable() or one in "\n\t")
        text = f"{line}\n\n{words}".strip()[:39_000] or "…"
        # A thread's first post comes first, whatever its clock said.
        yield Turn(max(post.at, thread.posts[0].at), number, place, post.author, text, named)


@dataclass
class Stage:
    """The people of the piece as members here, and what is reckoned of them."""

    town: Town
    community: str
    members: dict[str, Member]
    oracle: Oracle


@pytest.fixture(scope="module")
def real() -> Piece:
    return piece(corpus())


@pytest.fixture(scope="module")
def stage(real: Piece, town: Town) -> Stage:
    homes = [town.organisation(f"Organisation {number}") for number in range(HOMES)]
    members = {
        name: town.member(homes[number % HOMES], name, PROFESSIONS[number % len(PROFESSIONS)])
        for number, name in enumerate(real.people)
    }
    first, *others = members.values()
    community = town.community(first, "A real community")
    town.bring(community, others)
    town.wait_until_known(community, list(members.values()))
    oracle = Oracle()
    for number, (name, member) in enumerate(members.items()):
        level = {3: ADDRESSED, 7: NOTHING}.get(number % 10)
        oracle.people[name] = Somebody(PROFESSIONS[number % len(PROFESSIONS)], facilitates=member is first)
        if level:
            chosen = member.send("PUT", f"/communities/{community}/level", {"level": level})
            assert chosen.status_code == 200, chosen.text
            oracle.people[name].level = level
    return Stage(town, community, members, oracle)


def test_the_piece_is_a_real_one(real: Piece) -> None:
    # Sizes only: a failure must not show what these people wrote.
    sizes = len(real.threads), len(real.people), len(real.turns)
    mentions = sum(len(turn.mentions) for turn in real.turns)
    in_order = all(before.at <= after.at for before, after in pairwise(real.turns))
    assert (sizes[0] > 40, sizes[1] > 50, sizes[2] > 400, mentions > 10, in_order) == (True,) * 5, sizes


def test_every_inbox_of_a_real_community_is_what_it_should_be(
    real: Piece, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    threads, answers = _replay(real, stage)
    spent = time.monotonic() - began
    _accept_answers(real, stage, threads, answers)
    expected = {name: stage.oracle.inboxes[name] for name in real.people}
    rows = stage.town.database("notifications")["inbox"]
    in_all = sum(map(len, expected.values()))
    eventually(lambda: rows.count_documents({}) >= in_all, 60, 0.1)
    time.sleep(1)
    inboxes = dict(
        zip(real.people, by_many(Member.inbox, [stage.members[name] for name in real.people]), strict=True)
    )
    for name, inbox in inboxes.items():
        held = [((one["kind"], one["link"]), tuple(one["reasons"])) for one in inbox]
        assert len(held) == len(dict(held)), f"{name} was told something twice"
        assert dict(held) == expected[name], f"{name}: missing or too much"
    assert rows.count_documents({}) == in_all
    with capsys.disabled():
        print(
            f"\n  {len(real.turns)} real posts in {len(real.threads)} threads by {len(real.people)} people of "
            f"{HOMES} organisations, {len(real.turns) / spent:.0f} posts/s: {in_all:,} notifications, each once",
            end=" ",
        )


def _replay(real: Piece, stage: Stage) -> tuple[dict[int, str], dict[int, tuple[str, str]]]:
    """Post everything; one who writes no more leaves when half is said.

    Returns:
        the threads, and for each thread the first answer by somebody else with its author.
    """
    threads: dict[int, str] = {}
    answers: dict[int, tuple[str, str]] = {}
    half = len(real.turns) // 2
    still_writing = {turn.author for turn in real.turns[half:]}
    leaver = next(name for name in real.people[1:] if name not in still_writing)
    for number, turn in enumerate(real.turns):
        if number == half:
            _leave(stage, leaver)
        member = stage.members[turn.author]
        inside = [name for name in turn.mentions if stage.oracle.people[name].inside]
        if turn.thread not in threads:
            threads[turn.thread] = _open(real.threads[turn.thread], turn, member, inside, stage)
            continue
        post = member.post(threads[turn.thread], turn.text)["post"]
        stage.oracle.posts(turn.author, threads[turn.thread], post, inside)
        if turn.author != real.threads[turn.thread].posts[0].author:
            answers.setdefault(turn.thread, (post, turn.author))
    return threads, answers


def _open(archived: ArchivedThread, turn: Turn, member: Member, inside: list[str], stage: Stage) -> str:
    title = title_of(archived.topic, Topics.ESCAPED)
    kind = kind_of(archived, title)
    professions = [PROFESSIONS[turn.thread % len(PROFESSIONS)]] if turn.thread % 3 == 0 else []
    thread = str(
        member.open_thread(stage.community, title, turn.text, kind=kind.value, professions=professions)[
            "thread"
        ]
    )
    stage.oracle.opens(
        turn.author,
        thread,
        is_question=kind is ThreadKind.QUESTION,
        mentions=inside,
        professions=professions,
    )
    return thread


def _leave(stage: Stage, leaver: str) -> None:
    member = stage.members[leaver]
    path = f"/communities/{stage.community}/memberships/{member.id}/ending"
    assert member.send("PUT", path, {}).status_code == 200
    stage.oracle.leaves(leaver)


def _accept_answers(
    real: Piece, stage: Stage, threads: dict[int, str], answers: dict[int, tuple[str, str]]
) -> None:
    for number, (post, author) in answers.items():
        asker = real.threads[number].posts[0].author
        there = stage.oracle.threads[threads[number]]
        if there.is_question and stage.oracle.people[asker].inside:
            stage.members[asker].accept(threads[number], post)
            stage.oracle.accepts(asker, threads[number], post, author)
