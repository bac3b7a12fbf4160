"""A fact that nobody can read, or act on, is put aside with its reason; everything else flows."""

import json
import re
import urllib.request
from urllib.parse import urlsplit

import amqp

from shared.contracts.discussion import ThreadOpened
from shared.wiring import queues
from tests.e2e.echo import connected
from tests.e2e.members import Town, eventually
from tests.shared_servers import TestServers

POISON = [b"\xff\xfe no JSON", b"[" * 5_000, b'{"specversion": "1.0"}', b""]


def dead_letters(channel: amqp.Channel) -> list[amqp.Message]:
    """What the notifications service put aside, looked at and left where it is."""
    letters = []
    while (letter := channel.basic_get(queues.dead_letters("notifications"))) is not None:
        letters.append(letter)
    for letter in letters:
        channel.basic_reject(letter.delivery_tag, requeue=True)
    return letters


def as_bytes(letter: amqp.Message) -> bytes:
    """A letter's body as it was sent."""
    return letter.body.encode() if isinstance(letter.body, str) else bytes(letter.body)


def waiting_as_the_alert_sees_it(servers: TestServers, vhost: str) -> float:
    """The number that the alert `DeadLettersPresent` looks at, from RabbitMQ's own metrics."""
    port = servers.rabbitmq.ports.prometheus
    address = f"http://127.0.0.1:{port}/metrics/detailed?family=queue_coarse_metrics&vhost={vhost}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(
        r'^rabbitmq_detailed_queue_messages\{[^}]*queue="notifications\.dead-letters"[^}]*\} (\S+)',
        text,
        re.MULTILINE,
    )
    return float(found[1]) if found else 0.0


def test_poison_is_put_aside_with_its_reason_and_questions_go_on_arriving(
    town: Town, test_servers: TestServers
) -> None:
    home = town.organisation("A health board")
    ann, bob = town.member(home, "Ann"), town.member(home, "Bob")
    community = town.community(ann, "Falls")
    town.bring(community, [bob])
    vhost = urlsplit(town.broker).path[1:]
    assert waiting_as_the_alert_sees_it(test_servers, vhost) == 0
    connection = connected(town.broker)
    with connection:
        channel = connection.channel()
        for number in range(5):
            for body in POISON if number == 2 else ():
                channel.basic_publish(
                    amqp.Message(body, delivery_mode=2, message_id=f"poison-{number}"),
                    queues.exchange_of("discussion"),
                    ThreadOpened.type(),
                )
            ann.open_thread(community, f"Question {number}", kind="discussion")
        titles = {f"Question {number}" for number in range(5)}
        eventually(lambda: {one["title"] for one in bob.inbox()} == titles)
        assert len(bob.inbox()) == 5
        letters = eventually(lambda: (found := dead_letters(channel)) and len(found) == len(POISON) and found)
        assert sorted(map(as_bytes, letters)) == sorted(POISON)
        reasons = [json.dumps(dict(letter.headers), default=str) for letter in letters]
        assert all("reason" in reason for reason in reasons), reasons
    eventually(lambda: waiting_as_the_alert_sees_it(test_servers, vhost) == len(POISON), 30, 0.5)
    with urllib.request.urlopen(f"{town.node['notifications'].admin_url}/metrics", timeout=5) as answer:
        metrics = answer.read().decode()
    dead = re.findall(
        r'^commonplace_heard_total\{.*contract="thread-opened".*outcome="dead".*\} (\S+)',
        metrics,
        re.MULTILINE,
    )
    assert list(map(float, dead)) == [len(POISON)]
    assert town.node["notifications"].is_ready()
