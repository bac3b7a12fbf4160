"""Live events, as a member's own program would listen to them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from tests.e2e.members import Member


class Stream:
    """A member's open stream of live events; what came is in `events`, oldest first."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.last_id = ""

    def titles(self) -> list[str]:
        """What came, by title."""
        return [event["title"] for event in self.events]


@contextmanager
def stream(member: Member, url: str, after: str = "") -> Iterator[Stream]:
    """Hold a member's stream open.

    Args:
        member: whose.
        url: the stream process's.
        after: the id of the last event of an earlier stream, to go on from there.
    """
    kept = Stream()
    headers = {**member.credential, "Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = after
    opened, ending = threading.Event(), threading.Event()

    def listen() -> None:
        with (
            suppress(httpx2.HTTPError),  # the node is gone
            httpx2.Client(trust_env=False, timeout=30) as http,
            http.stream("GET", f"{url}/v1/stream", headers=headers) as response,
        ):
            assert response.status_code == 200, response.read()
            opened.set()
            for line in response.iter_lines():
                if ending.is_set():
                    return
                if line.startswith("id: "):
                    kept.last_id = line[4:]
                elif line.startswith("data: "):
                    kept.events.append(json.loads(line[6:]))

    # It ends with the next line, at the latest with the next sign of life; nobody needs to wait for that.
    threading.Thread(target=listen, daemon=True).start()
    assert opened.wait(10), "the stream did not open"
    try:
        yield kept
    finally:
        ending.set()
