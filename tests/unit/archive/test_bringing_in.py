"""How an archive is sent: in turns, again when the node is away, and with handles told apart."""

import threading
from collections.abc import Callable

import pytest
from pydantic import BaseModel

from deploy.archive.batches import Batch, batches
from deploy.archive.bringing_in import IN_FLIGHT, in_turns
from deploy.archive.organisations import NamedOrganisation, Spread
from deploy.archive.people import People
from deploy.archive.settling import bring_people
from deploy.node.asking import OPERATOR, Asking
from deploy.node.problems import NodeProblem
from shared.contracts.calls.call import Call, Done
from shared.contracts.calls.discussion import Imported, ImportThreads
from shared.contracts.calls.membership import GetCommunity, ImportMembers
from shared.errors import Conflict, NotFound, Unavailable
from tests.unit.archive.test_batches import titled
from tests.unit.archive.test_people import EARLY

COMMUNITY = "c" * 24
DONE = Done()


class Line:
    """A line whose other end says what it is told to."""

    def __init__(self, answer: Callable[[Call], BaseModel]) -> None:
        self.answer = answer
        self.asked: list[Call] = []

    def ask(self, call: Call, timeout: float | None = None) -> BaseModel:
        assert timeout is not None
        self.asked.append(call)
        return self.answer(call)


def test_a_call_is_made_again_while_the_node_is_away_with_growing_pauses() -> None:
    answers = iter([Unavailable("away"), Unavailable("away"), DONE])
    pauses: list[float] = []

    def answer(_call: Call) -> BaseModel:
        next_one = next(answers)
        if isinstance(next_one, Exception):
            raise next_one
        return next_one

    asking = Asking(Line(answer), sleep=pauses.append)
    assert asking.ask(GetCommunity(caller=OPERATOR, community=COMMUNITY), Done) == DONE
    assert pauses == [0.25, 0.5]


def test_patience_ends_with_a_sentence_that_says_how_to_go_on() -> None:
    def answer(_call: Call) -> BaseModel:
        raise Unavailable("away")

    asking = Asking(Line(answer), patience=0, sleep=lambda _: None)
    with pytest.raises(NodeProblem, match="the same command goes on"):
        asking.ask(GetCommunity(caller=OPERATOR, community=COMMUNITY), Done)


def test_other_refusals_are_not_asked_again() -> None:
    def answer(_call: Call) -> BaseModel:
        raise NotFound("no")

    line = Line(answer)
    with pytest.raises(NotFound):
        Asking(line).ask(GetCommunity(caller=OPERATOR, community=COMMUNITY), Done)
    assert len(line.asked) == 1


def test_a_thread_goes_on_only_when_all_before_it_was_answered() -> None:
    work = list(batches("s", [titled("a", 10), titled("long", 900), titled("b", 10)], {"Falls": COMMUNITY}))
    lock, underway, most = threading.Lock(), 0, 0
    sent: list[Batch] = []

    def send(batch: Batch) -> None:
        nonlocal underway, most
        with lock:
            assert not (batch.goes_on and underway)
            underway += 1
            most = max(most, underway)
        threading.Event().wait(0.005)
        with lock:
            underway -= 1
            sent.append(batch)

    in_turns(work, send)
    assert len(sent) == len(work)
    assert most <= IN_FLIGHT


def test_the_first_failure_ends_the_sending() -> None:
    work = list(batches("s", [titled(str(number), 150) for number in range(50)], {"Falls": COMMUNITY}))
    tried: list[Batch] = []

    def send(batch: Batch) -> None:
        tried.append(batch)
        raise NotFound("no")

    with pytest.raises(NotFound):
        in_turns(work, send)
    assert len(tried) <= 2 * IN_FLIGHT


def test_a_handle_that_is_another_s_is_marked_and_sent_again() -> None:
    people = People("source", Spread([NamedOrganisation(name="A")], {}, "source"))
    for person in ("ann", "bob"):
        people.wrote("Falls", person, EARLY)

    def answer(call: Call) -> BaseModel:
        if isinstance(call, ImportThreads):
            return Imported(threads=0, posts=0)
        assert isinstance(call, ImportMembers)
        for place, member in enumerate(call.members):
            if member.new.handle == "bob":
                raise Conflict("taken", "handle-taken", f"members.{place}.new.handle")
        return DONE

    line = Line(answer)
    came: list[int] = []
    bring_people(Asking(line), people, {"Falls": COMMUNITY}, came.append)
    assert came == [2]
    last = [call for call in line.asked if isinstance(call, ImportMembers)][-1]
    bob = people.member("bob")
    assert [member.new.handle for member in last.members] == ["ann", f"bob-{bob.id[:10]}"]


def test_where_very_many_handles_are_taken_all_are_marked_at_once() -> None:
    people = People("source", Spread([NamedOrganisation(name="A")], {}, "source"))
    for number in range(100):
        people.wrote("Falls", f"person-{number}", EARLY)

    def answer(call: Call) -> BaseModel:
        if isinstance(call, ImportThreads):
            return Imported(threads=0, posts=0)
        assert isinstance(call, ImportMembers)
        for place, member in enumerate(call.members):
            if not member.new.handle.endswith(member.id[:10]):
                raise Conflict("taken", "handle-taken", f"members.{place}.new.handle")
        return DONE

    line = Line(answer)
    bring_people(Asking(line), people, {"Falls": COMMUNITY}, lambda _: None)
    assert len([call for call in line.asked if isinstance(call, ImportMembers)]) == 11
