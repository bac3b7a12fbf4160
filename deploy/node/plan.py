"""Decides what a node on this machine is made of: its own servers where none are named, its processes."""

import sys
from dataclasses import dataclass, field

from deploy.node.folder import CHECKOUT, NodeFolder
from deploy.node.mongodb import MongoDB
from deploy.node.processes import Copy, copies, shared_environment
from deploy.node.rabbitmq import RabbitMQ, RabbitPorts
from deploy.node.server import Command
from deploy.node.settings import NodeSettings
from deploy.node.software import Software


@dataclass
class NodePlan:
    """What is to run, and where."""

    settings: NodeSettings
    folder: NodeFolder
    rabbitmq: RabbitMQ | None
    mongodb: MongoDB | None
    copies: list[Copy] = field(default_factory=list)

    @property
    def broker(self) -> str:
        """Where RabbitMQ is, ours or the one that was named."""
        return self.rabbitmq.url if self.rabbitmq else self.settings.broker or ""

    @property
    def mongo(self) -> str:
        """Where MongoDB is, ours or the one that was named."""
        return self.mongodb.url if self.mongodb else self.settings.mongo or ""

    def servers(self) -> list[Command]:
        """Return the servers of our own that must run before anything else."""
        database = self.mongodb.commands() if self.mongodb else []
        return database + (self.rabbitmq.commands() if self.rabbitmq else [])

    def environment(self) -> dict[str, str]:
        """Return what every process of the node is told; commands that talk to the node need it too."""
        return shared_environment(self.settings, self.broker, self.mongo, str(self.folder.keys))

    def processes(self) -> list[Command]:
        """Return the node's own processes."""
        shared = {**self.environment(), "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
        return [
            Command(copy.name, copy.argv(sys.executable), {**shared, **copy.environment()})
            for copy in self.copies
        ]

    def ports(self) -> dict[str, int]:
        """Return every port that the node takes, by the variable that moves it."""
        ports = dict(self.settings.ports())
        further = {f"COMMONPLACE_{copy.process.admin_port.upper()}": copy.admin_port for copy in self.copies}
        return {**ports, **{name: port for name, port in further.items() if port not in ports.values()}}


def plan(settings: NodeSettings, folder: NodeFolder, software: Software | None) -> NodePlan:
    """Return the plan of a node; `software` may be None only when both servers are named in the settings."""
    rabbitmq = mongodb = None
    if software and not settings.broker:
        ports = RabbitPorts(
            amqp=settings.rabbitmq_port,
            prometheus=settings.rabbitmq_prometheus_port,
            distribution=settings.rabbitmq_distribution_port,
            epmd=settings.epmd_port,
        )
        rabbitmq = RabbitMQ(software, folder.data / "rabbitmq", ports)
    if software and not settings.mongo:
        mongodb = MongoDB(software, folder.data / "mongodb", settings.mongodb_port)
    return NodePlan(settings, folder, rabbitmq, mongodb, copies(settings))
