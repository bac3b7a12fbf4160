"""MongoDB on this machine, apart from any other: a replica set of one, so that transactions work."""

import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.node.problems import NodeProblem
from deploy.node.server import Command, ServerProcess
from deploy.node.software import Software

REPLICA_SET = "rs0"
NOT_YET_INITIATED = 94


class MongoDB:
    """A mongod of our own in one folder."""

    def __init__(self, software: Software, folder: Path, port: int, cache_gigabytes: float = 1.0) -> None:
        """Take the software, a folder for everything it writes, its port and its cache's size."""
        self.software = software
        self.folder = folder
        self.port = port
        self.cache_gigabytes = cache_gigabytes
        (command,) = self.commands()
        self._server = ServerProcess(command, folder)

    @property
    def pid(self) -> int | None:
        """The id of its process, or None when it isn't running."""
        return self._server.pid

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    def commands(self) -> list[Command]:
        """Return the one process that must run."""
        argv = [
            str(self.software.mongod),
            "--replSet", REPLICA_SET,
            "--bind_ip", "127.0.0.1",
            "--port", str(self.port),
            "--dbpath", str(self.folder / "data"),
            "--wiredTigerCacheSizeGB", str(self.cache_gigabytes),
            "--oplogSize", "256",
            "--nounixsocket",
            "--quiet",
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            # What a killed process was writing stays locked for as long as this; the default is 60 seconds.
            "--setParameter", "transactionLifetimeLimitSeconds=5",
        ]  # fmt: skip
        return [Command("mongod", argv, {**self.software.environment(), "HOME": str(self.folder)})]

    def configure(self) -> None:
        """Make the folder for its data."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Run it and wait until it takes writes; nothing happens when it runs already."""
        self.configure()
        self._server.start()
        self.wait()

    def wait(self, patience: float = 60.0) -> None:
        """Return when it is primary of its set of one, made here when new.

        Raises NodeProblem after `patience` seconds or when it died.
        """
        deadline = time.monotonic() + patience
        while not self.answers():
            if self._server.pid is None or time.monotonic() > deadline:
                raise NodeProblem(f"MongoDB did not start: {self._server.last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it as an operator would."""
        self._server.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._server.kill()

    def answers(self) -> bool:
        """Return whether it takes writes at this moment; makes a new one a replica set of one."""
        direct = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        client: MongoClient[dict[str, object]] = MongoClient(direct, serverSelectionTimeoutMS=500)
        with client:
            try:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return True
                client.admin.command("replSetGetStatus")
            except OperationFailure as refusal:
                if refusal.code == NOT_YET_INITIATED:
                    members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
                    client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            except PyMongoError:
                return False
        return False
