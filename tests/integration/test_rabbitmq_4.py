"""What a node declares on RabbitMQ 3.10, here, is also taken by RabbitMQ 4, which the compose file runs.

What 4 changed: quorum queues without a delivery limit get one of 20 (4.0), transient queues that are not
exclusive are refused, and so are `x-queue-mode` and `x-queue-version` (4.3). Source: its release notes.
"""

import time
from typing import Any

import pytest

from deploy.node.processes import PROCESSES
from shared.contracts.speakers import SPEAKERS, facts_of
from shared.wiring import queues
from tests.conftest import StartNode
from tests.shared_servers import TestServers

TAKEN_BY_4 = {
    "quorum": {
        "x-queue-type", "x-delivery-limit", "x-dead-letter-exchange", "x-dead-letter-routing-key",
        "x-dead-letter-strategy", "x-overflow", "x-message-ttl",
    },
    "classic": {"x-queue-type", "x-max-length", "x-max-length-bytes", "x-overflow", "x-expires", "x-message-ttl"},
}  # fmt: skip

SERVICES = [process.name for process in PROCESSES if process.module[0] == "shared.wiring.run"]


@pytest.fixture
def declared(
    node: StartNode, fresh_environment: dict[str, str], test_servers: TestServers
) -> list[dict[str, Any]]:
    vhost = fresh_environment["COMMONPLACE_BROKER"].rpartition("/")[2]
    node(fresh_environment)
    end = time.monotonic() + 15
    while time.monotonic() < end:
        found = test_servers.queues(vhost)
        # The HTTP interface tells of a queue a moment after it was declared.
        if all("type" in queue for queue in found) and any(queue["exclusive"] for queue in found):
            return found
        time.sleep(0.5)
    pytest.fail("RabbitMQ's HTTP interface does not tell of the queues")


def test_every_queue_is_one_that_rabbitmq_4_takes(declared: list[dict[str, Any]]) -> None:
    by_name = {queue["name"]: queue for queue in declared}
    hearing = {
        queues.listening_queue(listener, fact)
        for speaker in SPEAKERS
        for fact in facts_of(speaker)
        for listener in fact.heard_by
    }
    assert hearing | {queues.calls_queue(service) for service in SERVICES} <= set(by_name)
    for name, queue in by_name.items():
        assert set(queue["arguments"]) <= TAKEN_BY_4[queue["type"]], name
        assert queue["durable"] or queue["exclusive"], f"{name} is transient and not exclusive"
        if queue["type"] == "quorum" and ".waits." not in name:
            assert queue["arguments"]["x-delivery-limit"] > 20, f"{name} would get RabbitMQ 4's limit of 20"
        if queue["arguments"].get("x-dead-letter-strategy") == "at-least-once":
            assert queue["arguments"]["x-overflow"] == "reject-publish", f"{name}: the strategy needs it"
