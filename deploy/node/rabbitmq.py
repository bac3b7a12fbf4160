"""RabbitMQ on this machine, apart from any other: own Erlang, cookie, port mapper and data; loopback only."""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import amqp

from deploy.node.folder import remembered_secret
from deploy.node.problems import NodeProblem
from deploy.node.server import Command, ServerProcess
from deploy.node.software import Software

USER = "commonplace"
VHOST = "commonplace"

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
default_user = {user}
default_pass = {password}
default_vhost = {vhost}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {prometheus}
log.console = true
log.console.level = warning
log.file = false
disk_free_limit.absolute = 200MB
raft.wal_max_size_bytes = 67108864
{management}"""

MANAGEMENT = """\
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
"""

# Two schedulers that sleep when idle: busy waiting is for machines that do nothing else.
ERLANG = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"


@dataclass(frozen=True)
class RabbitPorts:
    """The ports of one RabbitMQ; `management` only where its HTTP interface is wanted (the tests)."""

    amqp: int
    prometheus: int
    distribution: int
    epmd: int
    management: int | None = None


class RabbitMQ:
    """A RabbitMQ server of our own in one folder."""

    def __init__(self, software: Software, folder: Path, ports: RabbitPorts) -> None:
        """Take the unpacked software, a folder for everything it writes, and its ports; starts nothing."""
        self.software = software
        self.folder = folder
        self.ports = ports
        self.password = remembered_secret(folder, "password")
        self._epmd, self._server = (ServerProcess(command, folder) for command in self.commands())

    @property
    def pid(self) -> int | None:
        """The id of the server's first process, or None when it isn't running."""
        return self._server.pid

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self.url_of(VHOST)

    def url_of(self, vhost: str) -> str:
        """Return the address of another virtual host on this server."""
        return f"amqp://{USER}:{self.password}@127.0.0.1:{self.ports.amqp}/{quote(vhost, safe='')}"

    @property
    def management_url(self) -> str:
        """Where the HTTP interface is."""
        return f"http://127.0.0.1:{self.ports.management}"

    def commands(self) -> list[Command]:
        """Return what must run, in this order: Erlang's port mapper and the server."""
        environment = {
            **self.software.environment(),
            "HOME": str(self.folder),  # Erlang's cookie lies in HOME
            "RUNNING_UNDER_SYSTEMD": "1",  # the script gives its place to Erlang: one process to signal
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "commonplace@localhost",
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "rabbitmq.pid"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(self.folder / "feature_flags"),
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
        }
        epmd = [
            str(self.software.erlang / "bin/epmd"),
            "-port",
            str(self.ports.epmd),
            "-address",
            "127.0.0.1",
        ]
        return [
            Command("epmd", epmd, environment),
            Command("rabbitmq", [str(self.software.rabbitmq / "rabbitmq-server")], environment),
        ]

    def configure(self) -> None:
        """Write the server's configuration, readable by its owner only."""
        for name in ("mnesia", "log", "generated"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        plugins = ["rabbitmq_prometheus"]
        management = ""
        if self.ports.management:
            plugins.append("rabbitmq_management")
            management = MANAGEMENT.format(management=self.ports.management)
        (self.folder / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
        (self.folder / "rabbitmq-env.conf").touch()
        configuration = self.folder / "rabbitmq.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            CONFIGURATION.format(
                amqp=self.ports.amqp, prometheus=self.ports.prometheus, user=USER, password=self.password,
                vhost=VHOST, management=management,
            )
        )  # fmt: skip

    def start(self) -> None:
        """Run it and wait until it takes connections; nothing happens when it runs already."""
        self.configure()
        self._epmd.start()
        self._server.start()
        self.wait()

    def wait(self, patience: float = 90.0) -> None:
        """Return when a client can open a channel.

        Raises NodeProblem after `patience` seconds or when it died.
        """
        deadline = time.monotonic() + patience
        while not self.answers():
            if self._server.pid is None or time.monotonic() > deadline:
                raise NodeProblem(f"RabbitMQ did not start: {self._server.last_words()}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it as an operator would: what it holds is written down."""
        self._server.stop()
        self._epmd.stop()

    def kill(self) -> None:
        """End it as a power cut would, with everything that it started."""
        self._server.kill()
        self._epmd.kill()

    def answers(self) -> bool:
        """Return whether a client can open a channel at this moment."""
        try:
            with amqp.Connection(
                f"127.0.0.1:{self.ports.amqp}", userid=USER, password=self.password, virtual_host=VHOST,
                connect_timeout=2, read_timeout=5, write_timeout=5,
            ) as connection:  # fmt: skip
                connection.channel().close()
        except (OSError, amqp.AMQPError):
            return False
        return True
