"""Headers that every answer gets, added where they cost least: as the answer leaves.

Werkzeug checks and looks up each header that is set on a response, which for a dozen of them took a
fifth of the time of a reading. Those here are our own, so they are joined on as they are.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

KEY = "commonplace.headers"
Header = tuple[str, str]


def say(environ: WSGIEnvironment, name: str, value: str) -> None:
    """Give the answer to this request one more header."""
    environ[KEY].append((name, value))


def leaving_with(
    headers: Iterable[Header], environ: WSGIEnvironment, start_response: StartResponse
) -> StartResponse:
    """A `start_response` that adds `headers`, and what was said meanwhile, to what the answer has itself.

    An answer with a policy of its own, which is a page, keeps its own.
    """
    said: list[Header] = []
    environ[KEY] = said

    def start(status: str, own: list[Header], exc_info: Any = None) -> Any:
        if any(name == "Content-Security-Policy" for name, _ in own):
            return start_response(status, own + said, exc_info)
        return start_response(status, [*own, *said, *headers], exc_info)

    return start
