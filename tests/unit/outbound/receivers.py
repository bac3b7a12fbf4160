"""Servers on the loopback interface that answer as told, badly where a test wants it."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answering = Callable[[socket.socket], None]


class Receiver:
    """A server: how it is reached, and what it was sent."""

    def __init__(self, answer: Answering, context: ssl.SSLContext | None, reads: bool) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.connections = 0
        self.requests: list[bytes] = []
        self._answer = answer
        self._context = context
        self._reads = reads

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                if self._reads:
                    self.requests.append(request(connection))
                self._answer(connection)
        except (OSError, ssl.SSLError):
            return  # the caller has had enough


def request(connection: socket.socket) -> bytes:
    """Read one request, with its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65_536)
        if not part:
            return received
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
            while len(body) < length:
                body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def receiver(
    answer: Answering | bytes, context: ssl.SSLContext | None = None, *, reads: bool = True
) -> Iterator[Receiver]:
    """A running server; bytes are its whole answer. One that does not read answers at once."""
    told = answer

    def say(connection: socket.socket) -> None:
        assert isinstance(told, bytes)
        connection.sendall(told)

    made = Receiver(say if isinstance(told, bytes) else told, context, reads)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.socket.close()
