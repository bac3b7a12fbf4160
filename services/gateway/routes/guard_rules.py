"""Guard rules: what an organisation guards besides what everybody is guarded from."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import OrganisationPath
from shared.contracts.calls.discussion import ChangeGuardRules, GetGuardRules, NewGuardRules

guard_rules = Resource("guard rules", "What an organisation's members are kept from telling by mistake.")


@guard_rules.reads("/organisations/<organisation>/guard-rules", GetGuardRules, scope="guard:read")
def get_guard_rules(asked: Asked, path: OrganisationPath) -> GetGuardRules:
    """Read an organisation's own rules.

    By the organisation's client, acting for itself.
    """
    return GetGuardRules(caller=asked.caller, organisation=path.organisation)


@guard_rules.changes(
    "PUT",
    "/organisations/<organisation>/guard-rules",
    ChangeGuardRules,
    scope="guard:write",
    example={"rules": [{"name": "Hospital number", "template": "RXA ######"}]},
)
def change_guard_rules(asked: Asked, path: OrganisationPath, body: NewGuardRules) -> ChangeGuardRules:
    """Put these rules in the place of an organisation's own.

    By the organisation's client, acting for itself. They hold for what its members write from now on.
    """
    return ChangeGuardRules(
        caller=asked.caller,
        once=asked.once,
        organisation=path.organisation,
        new=body,
        revision=asked.revision,
    )
