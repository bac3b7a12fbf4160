"""The membership service as a process of its own on real servers, and what asks it and hears it."""

from collections.abc import Iterator

import pytest

from services.gateway.switchboard import Switchboard
from services.membership.repositories import INDEXES
from shared.wiring.store import Store, connect
from tests.node import Node
from tests.services.test_membership.cast import Cast
from tests.services.test_membership.ear import Ear


@pytest.fixture(scope="session")
def membership(node_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Two copies of the service, because nothing may rest on there being one."""
    node = Node(node_environment, tmp_path_factory.mktemp("membership"), {"membership": 2})
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture(scope="session")
def switchboard(membership: Node, broker_url: str) -> Iterator[Switchboard]:
    board = Switchboard(broker_url, name="test")
    assert board.wait_until_open(10)
    yield board
    board.close()


@pytest.fixture
def cast(switchboard: Switchboard) -> Cast:
    return Cast(switchboard)


@pytest.fixture
def ear(membership: Node, broker_url: str) -> Iterator[Ear]:
    ear = Ear(broker_url)
    yield ear
    ear.close()


@pytest.fixture(scope="session")
def store(membership: Node, mongo_url: str, database_prefix: str) -> Iterator[Store]:
    """The service's own database, to see how it asks."""
    client = connect(mongo_url)
    store = Store(client, f"{database_prefix}_membership", "membership")
    store.ensure(INDEXES)
    yield store
    client.close()
