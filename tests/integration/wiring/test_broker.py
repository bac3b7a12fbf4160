"""Connections to a real RabbitMQ: one that has ended stays ended, and ends with a good-bye."""

import amqp
import pytest

from shared.wiring.broker import BROKEN, Line, connect, hang_up, let_go
from shared.wiring.publisher import ConfirmedPublisher


@pytest.mark.filterwarnings("error")
def test_a_connection_that_has_ended_is_never_made_again(
    broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(broker_url, name="test")
    channel = connection.channel()
    connection.close()
    made: list[str] = []
    monkeypatch.setattr(amqp.Connection, "connect", lambda *_: made.append("again"))
    hang_up(connection)
    let_go(connection)
    for use in (connection.drain_events, channel.queue_declare):
        with pytest.raises(BROKEN):
            use()
    assert made == []


def test_who_ends_a_line_or_a_publisher_says_good_bye_and_hears_it_answered(
    broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[str] = []
    hearing = amqp.Connection._on_close_ok
    monkeypatch.setattr(
        amqp.Connection,
        "_on_close_ok",
        lambda self: (answered.append(self.client_properties["connection_name"]), hearing(self)),
    )
    line = Line(broker_url, "polite", lambda connection: None)
    line.start()
    assert line.is_open.wait(5)
    line.stop()
    publisher = ConfirmedPublisher(broker_url, "polite.publisher")
    publisher.connect()
    publisher.close(politely=True)
    assert answered == ["commonplace polite", "commonplace polite.publisher"]
