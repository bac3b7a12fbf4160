"""`commonplace dead-letters` on a real broker: looking changes nothing, replaying and dropping lose nothing."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import amqp
import pytest

from shared.contracts.envelope import Envelope
from shared.contracts.membership import CommunityChanged
from shared.contracts.vocabulary import Stage, Visibility
from shared.wiring import queues
from shared.wiring.broker import connect
from shared.wiring.publisher import ConfirmedPublisher, Parcel
from shared.wiring.store import new_id, now
from tests.conftest import StartNode

COMMONPLACE = Path(sys.executable).with_name("commonplace")
HEARD_IN = queues.listening_queue("discussion", CommunityChanged)
GRAVE = queues.dead_letters("discussion")


class Operator:
    """Somebody at a terminal, and the broker they look after."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = {**os.environ, **environment, "NO_COLOR": "1", "COLUMNS": "300"}
        self.broker = environment["COMMONPLACE_BROKER"]
        self.connection = connect(self.broker, name="test")
        self.channel = self.connection.channel()
        queues.declare_waiting(self.channel, "discussion")
        queues.declare_listening(self.channel, "discussion", CommunityChanged)

    def run(self, *words: str, answers: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMONPLACE, "dead-letters", *words],
            env=self.environment, input=answers, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def listed(self, *words: str) -> list[dict[str, Any]]:
        done = self.run("list", "--json", *words)
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    def bury(self, *bodies: bytes, **headers: Any) -> list[str]:
        """Put letters where a listener puts them; returns their ids."""
        ids = [new_id() for _ in bodies]
        told = {
            "x-attempts": 5, "x-reason": "ValueError: no", "x-queue": HEARD_IN, "x-traceback": "line 1\nline 2",
            "x-died-at": "2026-11-23T08:30:00+00:00", **headers,
        }  # fmt: skip
        self.publish(
            [Parcel("", GRAVE, body, {"message_id": id}, told) for id, body in zip(ids, bodies, strict=True)]
        )
        return ids

    def publish(self, parcels: list[Parcel]) -> None:
        publisher = ConfirmedPublisher(self.broker, "test")
        assert len(publisher.publish(parcels)) == len(parcels)
        publisher.close()

    def waiting(self, queue: str) -> int:
        return int(self.channel.queue_declare(queue, passive=True).message_count)

    def take(self, queue: str) -> amqp.Message:
        message: amqp.Message = self.channel.basic_get(queue, no_ack=True)
        return message


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture
def operator(fresh_environment: dict[str, str]) -> Operator:
    return Operator(fresh_environment)


def test_looking_changes_nothing(operator: Operator) -> None:
    ids = operator.bury(*(b"%d" % number for number in range(30)))
    for _ in range(3):
        assert [letter["id"] for letter in operator.listed()] == ids
    assert len(operator.listed("--limit", "7")) == 7
    assert "7 of 30" in operator.run("list", "--limit", "7").stderr
    eventually(lambda: operator.waiting(GRAVE) == 30)
    kept = {operator.take(GRAVE).body for _ in range(30)}
    assert kept == {b"%d" % number for number in range(30)}


