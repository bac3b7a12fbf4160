"""A client of the live stream: reads events in a thread, as a browser's EventSource would."""

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.services.people import eventually


@dataclass(frozen=True)
class Event:
    """One event as it came."""

    id: str
    name: str
    data: dict[str, Any]


class EventSource:
    """An open stream; everything it has received is in `events`.

    Args:
        url: of the stream process.
        secret: the bearer token.
        last_event_id: where to go on.
    """

    def __init__(self, url: str, secret: str, last_event_id: str | None = None) -> None:
        self.events: list[Event] = []
        self.comments: list[str] = []
        self.ended = threading.Event()
        self.client = httpx2.Client(timeout=httpx2.Timeout(5, read=60))
        headers = {"Authorization": f"Bearer {secret}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        request = self.client.build_request("GET", f"{url}/v1/stream", headers=headers)
        self.response = self.client.send(request, stream=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        if self.response.status_code == 200:
            self._thread.start()
        else:
            self.response.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, also while the thread is reading."""
        with suppress(OSError):
            self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(2)
        self.response.close()
        self.client.close()

    @property
    def received(self) -> list[str]:
        """The ids of the notifications received, in their order."""
        return [event.data["notification"] for event in self.events]

    def wait_for(self, number: int, patience: float = 10.0) -> list[str]:
        """What was received, once it is that many or patience has ended."""
        eventually(lambda: len(self.events) >= number, patience)
        return self.received

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self.response.iter_lines():
                if not line:
                    if "data" in fields:
                        self.events.append(
                            Event(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"]))
                        )
                    fields = {}
                elif line.startswith(":"):
                    self.comments.append(line[1:].strip())
                else:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
        except (httpx2.HTTPError, httpx2.StreamError, OSError, ValueError):
            pass
        finally:
            self.ended.set()
