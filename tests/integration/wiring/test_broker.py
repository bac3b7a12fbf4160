"""Connections to a real RabbitMQ: one that has ended stays ended."""

import amqp
import pytest

from shared.wiring.broker import BROKEN, connect, hang_up, let_go


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
