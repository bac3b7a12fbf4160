"""What is not read, because reading it could take longer than anybody would wait: filters and paths without end."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from scim2_models import InvalidFilterException, InvalidPathException, InvalidSyntaxException

from services.gateway.door.strict_json import refuse_ambiguous
from services.gateway.problems import Problem

LONGEST = 1_000
MOST_BRACKETS = 10
MOST_TERMS = 20
JOINTS = re.compile(r"\b(?:and|or|not)\b", re.IGNORECASE)


def check_filter(text: object) -> None:
    """Refuse a filter that is too long, too deep or has too many terms.

    Raises:
        InvalidFilterException: it is.
    """
    if isinstance(text, str) and not _is_small(text):
        raise InvalidFilterException(
            detail=f"A filter has at most {LONGEST} characters, {MOST_BRACKETS} brackets and {MOST_TERMS} terms."
        )


def check_body(body: bytes) -> None:
    """Refuse a body that is not plainly one JSON value, or in which a filter or path is out of bounds.

    Raises:
        InvalidSyntaxException: it is not JSON, or two readers could understand it differently.
        InvalidFilterException: a filter is out of bounds.
        InvalidPathException: a path is.
    """
    if not body:
        return
    try:
        refuse_ambiguous(body)
    except Problem:
        raise InvalidSyntaxException(
            detail="The body is not one JSON value in UTF-8 with every name once in an object."
        ) from None
    for name, text in _texts(from_json(body)):
        if name == "filter":
            check_filter(text)
        elif name == "path" and not _is_small(text):
            raise InvalidPathException(
                detail=f"A path has at most {LONGEST} characters, {MOST_BRACKETS} brackets and {MOST_TERMS} terms."
            )


def _is_small(text: str) -> bool:
    return (
        len(text) <= LONGEST
        and text.count("(") + text.count("[") <= MOST_BRACKETS
        and len(JOINTS.findall(text)) < MOST_TERMS
    )


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value that stands in an object, with its name there; without recursion."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
            yield from ((name.casefold(), text) for name, text in part.items() if isinstance(text, str))
        elif isinstance(part, list):
            waiting += part
