"""Reading a listing page by page as the operator, up to as much as somebody wants to see."""

from typing import Any, TypeVar

import typer
from pydantic import BaseModel

from deploy.node.operating import operate
from shared.contracts.calls.call import Listing, Page

MOST_ON_A_PAGE = 100

T = TypeVar("T", bound=BaseModel)


def listed(
    asked: type[Listing], answer: type[Page[T]], most: int, which: str = "first", **said: Any
) -> list[T]:
    """Return the first `most` items of a listing; when there are more, standard error says how to see them.

    Args:
        asked, answer, said: as for `operate`.
        most: how many, one at least.
        which: how the first of the listing are called.
    """
    found: list[T] = []
    after = None
    while True:
        limit = min(MOST_ON_A_PAGE, most - len(found))
        page = operate(asked, answer, limit=limit, after=after, **said)
        found += page.items
        after = page.next
        if after is None or len(found) >= most:
            break
    if after is not None:
        typer.echo(
            f"These are the {which} {len(found)}, and there are more; --limit shows more of them.", err=True
        )
    return found
