"""JSON read strictly: what two readers could understand differently is not understood at all."""

import json
import re
from typing import Any

from pydantic_core import from_json

from services.gateway.problems import Fault, Problem

NAME = re.compile(r"[A-Za-z0-9_]{1,60}")
"""What a person would call a field; any other name is not repeated."""
PLACE = re.compile(r"line (\d+),? column (\d+)")


def refuse_ambiguous(body: bytes) -> None:
    """Turn away everything that is not exactly one JSON value.

    Bad UTF-8, NaN and Infinity, numbers without end, nesting deeper than the stack, lone surrogates,
    and objects in which a name stands twice, of which every parser keeps another one.

    Raises:
        Problem: 400.
    """
    try:
        from_json(body, allow_inf_nan=False)
        _NO_DUPLICATES.decode(body.decode())
    except _StandsTwice as twice:
        name = twice.name if NAME.fullmatch(twice.name) else "?"
        raise Problem("malformed-json", errors=[Fault(name, "stands twice in one object")]) from None
    except (ValueError, RecursionError) as error:
        # Where it is wrong, and not what stands there: input is never repeated.
        place = PLACE.search(str(error))
        faults = (
            [Fault("body", "cannot be read at line {} column {}".format(*place.groups()))] if place else []
        )
        raise Problem("malformed-json", errors=faults) from None


class _StandsTwice(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def _all_different(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _StandsTwice(name)
        seen.add(name)


_NO_DUPLICATES = json.JSONDecoder(object_pairs_hook=_all_different)
