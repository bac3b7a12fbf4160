"""JSON read strictly: what two readers could understand differently is not understood at all."""

import json
from typing import Any

from pydantic_core import from_json

from services.gateway.problems import Problem


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
    except (ValueError, RecursionError):
        # What exactly was wrong would repeat input, and helps nobody who writes JSON with a library.
        raise Problem("malformed-json") from None


def _all_different(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice")


_NO_DUPLICATES = json.JSONDecoder(object_pairs_hook=_all_different)
