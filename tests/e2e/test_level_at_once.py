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
def news_kept_out(town: Town, of: str) -> Iterator[None]:
    """Let notifications fail to keep ties that bear the mark `of`, so that it tries again later."""
    database = town.database("notifications")
    database.command("collMod", "ties", validator={of: {"$exists": False}})
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


def test_news_that_takes_longer_hinders_no_member_and_hides_what_it_hid(town: Town) -> None:
    home = town.organisation("Home")
    ana, stranger = town.member(home, "Ana Price"), town.member(home, "Stra Nger")
    hidden = town.community(ana, "Hidden", Visibility.CLOSED)
    known = ana.open_thread(hidden, "Known")["thread"]
    eventually(lambda: set_level(ana, known)[0] == 200)
    with news_kept_out(town, "asked"):
        thread = ana.open_thread(hidden, "At once")["thread"]
        missing = set_level(stranger, new_id())
        assert missing[0] == 404
        assert set_level(stranger, thread) == set_level(stranger, known) == missing
        assert set_level(ana, new_id()) == missing
        eventually(lambda: set_level(ana, thread)[0] == 200)
    listed = ana.read("/levels/threads")["items"]
    assert {"thread": thread, **LEVEL} in listed


@pytest.mark.parametrize("visibility", [Visibility.CLOSED, Visibility.OPEN])
def test_a_guest_with_whom_a_thread_is_shared_just_now_is_asked_for_patience(
    town: Town, visibility: Visibility
) -> None:
    home, away = town.organisation("Home"), town.organisation("Away")
    ana, guest = town.member(home, "Ana Price"), town.member(away, "Gwen Guest")
    community = town.community(ana, "Visited", visibility)
    thread = ana.open_thread(community, "Shared")["thread"]
    with news_kept_out(town, "shared"):
        invited = ana.send(
            "POST", f"/communities/{community}/invitations", {"email": "gwen@example.org", "role": "guest"}
        )
        accepted = guest.send("POST", "/invitations/accept", {"token": invited.json()["token"]})
        assert accepted.status_code == 201, accepted.text
        missing = set_level(guest, new_id())
        assert missing[0] == 404
        assert set_level(guest, thread) == missing
        eventually(
            lambda: ana.send("POST", f"/threads/{thread}/shares", {"guest": guest.id}).status_code == 201
        )
        key = f"level-{new_id()}"
        status, said, retry_after = set_level(guest, thread, key)
        assert status == 503, said
        assert retry_after in ("1", "2")
    eventually(lambda: set_level(guest, thread, key)[0] == 200)
