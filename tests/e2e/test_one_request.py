"""One request is followed from the door to the inboxes by its trace id, as docs/operating.md says."""

import json
from typing import Any

import pytest

from shared.contracts.vocabulary import Sector
from tests.conftest import StartNode
from tests.e2e.conftest import WITHOUT_HASTE
from tests.e2e.members import Town, eventually


def lines(town: Town, process: str, word: str) -> list[dict[str, Any]]:
    """What a process logged with that word in it."""
    log = (town.node.folder / f"{process}.log").read_text()
    return [json.loads(line) for line in log.splitlines() if word in line]


@pytest.mark.parametrize("level", ["debug", "info"])
def test_a_trace_id_finds_what_a_request_caused_in_every_process(
    fresh_environment: dict[str, str], node: StartNode, level: str
) -> None:
    settings = {**fresh_environment, **WITHOUT_HASTE, "COMMONPLACE_LOG_LEVEL": level}
    town = Town(node(settings), settings)
    board, council = (town.organisation(name, Sector.HEALTH, "Wales") for name in ("Board", "Council"))
    ann, bob = town.member(board, "Ann", "nurse"), town.member(council, "Bob", "nurse")
    community = town.community(ann, "Falls")
    assert bob.send("POST", f"/communities/{community}/join-requests", {}).status_code == 201
    town.wait_until_known(community, [ann, bob])

    said = {"kind": "question", "title": "Who has tried it?", "text": "Words."}
    answer = bob.send("POST", f"/communities/{community}/threads", said)
    eventually(lambda: ann.inbox() != [])
    town.close()
    (at_the_door,) = lines(town, "gateway", answer.headers["X-Request-ID"])
    trace = at_the_door["trace_id"]
    if level == "debug":  # what was heard is said once it is committed, a moment after the inbox has it
        eventually(lambda: any(one["event"] == "facts.heard" for one in lines(town, "notifications", trace)))
    answered = lines(town, "discussion", trace)
    heard = lines(town, "notifications", trace)
    if level == "info":
        assert answered == heard == []
        return
    assert [(one["event"], one["call"], one["outcome"]) for one in answered] == [
        ("call.answered", "open_thread", "done")
    ]
    assert answered[0]["milliseconds"] > 0 and answered[0]["trace_id"] == trace
    assert ("facts.heard", "thread-opened") in [(one["event"], one["fact"]) for one in heard]
    assert all(trace in one["trace_ids"] for one in heard)
