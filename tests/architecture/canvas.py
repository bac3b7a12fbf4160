"""A service's canvas: the docstring of its package, read."""

import importlib
import re
from dataclasses import dataclass
from typing import Any

LINES = ("Owns", "Answers", "Tells", "Hears")
COLLECTION_OR_CALL = re.compile(r"\b[a-z_]+\b")
CONTRACT = re.compile(r"\b(?:[A-Z][a-z]+)+\b")


@dataclass(frozen=True)
class Canvas:
    """What a package says of itself, in words."""

    owns: frozenset[str]
    answers: frozenset[str]
    tells: frozenset[str]
    hears: frozenset[str]


def canvas_of(service: str) -> Canvas:
    """Read `services/<service>/__init__.py`."""
    text = importlib.import_module(f"services.{service}").__doc__ or ""
    parts = re.split(rf"^({'|'.join(LINES)}):", text, flags=re.MULTILINE)
    assert tuple(parts[1::2]) == LINES, (
        f"services/{service}/__init__.py says {parts[1::2]}, wanted are {LINES}"
    )
    # What follows after an empty line is for people.
    owns, answers, tells, hears = (part.split("\n\n")[0] for part in parts[2::2])
    return Canvas(
        frozenset(COLLECTION_OR_CALL.findall(owns)),
        frozenset(COLLECTION_OR_CALL.findall(answers)),
        frozenset(CONTRACT.findall(tells)),
        frozenset(CONTRACT.findall(hears)),
    )


def service_class(service: str) -> Any:
    """The nameko class of a service."""
    module = importlib.import_module(f"services.{service}.service")
    (found,) = {
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and getattr(thing, "name", None) == service
        and thing.__module__ == module.__name__
    }
    return found
