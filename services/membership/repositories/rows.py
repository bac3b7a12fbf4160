"""How a thing becomes a row and a row the thing again; and the order of names."""

from datetime import datetime
from typing import Any, TypeVar

from services.membership.domain.state import State

Row = dict[str, Any]
S = TypeVar("S", bound=State)

LONGEST_KEY = 80


def row_of(thing: State) -> Row:
    """The row that keeps a thing: its fields, with the id as `_id`."""
    fields = thing.model_dump()
    return {"_id": fields.pop("id"), **fields}


def fields_of(thing: State) -> Row:
    """The fields a change sets: all but the id."""
    return thing.model_dump(exclude={"id"})


def thing_of(kind: type[S], row: Row | None) -> S | None:
    """The thing a row keeps, None when there is no row."""
    return None if row is None else kind(id=row.pop("_id"), **row)


def things_of(kind: type[S], rows: Any) -> list[S]:
    """The things that rows keep, in their order."""
    return [kind(id=row.pop("_id"), **row) for row in rows]


def sort_key(name: str) -> str:
    """Where a name stands in a listing: without regard to capitals, and short enough for a cursor."""
    return name.casefold()[:LONGEST_KEY]


NamePosition = tuple[str, str] | None
TimePosition = tuple[datetime, str] | None


def after(field: str, position: NamePosition | TimePosition) -> Row:
    """The condition for what follows a position in the rising order of `field` and id; empty for the first page."""
    return _beyond(field, position, "$gt")


def before(field: str, position: NamePosition | TimePosition) -> Row:
    """As `after`, in the falling order."""
    return _beyond(field, position, "$lt")


def after_id(position: str | None) -> Row:
    """The condition for what follows an id in the order of ids; empty for the first page."""
    return {} if position is None else {"_id": {"$gt": position}}


def _beyond(field: str, position: NamePosition | TimePosition, than: str) -> Row:
    if position is None:
        return {}
    value, id = position
    # The first condition bounds the index scan, the second passes over equal values.
    return {field: {f"{than}e": value}, "$or": [{field: {than: value}}, {"_id": {than: id}}]}
