"""An organisation's own rules of the guard."""

from services.discussion.domain import guard_rules
from services.discussion.repositories import guard_rules as kept
from services.discussion.service.desk import Desk, deciding_again
from shared.contracts.calls.discussion import ChangeGuardRules, GetGuardRules, GuardRules
from shared.wiring.rpc import rpc
from shared.wiring.store import Work


class GuardRulesHandlers(Desk):
    """The calls about them."""

    @rpc
    def get_guard_rules(self, call: GetGuardRules) -> GuardRules:
        guard_rules.check_governs(call.caller, call.organisation)
        return guard_rules.shown(kept.GuardRules(self.store.database).of(call.organisation))

    @rpc
    def change_guard_rules(self, call: ChangeGuardRules) -> GuardRules:
        guard_rules.check_governs(call.caller, call.organisation)
        rules = kept.GuardRules(self.store.database)
        before = rules.of(call.organisation)
        after = guard_rules.changed(before, call.new, seen=call.revision)
        work = Work()
        rules.put(work, before, after)
        with deciding_again(kept.COLLECTION):
            return self.store.commit(work, call, guard_rules.shown(after))