def test_an_empty_house(operator: Operator) -> None:
    assert operator.listed() == []
    assert operator.listed("--service", "notifications") == []
    done = operator.run("list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "There are no dead letters.\n", "")


def test_show_says_everything_and_steers_no_terminal(operator: Operator) -> None:
    (id,) = operator.bury(b'{"title": "\x1b[2Jgone", "n": 1}', **{"x-reason": "KeyError: [bold]x[/]\x07"})
    done = operator.run("show", id)
    assert done.returncode == 0
    assert done.stderr == ""
    for part in (id, HEARD_IN, "KeyError: [bold]x[/]\\x07", "line 2", "\\x1b[2Jgone"):
        assert part in done.stdout
    assert not {"\x1b", "\x07"} & set(done.stdout)
    (letter,) = json.loads(operator.run("show", id, "--json").stdout)
    assert letter["traceback"] == "line 1\nline 2"


def test_replay_sends_one_back_as_if_told_for_the_first_time(operator: Operator) -> None:
    first, second, third = operator.bury(b"1", b"2", b"3", kept="yes")
    done = operator.run("replay", second)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 replayed.\n", "")
    back = operator.take(HEARD_IN)
    assert (back.body, back.properties["message_id"]) == (b"2", second)
    # The first is the publisher's own, the second the broker's.
    assert {name for name in back.headers if name.startswith("x-")} <= {"x-position", "x-delivery-count"}
    assert back.headers["kept"] == "yes"
    assert [letter["id"] for letter in operator.listed()] == [first, third]
    assert operator.run("replay", "--all", "--service", "discussion").returncode == 0
    assert operator.listed() == []
    eventually(lambda: operator.waiting(HEARD_IN) == 2)


def test_what_nobody_takes_stays(operator: Operator) -> None:
    (id,) = operator.bury(b"1", **{"x-queue": "discussion.hears.nothing"})
    done = operator.run("replay", id)
    assert done.returncode == 1
    assert "takes nothing" in done.stderr
    assert [letter["id"] for letter in operator.listed()] == [id]


def test_drop_asks_before(operator: Operator) -> None:
    first, second = operator.bury(b"1", b"2")
    done = operator.run("drop", first, answers="n\n")
    assert done.returncode == 1
    assert "Drop 1 for good?" in done.stderr
    assert len(operator.listed()) == 2
    assert operator.run("drop", first, answers="y\n").returncode == 0
    assert [letter["id"] for letter in operator.listed()] == [second]
    done = operator.run("drop", "--all", "--yes", "--json")
    assert [letter["id"] for letter in json.loads(done.stdout)] == [second]
    assert operator.listed() == []
    operator.bury(*(b"%d" % number for number in range(25)))
    done = operator.run("drop", "--all", answers="n\n")
    assert "… and 5 more" in done.stderr
    assert "Drop 25 for good?" in done.stderr
    assert len(operator.listed()) == 25


def test_drop_leaves_what_died_while_somebody_was_thinking(operator: Operator) -> None:
    first, _ = operator.bury(b"1", b"2")
    with subprocess.Popen(
        [COMMONPLACE, "dead-letters", "drop", "--all"], env=operator.environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as asking:  # fmt: skip
        assert asking.stdin and asking.stdout and asking.stderr
        said = ""
        while "Drop 2 for good?" not in said:
            more = asking.stderr.read(1)
            assert more, said
            said += more
        (third,) = operator.bury(b"3")
        later = {"x-queue": HEARD_IN, "x-died-at": "2026-11-24T00:00:00+00:00"}
        operator.publish([Parcel("", GRAVE, b"1", {"message_id": first}, later)])
        asking.stdin.write("y\n")
        asking.stdin.flush()
        assert asking.stdout.read().strip() == "2 dropped."
    assert {(one["id"], one["died_at"][:10]) for one in operator.listed()} == {
        (third, "2026-11-23"), (first, "2026-11-24"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["show", "0" * 24], 1, "There is no dead letter"),
        (["drop", "0" * 24, "--yes"], 1, "There is no dead letter"),
        (["replay"], 2, "name letters by their ids"),
        (["replay", "0" * 24, "--all"], 2, "not both"),
        (["list", "--service", "gateway"], 2, "no such service"),
        (["list", "--limit", "0"], 2, "--limit"),
    ],
)
def test_what_cannot_be_done_is_said(operator: Operator, words: list[str], code: int, sentence: str) -> None:
    done = operator.run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in " ".join(done.stderr.replace("│", " ").split())


def test_a_broker_that_is_away_is_said(operator: Operator) -> None:
    operator.environment["COMMONPLACE_BROKER"] = "amqp://commonplace:no@127.0.0.1:1/none"
    done = operator.run("list")
    assert done.returncode == 1
    assert "The broker does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_broker_itself_gave_up_is_known_too(operator: Operator) -> None:
    operator.publish([Parcel("", HEARD_IN, b"heavy", {"message_id": "5f" * 12})])
    for _ in range(60):  # the queue's delivery limit is 50
        if (message := operator.channel.basic_get(HEARD_IN)) is not None:
            operator.channel.basic_reject(message.delivery_tag, requeue=True)
    eventually(lambda: operator.waiting(GRAVE) == 1)
    (letter,) = operator.listed()
    assert letter["id"] == "5f" * 12
    assert letter["queue"] == HEARD_IN
    assert "delivery_limit" in letter["reason"]
    assert letter["died_at"].startswith("20")
    assert operator.run("replay", letter["id"]).returncode == 0
    eventually(lambda: operator.waiting(HEARD_IN) == 1)
    assert operator.take(HEARD_IN).body == b"heavy"


def test_a_poison_message_and_a_real_service(
    operator: Operator, fresh_environment: dict[str, str], node: StartNode
) -> None:
    """The service dead-letters what it cannot read, hears the next, and hears the first once it is mended."""
    node(fresh_environment, {"discussion": 1})
    fact = CommunityChanged(
        community=new_id(), title="Falls", visibility=Visibility.OPEN, stage=Stage.MATURING, revision=1
    )
    body = Envelope.wrap(fact, id=new_id(), source="membership", time=now()).model_dump_json().encode()
    operator.publish(
        [
            Parcel("membership.events", fact.type(), b'{"specversion": "1.0"', {"message_id": "0" * 24}),
            Parcel("membership.events", fact.type(), body, {"message_id": "1" * 24}),
        ]
    )
    eventually(lambda: len(operator.listed()) == 1)
    (letter,) = operator.listed()
    assert (letter["id"], letter["queue"]) == ("0" * 24, HEARD_IN)
    assert "cannot be read as commonplace.membership.community-changed.v1" in letter["reason"]
    eventually(lambda: operator.waiting(HEARD_IN) == 0)
    assert operator.run("replay", letter["id"]).returncode == 0
    eventually(lambda: [one["died_at"] > letter["died_at"] for one in operator.listed()] == [True])
