"""The servers that we start ourselves keep what they were given when killed, and keep to themselves."""

import time
from pathlib import Path

import amqp
import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.read_concern import ReadConcern

from deploy.node.server import session_members
from tests.shared_servers import QUEUE_LIST_ON_DISK, TestServers


def connect(servers: TestServers) -> amqp.Connection:
    return amqp.Connection(
        f"127.0.0.1:{servers.rabbitmq.ports.amqp}", userid="commonplace", password=servers.rabbitmq.password,
        virtual_host="commonplace", confirm_publish=True,
    )  # fmt: skip


def test_both_keep_what_was_confirmed_when_they_are_killed(private_servers: TestServers) -> None:
    with connect(private_servers) as connection:
        channel = connection.channel()
        channel.queue_declare("kept", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        time.sleep(QUEUE_LIST_ON_DISK)
        channel.basic_publish(amqp.Message("a fact", delivery_mode=2), routing_key="kept")
    with MongoClient(private_servers.mongodb.url) as client:
        kept = client.get_database("kept", write_concern=WriteConcern("majority", j=True))
        kept.things.insert_one({"_id": "a fact"})

    was = private_servers.rabbitmq.pid
    private_servers.kill()
    assert was and not session_members(was)
    assert private_servers.rabbitmq.pid is None and private_servers.mongodb.pid is None

    private_servers.start()
    with connect(private_servers) as connection:
        assert connection.channel().basic_get("kept").body == "a fact"
    with MongoClient(private_servers.mongodb.url) as client:
        assert (
            client.get_database("kept", read_concern=ReadConcern("majority")).things.count_documents({}) == 1
        )


def test_a_transaction_can_be_committed(mongo_url: str, database_prefix: str) -> None:
    with MongoClient(mongo_url) as client, client.start_session() as session, session.start_transaction():
        client[f"{database_prefix}_own_servers"].things.insert_one({"_id": 1}, session=session)


def test_a_test_can_have_its_own_virtual_host(
    test_servers: TestServers, broker_url: str, fresh_environment: dict[str, str]
) -> None:
    own = fresh_environment["COMMONPLACE_BROKER"]
    assert own != broker_url
    assert test_servers.queues(own.rpartition("/")[2]) == []


def test_nothing_is_written_outside_the_folder(test_servers: TestServers) -> None:
    (beam,) = [
        pid
        for pid in session_members(test_servers.rabbitmq.pid or 0)
        if Path(f"/proc/{pid}/comm").read_text() == "beam.smp\n"
    ]
    opened = {Path(f"/proc/{beam}/fd/{link.name}").resolve() for link in Path(f"/proc/{beam}/fd").iterdir()}
    files = {path for path in opened if path.is_file()}
    assert files
    assert all(path.is_relative_to(test_servers.folder) for path in files)


@pytest.mark.parametrize("server", ["rabbitmq", "mongodb"])
def test_only_the_loopback_interface_is_listened_on(test_servers: TestServers, server: str) -> None:
    pid = getattr(test_servers, server).pid
    sockets = {
        link.readlink().name.removeprefix("socket:[").removesuffix("]")
        for member in session_members(pid)
        for link in Path(f"/proc/{member}/fd").iterdir()
        if str(link.readlink()).startswith("socket:[")
    }
    loopback = {"0100007F", "00000000000000000000000001000000"}
    listening = [
        row.split()[1].rpartition(":")[0]
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if row.split()[9] in sockets and row.split()[3] == "0A"
    ]
    assert listening and set(listening) <= loopback
