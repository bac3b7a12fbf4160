"""Decides what a node on this machine is made of: its own servers where none are named, its processes."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from deploy.node.folder import CHECKOUT, NodeFolder
from deploy.node.mongodb import MongoDB
from deploy.node.processes import Copy, copies, shared_environment
from deploy.node.prometheus import Alertmanager, Prometheus
from deploy.node.rabbitmq import RabbitMQ, RabbitPorts
from deploy.node.server import Command
from deploy.node.settings import PREFIX, NodeSettings
from deploy.node.software import Software

WATCHERS = {"prometheus_port", "alertmanager_port"}


@dataclass
class NodePlan:
    """What is to run, and where."""

    settings: NodeSettings
    folder: NodeFolder
    rabbitmq: RabbitMQ | None = None
    mongodb: MongoDB | None = None
    prometheus: Prometheus | None = None
    alertmanager: Alertmanager | None = None
    copies: list[Copy] = field(default_factory=list)

    @property
    def broker(self) -> str:
        """Where RabbitMQ is, ours or the one that was named."""
        return self.rabbitmq.url if self.rabbitmq else self.settings.broker or ""

    @property
    def mongo(self) -> str:
        """Where MongoDB is, ours or the one that was named."""
        return self.mongodb.url if self.mongodb else self.settings.mongo or ""

    def environment(self) -> dict[str, str]:
        """Return what every process of the node is told; commands that talk to the node need it too."""
        keys, mail = str(self.folder.keys), self.settings.mail or self.folder.mail.as_uri()
        return shared_environment(self.settings, self.broker, self.mongo, keys, mail)

    def servers(self) -> list[Command]:
        """Return the servers of our own that must run before anything else."""
        return [
            command for server in (self.mongodb, self.rabbitmq) if server for command in server.commands()
        ]

    def processes(self) -> list[Command]:
        """Return the node's own processes."""
        shared = {**self.environment(), "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
        return [
            Command(copy.name, copy.argv(sys.executable), {**shared, **copy.environment()})
            for copy in self.copies
        ]

    def watchers(self) -> list[Command]:
        """Return what watches the node."""
        watching = (self.alertmanager, self.prometheus)
        return [command for server in watching if server for command in server.commands()]

    def ports(self) -> Iterator[tuple[str, int]]:
        """Yield every port that the node takes, with the variable that moves it."""
        unused = set() if self.prometheus else {f"{PREFIX}{name.upper()}" for name in WATCHERS}
        yield from ((name, port) for name, port in self.settings.ports() if name not in unused)
        for copy in self.copies:
            if copy.number > 1:
                yield f"{PREFIX}{copy.process.admin_port.upper()}", copy.admin_port


def plan(
    settings: NodeSettings, folder: NodeFolder, software: Software | None, watched: bool = False
) -> NodePlan:
    """Return the plan of a node.

    Args:
        settings: what the operator wants.
        folder: where it all lies.
        software: the servers to run; None only when both RabbitMQ and MongoDB are named in the settings.
        watched: whether a Prometheus and an Alertmanager of its own watch the node; who has named both
            servers runs those too.
    """
    node = NodePlan(settings, folder, copies=copies(settings))
    if software is None:
        return node
    if not settings.broker:
        ports = RabbitPorts(
            amqp=settings.rabbitmq_port,
            prometheus=settings.rabbitmq_prometheus_port,
            distribution=settings.rabbitmq_distribution_port,
            epmd=settings.epmd_port,
        )
        node.rabbitmq = RabbitMQ(software, folder.data / "rabbitmq", ports)
    if not settings.mongo:
        node.mongodb = MongoDB(software, folder.data / "mongodb", settings.mongodb_port)
    if watched:
        node.prometheus = Prometheus(software, folder.data / "prometheus", settings.prometheus_port)
        node.alertmanager = Alertmanager(software, folder.data / "alertmanager", settings.alertmanager_port)
    return node
