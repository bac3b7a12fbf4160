"""A thread's level set as soon as it is opened: never refused for want of news that is on its way."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.contracts.vocabulary import Visibility
from shared.wiring.store import new_id
from tests.conftest import StartNode
from tests.e2e.members import Member, Town, eventually

PROCESSES = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1}
LEVEL = {"level": "mentions and answers"}


@pytest.fixture
def town(fresh_environment: dict[str, str], node: StartNode) -> Iterator[Town]:
    """A node with the deadline that is shipped: what waits too long is to be seen."""
    one = Town(node(fresh_environment, PROCESSES), fresh_environment)
    yield one
    one.close()


@contextmanager
def news_kept_out(town: Town) -> Iterator[None]:
    """Let notifications fail to keep what it hears of threads, so that it tries again later."""
    database = town.database("notifications")
    database.command("collMod", "ties", validator={"member": {"$exists": False}})
    yield
    database.command("collMod", "ties", validator={})


def set_level(member: Member, thread: str, key: str = "") -> tuple[int, dict[str, object], str | None]:
    """The status, the problem or answer without what is the request's own, and Retry-After."""
    response = member.send("PUT", f"/threads/{thread}/level", LEVEL, key=key)
    said = {name: value for name, value in response.json().items() if name != "trace_id"}
    return response.status_code, said, response.headers.get("retry-after")


def test_whoever_opens_a_thread_sets_its_level_at_once(town: Town) -> None:
    home = town.organisation("Home")
    ana = town.member(home, "Ana Price")
    hidden = town.community(ana, "Hidden", Visibility.CLOSED)
    for number in range(10):
        thread = ana.open_thread(hidden, f"Question {number}")["thread"]
        status, said, _ = set_level(ana, thread)
        assert status in (200, 503), said  # too slow a machine may ask for patience, but refuses nothing
        if status == 503:
            eventually(lambda thread=thread: set_level(ana, thread)[0] == 200)  # type: ignore[misc]


def test_news_that_takes_longer_asks_for_patience_and_hides_what_it_hid(town: Town) -> None:
    home = town.organisation("Home")
    ana, stranger = town.member(home, "Ana Price"), town.member(home, "Stra Nger")
    hidden = town.community(ana, "Hidden", Visibility.CLOSED)
    known = ana.open_thread(hidden, "Known")["thread"]
    eventually(lambda: set_level(ana, known)[0] == 200)
    with news_kept_out(town):
        thread = ana.open_thread(hidden, "At once")["thread"]
        key = f"level-{new_id()}"
        status, said, retry_after = set_level(ana, thread, key)
        assert (status, retry_after) == (503, "1"), said
        missing = set_level(stranger, new_id())
        assert missing[0] == 404
        assert set_level(stranger, thread) == set_level(stranger, known) == missing
        assert set_level(ana, new_id()) == missing
    eventually(lambda: set_level(ana, thread, key)[0] == 200)
    listed = ana.read("/levels/threads")["items"]
    assert {"thread": thread, **LEVEL} in listed
