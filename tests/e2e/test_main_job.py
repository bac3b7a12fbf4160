"""The main job: a question crosses organisations, and whoever should know is told once, with the reason."""

import time
from dataclasses import dataclass

import pytest

from shared.contracts.vocabulary import Sector
from tests.e2e.members import Member, Town, eventually
from tests.e2e.streams import stream

SECONDS = 5.0
"""What is held here; a node with its cores to itself takes a tenth of a second."""


@dataclass
class People:
    """A community of three organisations: Ann facilitates; Eve of the council is in none."""

    community: str
    ann: Member
    bob: Member
    cat: Member
    dan: Member
    eve: Member

    @property
    def inside(self) -> tuple[Member, ...]:
        return self.ann, self.bob, self.cat, self.dan


@pytest.fixture(scope="module")
def people(town: Town) -> People:
    board = town.organisation("A health board", Sector.HEALTH, "Wales")
    council = town.organisation("A council", Sector.SOCIAL_CARE, "England")
    university = town.organisation("A university", Sector.HIGHER_EDUCATION, "Scotland")
    ann = town.member(board, "Ann Price", "physiotherapist")
    bob = town.member(council, "Bob Ashworth", "care-home manager", "falls")
    cat = town.member(university, "Cat Munro", "lecturer")
    dan = town.member(board, "Dan Rees", "physiotherapist")
    eve = town.member(council, "Eve Stone", "physiotherapist", "falls")
    community = town.community(ann, "Falls prevention")
    for member in (bob, cat, dan):
        joined = member.send("POST", f"/communities/{community}/join-requests", {})
        assert joined.status_code == 201, joined.text
    town.wait_until_known(community, [ann, bob, cat, dan])
    return People(community, ann, bob, cat, dan, eve)


def told_of(member: Member, link: str) -> list[dict[str, object]]:
    """What a member's inbox has with that link."""
    return [one for one in member.inbox() if one["link"] == link]


def test_a_question_reaches_everybody_who_should_know_once_with_the_reason_and_is_answered(
    town: Town, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    bob, cat = people.bob, people.cat
    began = time.monotonic()
    thread = bob.open_thread(
        people.community,
        "Who has tried rails on both sides?",
        "Did it help, @cat.munro?",
        professions=["physiotherapist"],
    )
    link = f"/v1/threads/{thread['thread']}"
    others = [member for member in people.inside if member is not bob]
    eventually(lambda: all(told_of(member, link) for member in others), SECONDS, 0.01)
    with capsys.disabled():
        print(f"\n  question → every inbox: {(time.monotonic() - began) * 1000:.0f} ms", end=" ")
    reasons = {member.name: told_of(member, link)[0]["reasons"] for member in others}
    assert reasons == {
        "Ann Price": ["you facilitate", "you follow", "your profession is needed"],
        "Cat Munro": ["you were mentioned", "you follow"],
        "Dan Rees": ["you follow", "your profession is needed"],
    }
    assert told_of(bob, link) == []

    answer = cat.post(thread["thread"], "It did: nobody fell on the stairs since.")
    link = f"/v1/posts/{answer['post']}"
    told = eventually(lambda: told_of(bob, link), SECONDS)
    assert [(one["kind"], one["reasons"], one["by"]) for one in told] == [
        ("post added", ["you asked", "you follow"], "Cat Munro")
    ]

    bob.accept(thread["thread"], answer["post"])
    told = eventually(
        lambda: [one for one in told_of(cat, link) if one["kind"] == "answer accepted"], SECONDS
    )
    assert told[0]["reasons"] == ["you follow", "it is about you"]
    assert people.ann.read(f"/threads/{thread['thread']}")["accepted_answer"] == answer["post"]

    time.sleep(0.5)
    for member in people.inside:
        links = [(one["kind"], one["link"]) for one in member.inbox()]
        assert len(links) == len(set(links)), f"{member.name} was told something twice"
    assert people.eve.inbox() == []
    assert people.eve.unread() == 0


def test_the_inbox_counts_what_is_unread_and_forgets_it_when_read(town: Town, people: People) -> None:
    dan = people.dan
    before = dan.unread()
    thread = people.ann.open_thread(people.community, "An announcement", kind="announcement")
    link = f"/v1/threads/{thread['thread']}"
    (told,) = eventually(lambda: told_of(dan, link), SECONDS)
    assert dan.unread() == before + 1
    assert dan.send("PUT", f"/inbox/{told['notification']}/read").status_code == 200
    assert dan.unread() == before
    assert dan.send("PUT", "/inbox/read", {}).status_code == 200
    assert dan.unread() == 0


def test_open_streams_are_told_and_go_on_where_they_ended(town: Town, people: People) -> None:
    url = town.node.stream_url
    with stream(people.cat, url) as first, stream(people.eve, url) as outside:
        people.ann.open_thread(people.community, "While the stream is open")
        eventually(lambda: "While the stream is open" in first.titles(), SECONDS)
        last = first.last_id
    people.ann.open_thread(people.community, "While nobody listens")
    eventually(lambda: any(one["title"] == "While nobody listens" for one in people.cat.inbox()), SECONDS)
    with stream(people.cat, url, after=last) as second:
        eventually(lambda: second.events, SECONDS)
        people.ann.open_thread(people.community, "While it is open again")
        eventually(lambda: len(second.events) > 1, SECONDS)
    assert second.titles() == ["While nobody listens", "While it is open again"]
    assert outside.events == []


def test_whoever_leaves_is_told_nothing_more_and_sees_nothing_of_it(town: Town, people: People) -> None:
    dan = people.dan
    thread = people.ann.open_thread(people.community, "Before somebody leaves")
    eventually(lambda: told_of(dan, f"/v1/threads/{thread['thread']}"), SECONDS)
    path = f"/communities/{people.community}/memberships/{dan.id}/ending"
    assert dan.send("PUT", path, {}).status_code == 200
    eventually(lambda: dan.inbox() == [], SECONDS)
    later = people.ann.open_thread(people.community, "After somebody left")
    eventually(lambda: told_of(people.cat, f"/v1/threads/{later['thread']}"), SECONDS)
    time.sleep(0.5)
    assert dan.inbox() == []
    assert dan.unread() == 0
