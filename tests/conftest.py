"""The servers that tests run on. Every fixture is lazy: a test that names none of them starts nothing."""

import os
import secrets
import tempfile
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from deploy.node.problems import NodeProblem
from deploy.node.processes import PROCESSES
from tests.node import Node
from tests.shared_servers import SESSION, TestServers, shared_servers

# How long an example takes says how busy the machine is.
settings.register_profile("commonplace", deadline=None)
settings.load_profile("commonplace")


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
def started_nodes() -> list[Node]:
    """The nodes of this test: ended before the corner of the servers that they use is taken away."""
    return []


@pytest.fixture
def fresh_environment(
    test_servers: TestServers, tmp_path: Path, started_nodes: list[Node]
) -> Iterator[dict[str, str]]:
    """As `node_environment`, but with a virtual host and databases that only this one test has ever seen."""
    name = f"{SESSION}{secrets.token_hex(4)}"
    broker = test_servers.add_vhost(name)
    yield node_settings(broker, test_servers.mongodb.url, name, tmp_path / "keys")
    for one in started_nodes:
        one.kill()
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


EVERY_PROCESS = {process.name: 1 for process in PROCESSES}
FAILED = pytest.StashKey[bool]()


class StartNode(Protocol):
    """What the fixture `node` is: called, it starts a node."""

    def __call__(self, environment: Mapping[str, str], processes: Mapping[str, int] = EVERY_PROCESS) -> Node:
        """Start those processes (all, one of each, when not told) and wait until all are ready."""


@pytest.fixture
def node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, started_nodes: list[Node]
) -> Iterator[StartNode]:
    """Starts nodes for this test; their processes are killed at its end, and their logs shown when it failed.

    `node(node_environment)`, or `node(fresh_environment, {"membership": 2, "gateway": 1})`.
    """
    yield from _nodes(request, tmp_path_factory, started_nodes)


@pytest.fixture(scope="module")
def module_node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartNode]:
    """As `node`, for the tests of one file."""
    yield from _nodes(request, tmp_path_factory, [])


def _nodes(
    request: pytest.FixtureRequest, folders: pytest.TempPathFactory, started: list[Node]
) -> Iterator[StartNode]:
    failures = request.session.testsfailed

    def start(environment: Mapping[str, str], processes: Mapping[str, int] = EVERY_PROCESS) -> Node:
        one = Node({**os.environ, **environment}, folders.mktemp("node"), processes)
        started.append(one)
        try:
            return one.start()
        except NodeProblem as problem:
            pytest.fail(str(problem), pytrace=False)

    try:
        yield start
    finally:
        for one in started:
            one.kill()
            if request.node.stash.get(FAILED, False) or request.session.testsfailed > failures:
                print(one.logs())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember of each test whether it failed, so that its fixtures can show the logs of what it ran on."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
