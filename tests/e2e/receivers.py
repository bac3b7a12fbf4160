"""A partner's system that receives webhooks: keeps what came, and answers as a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = dict[str, str]


@dataclass(frozen=True)
class Received:
    """One request: headers by lower-case name, and the body as it came."""

    headers: Headers
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


Answering = Callable[[int, Received], tuple[int, Headers]]
"""(how many came before, what came) → status and headers."""


class Receiver:
    """Where it is, what came, and what it answers."""

    def __init__(self, answer: Answering) -> None:
        self.received: list[Received] = []
        self.answer = answer
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                received = Received({name.lower(): value for name, value in self.headers.items()}, body)
                before = len(receiver.received)
                receiver.received.append(received)
                status, headers = receiver.answer(before, received)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks"

    @property
    def ids(self) -> list[str]:
        return [received.id for received in self.received]

    @property
    def types(self) -> list[str]:
        return [received.event["type"] for received in self.received]


@contextmanager
def receiver(answer: Answering | int = 204) -> Iterator[Receiver]:
    """A running receiver."""
    made = Receiver(answer if callable(answer) else lambda before, received: (answer, {}))
    threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
