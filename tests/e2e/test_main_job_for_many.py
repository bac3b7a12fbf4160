"""The main job for a thousand: nothing missing, nothing double, whatever is said three times or done by two."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.conftest import StartNode
from tests.e2e.conftest import WITHOUT_HASTE
from tests.e2e.echo import echo
from tests.e2e.members import Member, Town, by_many, door, eventually
from tests.e2e.signatories import System, agree, terms_between

CROWD = 1_000
QUESTIONS = 3


@pytest.fixture
def doubled(fresh_environment: Mapping[str, str], node: StartNode) -> Iterator[tuple[Town, Sequence[str]]]:
    """A node with two of every process, and the addresses of its two gateways."""
    environment = {**fresh_environment, **WITHOUT_HASTE}
    services = {"membership": 2, "discussion": 2, "notifications": 2}
    first = node(environment, {**services, "gateway": 1, "stream": 1})
    second = node(environment, {"gateway": 1, "stream": 1})
    town = Town(first, environment)
    yield town, (first.url, second.url)
    town.close()


def inboxes(members: Sequence[Member]) -> list[Counter[str]]:
    """What each of these members has in the inbox, counted by title."""
    return [Counter(one["title"] for one in inbox) for inbox in by_many(Member.inbox, members)]


def let_their_systems_read(town: Town, community: str, homes: Sequence[str], crowd: Sequence[Member]) -> None:
    """Bring agreements into force between the asker's organisation and the others, whose systems act for the crowd."""
    systems = []
    for home in homes:
        acted_for = next(member for member in crowd if member.organisation == home)
        token = acted_for.credential["Authorization"].removeprefix("Bearer ")
        # Whom they name to be told of the agreement is none of those whose inboxes are counted.
        systems.append(System(town.node.url, home, token, town.member(home, f"Clerk {home[:6]}").id))
    for other in systems[1:]:
        agree(systems[0], other, terms_between(systems[0], other, community))


def test_a_thousand_inboxes_have_everything_once_though_every_fact_is_heard_three_times(
    doubled: tuple[Town, Sequence[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    town, doors = doubled
    homes = [town.organisation(f"Organisation {number}") for number in range(4)]
    asker = town.member(homes[0], "Asker", "physiotherapist")
    with echo(town.broker) as heard:
        community = town.community(asker, "A large community")
        crowd = [
            member
            for home, size in zip(homes, (CROWD // 4,) * 4, strict=True)
            for member in town.crowd(community, home, [f"{home[:6]} {number}" for number in range(size)])
        ]
        let_their_systems_read(town, community, homes, crowd)
        town.wait_until_known(community, crowd)
        titles = [f"Question {number}" for number in range(QUESTIONS)]
        began = time.monotonic()
        threads = []
        for number, title in enumerate(titles):
            with door(doors[number % 2]) as http:
                threads.append(asker.at(http).open_thread(community, title))
        last = crowd[-1]
        eventually(lambda: len(last.inbox()) == QUESTIONS and len(crowd[0].inbox()) == QUESTIONS, 30)
        told = time.monotonic() - began
        answer = crowd[1].post(threads[0]["thread"], "An answer, for the asker alone.")
        eventually(asker.inbox, 30)
        expected = Counter(dict.fromkeys(titles, 1))
        rows = town.database("notifications")["inbox"]
        eventually(lambda: rows.count_documents({}) >= CROWD * QUESTIONS + 1, 60)
        # Time for the copies to do harm, if they can.
        time.sleep(2)
        assert heard.facts >= CROWD * 2 + QUESTIONS + 1
    assert [inbox for inbox in inboxes(crowd) if inbox != expected] == []
    assert [one["link"] for one in asker.inbox()] == [f"/v1/posts/{answer['post']}"]
    assert sum(by_many(Member.unread, crowd)) == CROWD * QUESTIONS
    with capsys.disabled():
        print(
            f"\n  {QUESTIONS} questions → {CROWD:,} inboxes, every fact heard three times: {told:.1f} s",
            end=" ",
        )
