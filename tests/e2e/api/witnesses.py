"""What a node holds and sends, looked at from behind: every document that is somebody's, every event of a stream."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
from bson import json_util
from pymongo import MongoClient

from tests.e2e.api.belongings import Belongings
from tests.e2e.api.conftest import Town


def at_rest(town: Town, whose: Belongings) -> dict[tuple[str, str], str]:
    """Every document of every service that has to do with them, by where it is, once no more changes."""
    last, now = None, documents(town, whose)
    while last != now:
        time.sleep(1)
        last, now = now, documents(town, whose)
    return now


def documents(town: Town, whose: Belongings) -> dict[tuple[str, str], str]:
    prefix = f"{town.node.environment['COMMONPLACE_DATABASE_PREFIX']}_"
    client: MongoClient[dict[str, Any]] = MongoClient(town.node.environment["COMMONPLACE_MONGO"])
    found = {}
    with client:
        for database in (client[name] for name in client.list_database_names() if name.startswith(prefix)):
            for collection in database.list_collection_names():
                for row in database[collection].find():
                    text = json_util.dumps(row, sort_keys=True)
                    if any(secret in text for secret in whose.secrets):
                        place = f"{collection} {json.dumps(str(row['_id']))}"
                        found[database.name.removeprefix(prefix), place] = text
    return found


@contextmanager
def heard(url: str, credentials: list[str]) -> Iterator[list[str]]:
    """Whatever comes by live streams that stay open meanwhile."""
    events: list[str] = []
    opened = [threading.Event() for _ in credentials]
    ending = threading.Event()

    def listen(credential: str, started: threading.Event) -> None:
        headers = {"Authorization": credential}
        with suppress(httpx2.HTTPError), httpx2.stream("GET", f"{url}/v1/stream", headers=headers) as stream:
            started.set()
            for line in stream.iter_lines():
                if ending.is_set():
                    return
                if line.startswith("data: "):
                    events.append(line)

    for credential, started in zip(credentials, opened, strict=True):
        threading.Thread(target=listen, args=(credential, started), daemon=True).start()
    assert all(one.wait(10) for one in opened)
    yield events
    ending.set()
