"""Whole nodes for the end-to-end tests: every process, over real servers."""

from collections.abc import Iterator, Mapping
from secrets import token_hex

import pytest

from tests.conftest import StartNode, node_settings
from tests.e2e.members import Town
from tests.shared_servers import SESSION, TestServers

WITHOUT_HASTE = {
    # Two cores are shared by the node and those who use it; what is tested here is not speed.
    "COMMONPLACE_DEADLINE_SECONDS": "10",
    "COMMONPLACE_CALLS_PER_MINUTE": "0",
}


@pytest.fixture(scope="module")
def module_environment(
    test_servers: TestServers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """As `fresh_environment`, shared by the tests of one file."""
    name = f"{SESSION}{token_hex(4)}"
    broker = test_servers.add_vhost(name)
    settings = node_settings(broker, test_servers.mongodb.url, name, tmp_path_factory.mktemp("keys"))
    yield {**settings, **WITHOUT_HASTE}
    test_servers.drop_vhost(name)
    test_servers.drop_databases(f"{name}_")


@pytest.fixture(scope="module")
def town(module_environment: Mapping[str, str], module_node: StartNode) -> Iterator[Town]:
    """A node with one of every process, for the tests of one file."""
    one = Town(module_node(module_environment), module_environment)
    yield one
    one.close()
