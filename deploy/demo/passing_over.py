"""What people have changed of the demo stays so: a step that the node refuses is passed over, and noted."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Refusal


class PassingOver:
    """Goes on where the node refuses a step, so that a changed demo never keeps a node from starting.

    A node that is away is no refusal: that is raised as ever.
    """

    def __init__(self) -> None:
        """Begin with nothing refused."""
        self.refused: list[str] = []
        """What was passed over, and why, as sentences; empty when the demo is as it was made."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Carry out one step; `what` names it to people."""
        try:
            yield
        except Refusal as refusal:
            self.refused.append(f"{what}: {refusal.sentence}")
