"""The operator of a node, who calls by commands and never over HTTP, and what only they may do."""

from shared.contracts.calls.call import Caller
from shared.errors import NotAllowed


def check_operator(caller: Caller) -> None:
    """Refuse anybody but the operator's own commands.

    Raises:
        NotAllowed: `operator-only`.
    """
    if not caller.operator:
        raise NotAllowed("Only the operator of this node may do this; ask them to.", "operator-only")


def check_chosen_id(caller: Caller, chosen: str | None) -> None:
    """Refuse an id chosen by anybody but the operator, whose imports must find their things again.

    Raises:
        NotAllowed: `operator-only`, about the field `id`.
    """
    if chosen is not None and not caller.operator:
        raise NotAllowed("Only the operator may choose an id; leave it out.", "operator-only", "id")
