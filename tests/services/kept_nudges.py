"""Nudges kept in a list, for tests that have no broker."""

from collections.abc import Iterable

from shared.contracts.notifications import Nudge


class KeptNudges:
    """Takes nudges as the road to the streams would."""

    def __init__(self) -> None:
        self.kept: list[Nudge] = []

    def send(self, nudges: Iterable[Nudge]) -> None:
        self.kept += nudges

    @property
    def reached(self) -> list[str]:
        """The ids of the notifications nudged, in the order of the nudging."""
        return [
            f"{nudge.thing}.{member}"
            for nudge in self.kept
            for group in nudge.reached
            for member in group.members
        ]
