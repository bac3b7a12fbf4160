"""What the page asks: of discussion what crosses, of membership how organisations are called."""

from typing import cast

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.discussion import Crossing, ExplainCrossing
from shared.contracts.calls.membership import ListOrganisations, Organisation

AT_ONCE = 100
MOST_NAMES = 2_000
"""Organisations beyond these are found by their id."""


class Asking:
    """Asks for the member who reads the page.

    Args:
        switchboard: makes the calls.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    def organisations(self, caller: Caller) -> dict[str, str]:
        """The names of the organisations here, by id."""
        names: dict[str, str] = {}
        after = None
        for _ in range(MOST_NAMES // AT_ONCE):
            call = ListOrganisations(caller=caller, limit=AT_ONCE, after=after)
            page = cast(Page[Organisation], self._switchboard.ask(call))
            names |= {one.organisation: one.name for one in page.items}
            if (after := page.next) is None:
                break
        return names

    def crossing(self, caller: Caller, item: str, organisation: str) -> Crossing:
        """What that organisation gets to see of a thread or post; raises `NotFound`."""
        call = ExplainCrossing(caller=caller, item=item, organisation=organisation)
        return cast(Crossing, self._switchboard.ask(call))
