"""A broker that says everything three times: copies of each fact, sent to its exchange again."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

import amqp

SPEAKERS = ("membership", "discussion")
COPY = "x-copy-of-a-test"


class Echo:
    """What was repeated so far: `facts` different ones, each `copies` more times."""

    def __init__(self, copies: int) -> None:
        self.copies = copies
        self.facts = 0


def connected(broker: str) -> amqp.Connection:
    """A connection of a test's own to the broker."""
    url = urlsplit(broker)
    connection = amqp.Connection(
        host=f"{url.hostname}:{url.port}",
        userid=url.username,
        password=url.password,
        virtual_host=unquote(url.path[1:]),
    )
    connection.connect()
    return connection


@contextmanager
def echo(broker: str, copies: int = 2, speakers: Sequence[str] = SPEAKERS) -> Iterator[Echo]:
    """Send `copies` of every fact again, as it came, for as long as the block runs."""
    connection = connected(broker)
    channel = connection.channel()
    queue = channel.queue_declare(exclusive=True).queue
    for speaker in speakers:
        channel.exchange_declare(f"{speaker}.events", "topic", durable=True, auto_delete=False)
        channel.queue_bind(queue, f"{speaker}.events", "#")
    heard = Echo(copies)

    said: deque[amqp.Message] = deque()
    channel.basic_consume(queue, no_ack=True, callback=said.append)
    ending = threading.Event()

    def repeat(message: amqp.Message) -> None:
        headers = message.headers or {}
        if COPY in headers:
            return
        properties = {**message.properties, "application_headers": {**headers, COPY: True}}
        where = message.delivery_info["exchange"], message.delivery_info["routing_key"]
        for _ in range(copies):
            channel.basic_publish(amqp.Message(message.body, **properties), *where)
        heard.facts += 1

    def listen() -> None:
        while said or not ending.is_set():
            # Not in the callback: publishing listens too, and would come back here.
            while said:
                repeat(said.popleft())
            with suppress(TimeoutError):
                connection.drain_events(timeout=0.2)

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield heard
    finally:
        ending.set()
        listening.join()
        connection.close()
