"""The five ways to be refused; a refusal crosses the broker as itself and becomes a problem at the door.

Every refusal says what is wrong and how to mend it in one sentence a person can use. It never
repeats input, and never tells of a thing the caller may not know: that is `NotFound`.
"""

from typing import ClassVar

NOWHERE = "0" * 24
"""The community of a thing that does not exist: refusing it costs as much as refusing a hidden one."""


class Refusal(Exception):
    """A call was turned away on purpose, before anything was done.

    Args:
        sentence: what is wrong and how to mend it, for people.
        problem: the last part of the problem type's address, for machines; the class's own by default.
        where: the field or thing it concerns, such as `thread.title`; empty when it is the whole call.
        community: the community by whose local copy this was judged; empty when no copy was asked.
            The switchboard then makes sure that the copy had heard everything (see `Heard`).
        retry_after: whole seconds to wait before trying again, as text; only `Unavailable` uses it.
    """

    problem: ClassVar[str] = "refused"

    def __init__(
        self,
        sentence: str = "",
        problem: str = "",
        where: str = "",
        community: str = "",
        retry_after: str = "",
    ) -> None:
        super().__init__(sentence, problem, where, community, retry_after)
        self.sentence = sentence
        self.code = problem or type(self).problem
        self.where = where
        self.community = community
        self.retry_after = retry_after


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
