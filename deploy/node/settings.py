"""What an operator can change about a node on one machine: variables that begin with COMMONPLACE_."""

from collections.abc import Iterator

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "COMMONPLACE_"
RABBITMQ_PORTS = {"rabbitmq_port", "rabbitmq_distribution_port", "rabbitmq_prometheus_port", "epmd_port"}


class NodeSettings(BaseSettings):
    """The ports of a node, its copies of each service, and servers to use instead of its own."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", env_ignore_empty=True)

    broker: str | None = Field(None, description="A RabbitMQ to use instead of starting one.")
    mongo: str | None = Field(None, description="A MongoDB replica set to use instead of starting one.")
    database_prefix: str = Field("commonplace", description="A service's database is <prefix>_<service>.")
    log_level: str = Field("info", description="debug, info, warning or error.")

    mail: str | None = Field(
        None, description="Where mail is handed over, smtp://user:password@host:587; else into a folder."
    )

    demo: bool | None = Field(
        None, description="Whether `make up` makes the demo communities; left out: unless a server is named."
    )

    port: int = Field(8800, description="The gateway: the API.")
    stream_port: int = Field(8801, description="Live events.")
    membership_admin_port: int = Field(8811, description="/metrics, /healthz and /readyz of membership.")
    discussion_admin_port: int = Field(8812, description="/metrics, /healthz and /readyz of discussion.")
    notifications_admin_port: int = Field(
        8813, description="/metrics, /healthz and /readyz of notifications."
    )
    gateway_admin_port: int = Field(8814, description="/metrics, /healthz and /readyz of gateway.")
    stream_admin_port: int = Field(8815, description="/metrics, /healthz and /readyz of stream.")
    supervisor_port: int = Field(8816, description="How `make down` and `make status` reach the supervisor.")
    mongodb_port: int = Field(8817, description="The node's own MongoDB.")
    mongo_exporter_admin_port: int = Field(8818, description="MongoDB's numbers, for Prometheus.")
    rabbitmq_distribution_port: int = Field(8825, description="Erlang's own, of the node's RabbitMQ.")
    epmd_port: int = Field(8869, description="Erlang's port mapper.")
    rabbitmq_port: int = Field(8872, description="The node's own RabbitMQ.")
    prometheus_port: int = Field(8890, description="Prometheus: what is measured, and what is wrong.")
    rabbitmq_prometheus_port: int = Field(8892, description="RabbitMQ's numbers, for Prometheus.")
    alertmanager_port: int = Field(8893, description="Alertmanager: who is called for what.")

    membership_copies: int = Field(1, ge=1, le=9, description="How many processes of it run.")
    discussion_copies: int = Field(1, ge=1, le=9, description="How many processes of it run.")
    notifications_copies: int = Field(1, ge=1, le=9, description="How many processes of it run.")

    def makes_demo(self) -> bool:
        """Whether the demo communities are wanted: into servers of somebody's own only when they say so."""
        return not (self.broker or self.mongo) if self.demo is None else self.demo

    def other_than(self, running: "NodeSettings") -> list[str]:
        """Return the variables by which a node with these settings differs from one that runs with others."""
        return [
            f"{PREFIX}{name.upper()}"
            for name in type(self).model_fields
            if name != "demo" and getattr(self, name) != getattr(running, name)
        ]

    def ports(self) -> Iterator[tuple[str, int]]:
        """Yield each port that this node takes, with the variable that moves it."""
        unused = (RABBITMQ_PORTS if self.broker else set()) | ({"mongodb_port"} if self.mongo else set())
        for name in type(self).model_fields:
            if (name == "port" or name.endswith("_port")) and name not in unused:
                yield f"{PREFIX}{name.upper()}", getattr(self, name)
