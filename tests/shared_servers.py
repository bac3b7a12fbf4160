"""The RabbitMQ and MongoDB that test sessions share: started once, left running, a corner of them for each.

A session holds the servers by a shared lock on a file; whoever finds them held by nobody may clear away what
killed sessions left, or stop them. `python -m tests.shared_servers up | down`.
"""

import base64
import fcntl
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient

from deploy.node.folder import node_folder
from deploy.node.locked import locked
from deploy.node.mongodb import MongoDB
from deploy.node.ports import free_ports
from deploy.node.problems import NodeProblem
from deploy.node.rabbitmq import USER, RabbitMQ, RabbitPorts
from deploy.node.software import get_software

SESSION = "test_"

# RabbitMQ 3.10 writes the list of its quorum queues to disk twice a second. One that is declared in the half
# second before a kill comes back with an empty log and no leader, and never answers again.
QUEUE_LIST_ON_DISK = 1.0


class TestServers:
    """A RabbitMQ (with its HTTP interface) and a MongoDB on free ports, remembered in their folder."""

    __test__ = False

    def __init__(self, folder: Path, cache_gigabytes: float = 0.5) -> None:
        """Take the folder for both servers' data; fetches the software when needed, starts nothing."""
        software = get_software(node_folder().software)
        self.folder = folder
        ports = self._ports()
        self.rabbitmq = RabbitMQ(software, folder / "rabbitmq", RabbitPorts(*ports[:5]))
        self.mongodb = MongoDB(software, folder / "mongodb", ports[5], cache_gigabytes)

    def start(self) -> None:
        """Start whichever of the two isn't running, and wait for both."""
        with locked(self.folder / "starting.lock"):
            self.mongodb.start()
            self.rabbitmq.start()

    def stop(self) -> None:
        """Stop both; their data stay."""
        self.rabbitmq.stop()
        self.mongodb.stop()

    def kill(self) -> None:
        """End both as a power cut would."""
        self.rabbitmq.kill()
        self.mongodb.kill()

    def add_vhost(self, name: str) -> str:
        """Make a virtual host of that name; returns the address for clients."""
        self._ask("PUT", f"/api/vhosts/{quote(name, safe='')}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._ask("PUT", f"/api/permissions/{quote(name, safe='')}/{USER}", everything)
        return self.rabbitmq.url_of(name)

    def drop_vhost(self, name: str) -> None:
        """Remove a virtual host with its queues."""
        self._ask("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def queues(self, vhost: str) -> list[dict[str, Any]]:
        """Return what RabbitMQ tells of the queues of a virtual host (counts are a few seconds old)."""
        answer = self._ask("GET", f"/api/queues/{quote(vhost, safe='')}")
        return list(json.loads(answer))

    def cut_connections(self, vhost: str) -> int:
        """End every connection to a virtual host, as a network would; returns how many RabbitMQ knew of."""
        names = [
            one["name"]
            for one in json.loads(self._ask("GET", f"/api/vhosts/{quote(vhost, safe='')}/connections"))
        ]
        for name in names:
            with suppress(urllib.error.HTTPError):  # it ended by itself
                self._ask("DELETE", f"/api/connections/{quote(name, safe='')}")
        return len(names)

    def drop_databases(self, prefix: str) -> None:
        """Remove every database whose name begins with `prefix`."""
        client: MongoClient[dict[str, Any]] = MongoClient(self.mongodb.url)
        with client:
            for name in client.list_database_names():
                if name.startswith(prefix):
                    client.drop_database(name)

    def clear(self) -> None:
        """Remove what sessions that were killed left behind; only for one who knows that nobody uses it."""
        for vhost in json.loads(self._ask("GET", "/api/vhosts")):
            if vhost["name"].startswith(SESSION):
                self.drop_vhost(vhost["name"])
        self.drop_databases(SESSION)

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
        credentials = base64.b64encode(f"{USER}:{self.rabbitmq.password}".encode()).decode()
        request = urllib.request.Request(
            self.rabbitmq.management_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def _ports(self) -> list[int]:
        """Return the ports of RabbitMQ (AMQP, metrics, distribution, epmd, HTTP) and of MongoDB."""
        with locked(self.folder / "ports.lock"):
            remembered = self.folder / "ports.json"
            if not remembered.exists():
                remembered.write_text(json.dumps(free_ports(6)))
            return list(json.loads(remembered.read_text()))


@contextmanager
def shared_servers() -> Iterator[TestServers]:
    """Yield the running shared servers, held until the caller is done with them."""
    folder = node_folder().test_servers
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use.lock").open("a") as handle:
        alone = _try_lock(handle, fcntl.LOCK_EX)
        if not alone:
            fcntl.flock(handle, fcntl.LOCK_SH)
        servers = TestServers(folder)
        servers.start()
        if alone:
            servers.clear()
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield servers


def stop_shared_servers() -> bool:
    """Stop the shared servers unless a session is using them; returns whether they are stopped."""
    folder = node_folder().test_servers
    if not folder.exists():
        return True
    with (folder / "in-use.lock").open("a") as handle:
        if not _try_lock(handle, fcntl.LOCK_EX):
            return False
        TestServers(folder).stop()
    return True


def _try_lock(handle: Any, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main(words: list[str]) -> None:
    """Start or stop the shared servers from the command line."""
    try:
        if words == ["up"]:
            with shared_servers() as servers:
                print(f"COMMONPLACE_BROKER={servers.rabbitmq.url}\nCOMMONPLACE_MONGO={servers.mongodb.url}")
        elif words == ["down"]:
            stopped = stop_shared_servers()
            print(
                "The test servers are stopped." if stopped else "A test session is using them: left running."
            )
        else:
            raise NodeProblem("Say `up` or `down`.")
    except NodeProblem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(sys.argv[1:])
