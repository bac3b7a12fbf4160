"""The one list of a node's own processes.

The supervisor, the tests, the Prometheus configuration and the check of the compose file all read it here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.node.settings import PREFIX, NodeSettings

# From the admin port of one copy of a process to the next one's.
COPY_STEP = 100


@dataclass(frozen=True)
class Process:
    """A kind of process: what runs, and which settings say where and how often."""

    name: str
    module: tuple[str, ...]
    admin_port: str
    """The field of NodeSettings with the port of /metrics, /healthz and /readyz."""
    port: str | None = None
    """The field of NodeSettings with the port that clients use; None for what only the broker reaches."""
    copies: str | None = None
    """The field of NodeSettings with the number of copies; None for what has a port of its own: one."""


@dataclass(frozen=True)
class Copy:
    """One process of a node, with everything decided."""

    process: Process
    number: int
    admin_port: int

    @property
    def name(self) -> str:
        """`membership` for the first, `membership-2` for the second."""
        return self.process.name if self.number == 1 else f"{self.process.name}-{self.number}"

    def argv(self, python: str) -> list[str]:
        """Return what to run with that Python."""
        return [python, "-m", *self.process.module]

    def environment(self) -> dict[str, str]:
        """Return what only this copy is told; the rest is the same for every process of the node."""
        return {f"{PREFIX}ADMIN_PORT": str(self.admin_port)}


def _service(name: str) -> Process:
    return Process(name, ("shared.wiring.run", name), f"{name}_admin_port", copies=f"{name}_copies")


# In the order in which they start: speakers before listeners, the doors last.
PROCESSES: Sequence[Process] = (
    _service("membership"),
    _service("discussion"),
    _service("notifications"),
    Process("mongo-exporter", ("deploy.mongo.exporter",), "mongo_exporter_admin_port"),
    Process("gateway", ("services.gateway",), "gateway_admin_port", port="port"),
    Process("stream", ("services.gateway.stream",), "stream_admin_port", port="stream_port"),
)


def copies(settings: NodeSettings) -> list[Copy]:
    """Return every process that a node with these settings runs."""
    return [
        Copy(process, number, getattr(settings, process.admin_port) + COPY_STEP * (number - 1))
        for process in PROCESSES
        for number in range(1, 1 + (getattr(settings, process.copies) if process.copies else 1))
    ]


def shared_environment(
    settings: NodeSettings, broker: str, mongo: str, keys: str, mail: str
) -> dict[str, str]:
    """Return what every process of the node is told."""
    told = {
        "BROKER": broker,
        "MONGO": mongo,
        "DATABASE_PREFIX": settings.database_prefix,
        "KEYS": keys,
        "MAIL": mail,
        "LOG_LEVEL": settings.log_level,
        "PORT": str(settings.port),
        "STREAM_PORT": str(settings.stream_port),
    }
    return {f"{PREFIX}{name}": value for name, value in told.items()}
