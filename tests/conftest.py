"""The servers that tests run on. Every fixture is lazy: a test that names none of them starts nothing."""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.node.problems import NodeProblem
from tests.shared_servers import SESSION, TestServers, shared_servers


@pytest.fixture(scope="session")
def test_servers() -> Iterator[TestServers]:
    """The RabbitMQ and MongoDB shared by all test sessions on this machine; never stop or kill these."""
    try:
        holding = shared_servers()
        servers = holding.__enter__()
    except NodeProblem as problem:
        pytest.fail(f"The servers for the tests can't be had: {problem}", pytrace=False)
    yield servers
    holding.__exit__(None, None, None)


@pytest.fixture(scope="session")
def database_prefix(test_servers: TestServers) -> Iterator[str]:
    """This session's own prefix for database names; its databases are dropped at the end."""
    prefix = f"{SESSION}{secrets.token_hex(4)}"
    yield prefix
    test_servers.drop_databases(f"{prefix}_")


@pytest.fixture(scope="session")
def broker_url(test_servers: TestServers, database_prefix: str) -> Iterator[str]:
    """The broker, in a virtual host of this session (and xdist worker) alone."""
    yield test_servers.add_vhost(database_prefix)
    test_servers.drop_vhost(database_prefix)


@pytest.fixture(scope="session")
def mongo_url(test_servers: TestServers) -> str:
    """The database server; use only databases whose name begins with `database_prefix` and `_`."""
    return test_servers.mongodb.url


@pytest.fixture(scope="session")
def node_environment(
    broker_url: str, mongo_url: str, database_prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The COMMONPLACE_ settings that make a child process use this session's corner of the servers."""
    keys = tmp_path_factory.mktemp("keys")
    return node_settings(broker_url, mongo_url, database_prefix, keys)


@pytest.fixture
def fresh_environment(test_servers: TestServers, tmp_path: Path) -> Iterator[dict[str, str]]:
    """As `node_environment`, but with a virtual host and databases that only this one test has ever seen."""
    name = f"{SESSION}{secrets.token_hex(4)}"
    broker = test_servers.add_vhost(name)
    yield node_settings(broker, test_servers.mongodb.url, name, tmp_path / "keys")
    test_servers.drop_vhost(name)
    test_servers.drop_databases(f"{name}_")


def node_settings(broker: str, mongo: str, prefix: str, keys: Path) -> dict[str, str]:
    """Return the settings that every process of one node shares."""
    keys.mkdir(exist_ok=True)
    return {
        "COMMONPLACE_BROKER": broker,
        "COMMONPLACE_MONGO": mongo,
        "COMMONPLACE_DATABASE_PREFIX": prefix,
        "COMMONPLACE_KEYS": str(keys),
    }


@pytest.fixture
def private_servers() -> Iterator[TestServers]:
    """A RabbitMQ and a MongoDB of this test's own, which it may stop, kill and start again.

    Wait a second between declaring queues and killing RabbitMQ: see test_own_servers.py.
    """
    yield from _own_servers()


@pytest.fixture(scope="module")
def module_servers() -> Iterator[TestServers]:
    """As `private_servers`, shared by the tests of one file."""
    yield from _own_servers()


def _own_servers() -> Iterator[TestServers]:
    with tempfile.TemporaryDirectory(prefix="commonplace-servers-") as folder:
        try:
            servers = TestServers(Path(folder), cache_gigabytes=0.25)
            servers.start()
        except NodeProblem as problem:
            pytest.fail(f"Servers for this test can't be had: {problem}", pytrace=False)
        try:
            yield servers
        finally:
            servers.kill()
