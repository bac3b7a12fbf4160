"""Slow bodies hold a few threads and never all of them."""

from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.gateway.door.application import Door
from services.gateway.door.bodies import STRANGERS, Bodies
from services.gateway.problems import Problem
from shared.contracts.calls.discussion import GetPost
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import CLIENT, CLIENT_SECRET, MEMBER, PlayedSwitchboard

FORM = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": CLIENT_SECRET}
POST = f"/v1/posts/{answers.ID}"


def readers_that_fit(bodies: Bodies, *who: Any) -> int:
    """How many of these may read at the same time."""
    with ExitStack() as reading:
        for number, one in enumerate(who):
            try:
                reading.enter_context(bodies.reading(one))
            except Problem:
                return number
        return len(who)


def test_a_caller_a_stranger_and_all_together_have_their_bounds() -> None:
    bodies = Bodies(32)
    for _ in range(2):  # places that were given back are there again
        assert readers_that_fit(bodies, *["ana"] * 32) == 8
        assert readers_that_fit(bodies, *[STRANGERS] * 32) == 4
        assert readers_that_fit(bodies, *range(32)) == 24
    assert readers_that_fit(Bodies(1), "ana") == 1


def test_a_body_for_which_nobody_is_free_is_turned_away(app: Door, client: FlaskClient) -> None:
    with ExitStack() as reading:
        for _ in range(app.bodies.most_strangers):
            reading.enter_context(app.bodies.reading(STRANGERS))
        refused = app.test_client().post("/oauth/token", data=FORM)
        for _ in range(app.bodies.most_each):
            reading.enter_context(app.bodies.reading((None, MEMBER)))
        mine = client.post(
            f"/v1/threads/{answers.ID}/posts", json={"text": "x"}, headers={"Idempotency-Key": "k"}
        )
    assert (refused.status_code, refused.json["error"]) == (503, "temporarily_unavailable")  # type: ignore[index]
    assert refused.headers["Retry-After"] == "2"
    assert (mine.status_code, mine.headers["Retry-After"], mine.headers["Connection"]) == (503, "2", "close")
    assert app.test_client().post("/oauth/token", data=FORM).status_code == 200


def test_whoever_sends_no_body_never_waits_for_those_who_do(
    app: Door, client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(GetPost, answers.post())
    with ExitStack() as reading:
        for number in range(app.bodies.most):
            reading.enter_context(app.bodies.reading(number))
        assert client.get(POST).status_code == 200


@pytest.mark.parametrize("body", [b"{}", b"\0", b"x" * 100_000])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_operation_without_a_body_takes_none(client: FlaskClient, method: str, body: bytes) -> None:
    address = POST if method == "GET" else f"/v1/tokens/{answers.ID}"
    answer = client.open(address, method=method, data=body)
    assert (answer.status_code, answer.json["errors"][0]["where"]) == (422, "body")  # type: ignore[index]
