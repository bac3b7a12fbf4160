"""Free and taken TCP ports on the loopback interface."""

import random
import socket
from collections.abc import Iterable

from deploy.node.problems import NodeProblem

FREE_RANGE = range(20000, 32000)


def is_taken(port: int) -> bool:
    """Return whether something on this machine already holds `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nobody holds at this moment.

    They lie below the range from which the kernel gives ports to clients: while a server on a port of that
    range is down, a client that tries to reconnect can be given that very port, and then speaks to itself.
    """
    ports: list[int] = []
    for candidate in random.sample(FREE_RANGE, len(FREE_RANGE)):
        if len(ports) == count:
            break
        if not is_taken(candidate):
            ports.append(candidate)
    return ports


def refuse_taken(ports: Iterable[tuple[str, int]]) -> None:
    """Raise NodeProblem naming the first taken port and the setting that moves it.

    Args:
        ports: each with the name of the setting that moves it, an environment variable.
    """
    for setting, port in ports:
        if is_taken(port):
            raise NodeProblem(
                f"Port {port} on 127.0.0.1 is taken by another program: stop it, or give Commonplace another"
                f" port, for example {setting}={port + 1000} make up."
            )
