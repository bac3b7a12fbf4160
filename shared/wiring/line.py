"""The one consuming connection of a service, shared by all its entrypoints."""

from collections.abc import Callable

import amqp
from nameko.extensions import SharedExtension

from shared.settings import ServiceSettings
from shared.wiring.broker import Line


class ServiceLine(SharedExtension):  # type: ignore[misc]
    """Opens a `Line` once every entrypoint has said what it wants to be done on it.

    nameko stops entrypoints first, then waits for workers, then stops shared extensions: so what is
    in hand can still be answered and acknowledged here.
    """

    def setup(self) -> None:
        if hasattr(self, "line"):
            return  # nameko sets a shared extension up once for each that shares it
        self._openings: list[Callable[[amqp.Connection], None]] = []
        self._losses: list[Callable[[], None]] = []
        self.line = Line(ServiceSettings().broker, self.container.service_name, self._on_open, self._on_loss)
        self._started = False

    def when_open(self, opening: Callable[[amqp.Connection], None], on_loss: Callable[[], None]) -> None:
        """Do `opening` on every new connection, in the reader's thread, and `on_loss` whenever one is lost."""
        self.setup()
        self._openings.append(opening)
        self._losses.append(on_loss)

    def start(self) -> None:
        if not self._started:
            self._started = True
            self.line.start()

    def stop(self) -> None:
        self.line.stop()

    def _on_open(self, connection: amqp.Connection) -> None:
        for opening in self._openings:
            opening(connection)

    def _on_loss(self) -> None:
        for loss in self._losses:
            loss()
