"""A line to a real broker: it comes back, and what belonged to the one before is not written to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import amqp
import pytest

from shared.wiring.broker import Line, LineDown, hang_up
from tests.integration.wiring.test_calls_and_facts import eventually


@dataclass
class Watched:
    """A line, and what it told of itself."""

    url: str
    fails: int = 0
    channels: list[amqp.Channel] = field(default_factory=list)
    losses: int = 0

    def __post_init__(self) -> None:
        self.line = Line(self.url, "test", self.on_open, on_loss=self.on_loss)

    def on_open(self, connection: amqp.Connection) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("on purpose")
        self.channels.append(connection.channel())

    def on_loss(self) -> None:
        self.losses += 1


@pytest.fixture
def watched(broker_url: str) -> Iterator[Watched]:
    one = Watched(broker_url)
    yield one
    one.line.stop()


def test_a_channel_of_an_earlier_connection_is_not_written_to(watched: Watched) -> None:
    watched.line.start()
    assert watched.line.is_open.wait(10)
    hang_up(watched.channels[0].connection)
    eventually(lambda: len(watched.channels) == 2 and watched.line.is_open.is_set())
    with pytest.raises(LineDown, match="no connection"), watched.line.writing(watched.channels[0]):
        pytest.fail("the right to write was given")
    with watched.line.writing(watched.channels[1]):
        watched.channels[1].basic_publish(amqp.Message(b"1"), routing_key="nowhere")


def test_a_connection_that_never_became_ready_is_told_as_lost_too(watched: Watched) -> None:
    watched.fails = 1
    watched.line.start()
    assert watched.line.is_open.wait(10)
    assert (watched.losses, len(watched.channels)) == (1, 1)
