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
        self._consumings: list[Callable[[], None]] = []
        self._losses: list[Callable[[], None]] = []
        self.line = Line(
            ServiceSettings().broker,
            self.container.service_name,
            on_open=self._on_open,
            on_ready=self._on_ready,
            on_loss=self._on_loss,
        )
        self._started = False

    def join(
        self,
        on_open: Callable[[amqp.Connection], None],
        on_ready: Callable[[], None],
        on_loss: Callable[[], None] = lambda: None,
    ) -> None:
        """Have a part in this line.

        Args:
            on_open: on every new connection, in the reader's thread: make a channel, declare.
            on_ready: when everybody has declared and answers may be written: consume.
            on_loss: whenever a connection is lost, also one that never became ready.
        """
        self.setup()
        self._openings.append(on_open)
        self._consumings.append(on_ready)
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

    def _on_ready(self, _connection: amqp.Connection) -> None:
        for consuming in self._consumings:
            consuming()

    def _on_loss(self) -> None:
        for loss in self._losses:
            loss()
