"""More calls than anybody waits for are refused at once, and those that wait are answered."""

import time
from collections import Counter

import amqp

from shared.contracts.calls.call import Caller
from shared.settings import ServiceSettings
from shared.wiring import queues
from shared.wiring.broker import connect
from shared.wiring.calls import MOST_WAITING
from tests.integration.wiring.ledger_words import Pay
from tests.integration.wiring.test_calls_and_facts import Ledger, ledger, running

__all__ = ["ledger", "running"]

DIRECT_REPLY = "amq.rabbitmq.reply-to"
TOO_MANY = 50
PATIENCE = 20.0


def test_a_call_too_many_is_told_so_while_the_others_wait(running: Ledger) -> None:
    workers = ServiceSettings.model_fields["workers"].default
    connection = connect(running.environment["COMMONPLACE_BROKER"], name="test")
    channel = connection.channel()
    outcomes: Counter[str] = Counter()

    def hear(message: amqp.Message) -> None:
        outcomes[str((message.headers or {}).get("refusal", "answered"))] += 1

    channel.basic_consume(DIRECT_REPLY, no_ack=True, callback=hear)

    def ask(number: int, amount: int, wait: float = 0) -> None:
        call = Pay(caller=Caller(), payment=f"p{number}", amount=amount, wait=wait)
        message = amqp.Message(
            call.model_dump_json().encode(),
            type=call.method(),
            reply_to=DIRECT_REPLY,
            correlation_id=str(number),
            application_headers={"deadline": str(time.time() + PATIENCE)},
        )
        channel.basic_publish(message, exchange="", routing_key=queues.calls_queue("ledger"))

    def hear_until(true: int) -> None:
        end = time.monotonic() + PATIENCE
        while outcomes.total() < true:
            assert time.monotonic() < end, outcomes
            connection.drain_events(timeout=PATIENCE)

    for number in range(workers):
        ask(number, 1, wait=5)
    for number in range(MOST_WAITING + TOO_MANY):
        ask(workers + number, -1)
    hear_until(TOO_MANY)
    assert outcomes == {"Unavailable": TOO_MANY}, "at once, and only those for whom there is no room"
    hear_until(workers + MOST_WAITING + TOO_MANY)
    assert outcomes == {"Unavailable": TOO_MANY, "NotFound": MOST_WAITING, "answered": workers}
    connection.close()
