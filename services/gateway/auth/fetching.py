"""Reading JSON from elsewhere, through the one guarded client: providers' metadata, keys and tokens."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode

from pydantic_core import from_json

from services.gateway.auth.remote_keys import Unreachable
from shared.wiring.outbound import Answer, Outbound, OutboundError

SECONDS = 5.0
"""Somebody is waiting for their sign-in; a provider that takes longer is away."""
FORM = "application/x-www-form-urlencoded"

Json = Mapping[str, object]


class Fetching:
    """Fetches documents. Safe for threads.

    Args:
        outbound: the guarded client.
        most: how many of the gateway's threads may wait for others at a time; whoever is slow to answer
            must not hold all of them.
    """

    def __init__(self, outbound: Outbound, most: int) -> None:
        self._outbound = outbound
        self._turns = threading.BoundedSemaphore(most)

    def get(self, address: str) -> Json:
        """The JSON object at an address.

        Raises:
            Unreachable: it cannot be had.
        """
        try:
            with self._turn():
                headers = [("Accept", "application/json")]
                answer = self._outbound.get(address, headers=headers, seconds=SECONDS)
        except OutboundError as error:
            raise Unreachable(error.sentence) from None
        if answer.status != 200:
            raise Unreachable(f"it answered {answer.status}")
        return _object(answer)

    def post(
        self, address: str, form: Mapping[str, str], headers: Iterable[tuple[str, str]] = ()
    ) -> tuple[int, Json]:
        """Send a form; the status and the JSON object that came back, also when it is an error.

        Raises:
            Unreachable: nothing came back, or no JSON object.
        """
        sent = [("Accept", "application/json"), ("Content-Type", FORM), *headers]
        try:
            content = urlencode(form).encode()
            with self._turn():
                answer = self._outbound.send("POST", address, headers=sent, content=content, seconds=SECONDS)
        except OutboundError as error:
            raise Unreachable(error.sentence) from None
        return answer.status, _object(answer)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=SECONDS / 10):
            raise Unreachable("too many others are being waited for")
        try:
            yield
        finally:
            self._turns.release()


def _object(answer: Answer) -> Json:
    try:
        content = from_json(answer.body, allow_inf_nan=False)
    except ValueError:
        raise Unreachable("it answered no JSON") from None
    if not isinstance(content, dict):
        raise Unreachable("it answered no JSON object")
    return content
