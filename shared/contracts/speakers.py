"""Every fact there is, by the service that tells it, in the order of the files that declare them."""

from shared.contracts import discussion, membership, notifications
from shared.contracts.envelope import Contract

SPEAKERS = {"membership": membership, "discussion": discussion, "notifications": notifications}


def facts_of(speaker: str) -> tuple[type[Contract], ...]:
    """The contracts that `speaker` tells; none for a process that tells nothing."""
    module = SPEAKERS.get(speaker)
    return tuple(
        thing
        for thing in vars(module or object).values()
        if isinstance(thing, type)
        and issubclass(thing, Contract)
        and thing.__module__ == getattr(module, "__name__", "")
        and "word" in vars(thing)
    )
