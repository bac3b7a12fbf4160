"""How the operator's commands reach a node: through its broker, like the gateway."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from deploy.node.folder import node_folder
from deploy.node.plan import plan
from deploy.node.problems import NodeProblem
from deploy.node.settings import NodeSettings
from deploy.node.software import get_software
from deploy.node.up import running_settings
from services.gateway.switchboard import Switchboard

PATIENCE = 10.0
AWAY = "The node's broker does not answer; `make status` says how the node is, `make up` starts it."


def broker_url() -> str:
    """The broker that COMMONPLACE_BROKER names, else that of the node on this machine."""
    named = NodeSettings().broker
    if named:
        return named
    folder = node_folder()
    settings = running_settings(folder)
    if settings.broker:
        return settings.broker
    if not (folder.path / "settings.json").exists():
        raise NodeProblem(
            "There is no node on this machine: `make up` starts one; COMMONPLACE_BROKER names another's broker."
        )
    return plan(settings, folder, get_software(folder.software)).broker


@contextmanager
def switchboard(name: str, deadline_seconds: float) -> Iterator[Switchboard]:
    """Yield an open switchboard to the node.

    Args:
        name: what the broker's operator sees.
        deadline_seconds: how long a call may take.

    Raises:
        NodeProblem: when its broker can't be reached.
    """
    broker = broker_url()
    _refuse_where_nothing_listens(broker)
    board = Switchboard(broker, deadline_seconds, name)
    try:
        if not board.wait_until_open(PATIENCE):
            raise NodeProblem(AWAY)
        yield board
    finally:
        board.close()


def _refuse_where_nothing_listens(broker: str) -> None:
    """Say at once what needs no patience: a broker that is slow, or on its way, is waited for."""
    parts = urlsplit(broker)
    try:
        with suppress(TimeoutError):
            socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5672), timeout=1).close()
    except OSError:
        raise NodeProblem(AWAY) from None
