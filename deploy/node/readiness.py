"""What a process says of itself on its admin port: ready, or why not."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

QUICKLY = 2.0
PATIENCE = 8.0
"""Seconds; a process that waits for a server which hangs needs a few before it says so."""


def is_ready(admin_port: int) -> bool:
    """Return whether the process behind an admin port says that it is ready."""
    return why_not_ready(admin_port, QUICKLY) is None


def why_not_ready(admin_port: int, patience: float = PATIENCE) -> str | None:
    """Return None when the process behind an admin port is ready, otherwise why it is not.

    Args:
        admin_port: where its /readyz is, on this machine.
        patience: seconds to wait for its answer.
    """
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/readyz", timeout=patience):
            return None
    except urllib.error.HTTPError as refused:
        return _reasons(refused.read())
    except TimeoutError:
        return f"it says nothing within {patience:.0f} seconds"
    except OSError as error:
        return f"it does not answer: {getattr(error, 'reason', error)}"


def why_none_ready(admin_ports: Iterable[int]) -> dict[int, str | None]:
    """Return what `why_not_ready` says of each of these, asked at the same time."""
    ports = list(admin_ports)
    with ThreadPoolExecutor(max(1, len(ports))) as askers:
        return dict(zip(ports, askers.map(why_not_ready, ports), strict=True))


def _reasons(body: bytes) -> str:
    try:
        return "; ".join(f"{name}: {why}" for name, why in json.loads(body)["why"].items())
    except (ValueError, KeyError, AttributeError):
        return "it does not say why"
