"""What an operation of the API is: all that the door, the document and the tests need to know of a route."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from shared.contracts.calls.call import Call, Listing

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Operation:
    """One route.

    Args:
        id: its name in the document, as a rule that of the call's method.
        call: the one call it makes.
        method: the HTTP method.
        rule: the address as Flask has it, `/v1` included.
        scope: what the credential must allow.
        creates: whether it makes something new; then it answers 201 and needs an Idempotency-Key.
        later: whether what it makes is only begun; then it answers 202.
        location: where what it made is, with fields of the answer in braces; None when it has no address.
        path, query, body: the models of the parts it reads.
        example: a body to show.
        names_callers: whether the log may say who asked; not where that somebody asked is itself a confidence.
    """

    id: str
    call: type[Call]
    method: Method
    rule: str
    scope: str
    creates: bool = False
    later: bool = False
    location: str | None = None
    path: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    example: dict[str, Any] | None = None
    names_callers: bool = True

    @property
    def status(self) -> int:
        """What it answers when all is well."""
        if self.later:
            return 202
        return 201 if self.creates else 200

    @property
    def is_listing(self) -> bool:
        """Whether it answers a page."""
        return issubclass(self.call, Listing)

    @property
    def needs_revision(self) -> bool:
        """Whether it changes a certain revision, and so needs If-Match."""
        return "revision" in self.call.model_fields

    @property
    def has_revision(self) -> bool:
        """Whether its answer is one thing with a revision, and so has an ETag to send as If-Match."""
        return "revision" in self.call.answer.model_fields
