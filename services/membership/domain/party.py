"""For which organisation a caller speaks, where only an organisation as a whole can speak."""

from shared.contracts.calls.call import Caller
from shared.errors import NotAllowed


def organisation_of(caller: Caller, named: str | None) -> str:
    """The organisation whose own system calls, or for which the operator does.

    Args:
        named: which one the operator means; a system may name its own.

    Raises:
        NotAllowed: `organisation-only`.
    """
    if caller.operator and named is not None:
        return named
    own = caller.organisation if caller.client is not None and caller.member is None else None
    if own is None or named not in (None, own):
        raise NotAllowed(
            "Only the organisation's own system, acting for nobody, or the operator may do this.",
            "organisation-only",
        )
    return own
