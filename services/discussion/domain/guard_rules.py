"""Who may see and change an organisation's own rules of the guard, and how."""

from services.discussion.domain.guard import Rules
from services.discussion.domain.thread import check_revision
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import GuardRules, NewGuardRules
from shared.errors import NotAllowed, NotFound


def check_governs(caller: Caller, organisation: str) -> None:
    """Refuse everybody but the organisation's own client, acting for itself, and the operator."""
    if caller.operator:
        return
    if caller.organisation != organisation:
        raise NotFound("There is no such organisation.", where="organisation")
    if caller.client is None or caller.member is not None:
        raise NotAllowed(
            "An organisation's own rules are seen and changed by its client, acting for itself.",
            "client-only",
        )


def changed(before: Rules, new: NewGuardRules, *, seen: int) -> Rules:
    """The rules as they are after the change; `seen` is the revision that it was decided upon."""
    check_revision(before.revision, seen)
    return before.model_copy(update={"rules": new.rules, "revision": before.revision + 1})


def shown(rules: Rules) -> GuardRules:
    """The rules as who governs them sees them."""
    return GuardRules(organisation=rules.organisation, rules=rules.rules, revision=rules.revision)
