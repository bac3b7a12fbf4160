"""One call of the operator to the node: made at most once, and refused in one sentence."""

import json
from hashlib import sha256
from secrets import token_hex
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from deploy.node.asking import OPERATOR, SECONDS_FOR_A_CALL, Asking
from deploy.node.problems import NodeProblem
from deploy.node.reaching import switchboard
from services.gateway.door.reading import what_is_wrong
from shared.contracts.calls.call import Call, Once
from shared.errors import Refusal

A = TypeVar("A", bound=BaseModel)

PATIENCE = 60.0
SECRETS_BEGIN = "cop_"
"""As every secret does that a node makes; one that was typed by mistake is not shown again."""


def operate(asked: type[Call], answer: type[A], **said: object) -> A:
    """Make a call as the operator; it is repeated while the node is away, and carried out once.

    Args:
        asked: the class of the call.
        answer: what its answer is read as.
        said: the call's own fields, as they were typed.

    Raises:
        NodeProblem: when what was typed can't be used, the node refuses it, or can't be reached.
    """
    fingerprint = sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
    once = Once(key=f"operator:{token_hex(16)}", fingerprint=fingerprint)
    try:
        call = asked.model_validate({"caller": OPERATOR, "once": once, **said})
    except ValidationError as refusal:
        raise NodeProblem(_unusable(refusal)) from None
    try:
        with switchboard("operator", SECONDS_FOR_A_CALL) as line:
            return Asking(line, PATIENCE).ask(call, answer)
    except Refusal as refusal:
        where = f" ({refusal.where})" if refusal.where else ""
        raise NodeProblem(f"The node refuses this: {refusal.sentence}{where}") from None


def shown_once(secret: str | None, way_out: str) -> str:
    """Return a secret that an answer carries.

    Args:
        secret: of the answer; None when this is the repetition of an answer that was lost with it.
        way_out: how to end what it belongs to.

    Raises:
        NodeProblem: when it is lost.
    """
    if secret is None:
        raise NodeProblem(
            f"It was made, but the node's answer was lost, and the secret with it: `{way_out}` ends it; then do"
            " this again."
        )
    return secret


def _unusable(refusal: ValidationError) -> str:
    first = refusal.errors(include_url=False)[0]
    name = next((part for part in reversed(first["loc"]) if isinstance(part, str)), "it")
    if str(first["input"]).startswith(SECRETS_BEGIN):
        return (
            f"The {name.replace('_', ' ')} can't be used: give its id, not its secret; `list` shows the ids."
        )
    # A key that is private by mistake is not shown to the terminal's history.
    shown = "" if isinstance(first["input"], dict) else f" {first['input']!r}"
    return f"The {name.replace('_', ' ')}{shown} can't be used: {what_is_wrong(first)}."
