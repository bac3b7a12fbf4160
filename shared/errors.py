"""The five ways to be refused; a refusal crosses the broker as itself and becomes a problem at the door.

Every refusal says what is wrong and how to mend it in one sentence a person can use. It never
repeats input, and never tells of a thing the caller may not know: that is `NotFound`.
"""

import json
from collections.abc import Iterable
from typing import ClassVar

NOWHERE = "0" * 24
"""The community of a thing that does not exist: refusing it costs as much as refusing a hidden one."""


def faults_as_text(faults: Iterable[tuple[str, str]]) -> str:
    """Several faults, each with where it is and what it is, as the one text that crosses the broker."""
    return json.dumps([[where, what] for where, what in faults], ensure_ascii=False)


def faults_of_text(text: str) -> tuple[tuple[str, str], ...]:
    """The faults that `faults_as_text` wrote; none of an empty text."""
    return tuple((where, what) for where, what in json.loads(text)) if text else ()


class Refusal(Exception):
    """A call was turned away on purpose, before anything was done.

    Args:
        sentence: what is wrong and how to mend it, for people.
        problem: the last part of the problem type's address, for machines; the class's own by default.
        where: the field or thing it concerns, such as `thread.title`; empty when it is the whole call.
        community: the community by whose local copy this was judged; empty when no copy was asked.
            The switchboard then makes sure that the copy had heard everything (see `Heard`).
        retry_after: whole seconds to wait before trying again, as text; only `Unavailable` uses it.
        faults: several things that are wrong, as `faults_as_text` writes them; empty when one sentence says it all.
    """

    problem: ClassVar[str] = "refused"

    def __init__(
        self,
        sentence: str = "",
        problem: str = "",
        where: str = "",
        community: str = "",
        retry_after: str = "",
        faults: str = "",
    ) -> None:
        # What a reader of the release before does not know is sent only when there is something to say.
        more = (faults,) if faults else ()
        super().__init__(sentence, problem, where, community, retry_after, *more)
        self.sentence = sentence
        self.code = problem or type(self).problem
        self.where = where
        self.community = community
        self.retry_after = retry_after
        self.faults: tuple[tuple[str, str], ...] = faults_of_text(faults)


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it."""

    problem = "not-found"


class NotAllowed(Refusal):
    """The caller may know of the thing but may not do this to it."""

    problem = "not-allowed"


class Conflict(Refusal):
    """The thing is not in a state that allows this, or has changed since the caller read it."""

    problem = "conflict"


class Invalid(Refusal):
    """What was sent cannot be understood or breaks a rule of form."""

    problem = "invalid"


class Unavailable(Refusal):
    """It cannot be done just now; the same call, with the same idempotency key, may be tried again."""

    problem = "unavailable"


REFUSALS: dict[str, type[Refusal]] = {
    refusal.__name__: refusal for refusal in (NotFound, NotAllowed, Conflict, Invalid, Unavailable)
}
