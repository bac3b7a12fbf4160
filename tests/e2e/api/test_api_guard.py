"""The confidentiality guard at the door: refused, insisted on, decided, told; and organisations' own rules."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.api.conftest import (
    SCOPES,
    Neighbours,
    Person,
    Town,
    access_token,
    let_in,
    start_community,
)
from tests.e2e.api.waiting import eventually

FOUND = {"text": "He is 943 476 5919, at LL57 2DG."}
QUESTION = {"kind": "question", "title": "How?", "text": "Tell us."}


@pytest.fixture(scope="module")
def community(neighbours: Neighbours) -> str:
    """A community of this file's own: Carys facilitates, Mair and Huw are in it."""
    community = start_community(neighbours.carys, "restricted")
    let_in(neighbours.carys, community, neighbours.mair)
    let_in(neighbours.carys, community, neighbours.huw)
    return community


@pytest.fixture(scope="module")
def thread(neighbours: Neighbours, community: str) -> str:
    return str(neighbours.carys.made(f"/v1/communities/{community}/threads", QUESTION)["thread"])


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).removeprefix("/problems/")


def told(person: Person, kind: str, link: str) -> Callable[[], bool]:
    def is_told() -> bool:
        items: list[dict[str, Any]] = person.get("/v1/inbox", limit=100).json()["items"]
        return any(item["kind"] == kind and item["link"] == link for item in items)

    return is_told


def test_each_of_the_three_ways_to_say_it_is_refused(
    neighbours: Neighbours, community: str, thread: str
) -> None:
    post = neighbours.mair.made(f"/v1/threads/{thread}/posts", {"text": "Nothing."})["post"]
    opening = {"kind": "question", "title": "Of jo@example.org", "text": "Born 3 May 1950"}
    for answer, errors in (
        (
            neighbours.mair.post(f"/v1/communities/{community}/threads", opening),
            [
                {"where": "title[3:17]", "what": "looks like an e-mail address"},
                {"where": "text[5:15]", "what": "looks like a date of birth"},
            ],
        ),
        (
            neighbours.mair.post(f"/v1/threads/{thread}/posts", FOUND),
            [
                {"where": "text[6:18]", "what": "looks like an NHS number"},
                {"where": "text[23:31]", "what": "looks like a postcode"},
            ],
        ),
        (
            neighbours.mair.change("PATCH", f"/v1/posts/{post}", {"text": "Ring 07700 900123"}, 1),
            [{"where": "text[5:17]", "what": "looks like a phone number"}],
        ),
    ):
        assert problem(answer) == (422, "confidential-content")
        assert answer.json()["errors"] == errors
        assert not any(secret in answer.text for secret in ("943 476", "LL57", "jo@", "1950", "07700"))
    assert neighbours.mair.get(f"/v1/posts/{post}").json()["revision"] == 1
    mended = neighbours.mair.post(f"/v1/threads/{thread}/posts", {"text": "He is mended."})
    assert mended.status_code == 201


def test_the_problem_has_a_page(town: Town) -> None:
    for kind in ("confidential-content", "nothing-found", "held-post-stays", "own-held-post", "client-only"):
        assert httpx2.get(f"{town.url}/problems/{kind}").status_code == 200


def test_insisted_on_released_and_told(neighbours: Neighbours, community: str, thread: str) -> None:
    carys, mair = neighbours.carys, neighbours.mair
    made = mair.post(f"/v1/threads/{thread}/held-posts", FOUND, key="insisting-1")
    assert made.status_code == 201
    place = made.headers["location"]
    assert made.json()["found"] == [{"what": "NHS number", "count": 1}, {"what": "postcode", "count": 1}]
    again = mair.post(f"/v1/threads/{thread}/held-posts", FOUND, key="insisting-1")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == made.json()
    assert "LL57" not in made.text
    assert mair.get(place).json()["text"] == carys.get(place).json()["text"] == FOUND["text"]
    for nobody in (neighbours.huw, neighbours.ivor):
        assert problem(nobody.get(place)) == (404, "not-found")
        answer = nobody.change("PUT", f"{place}/decision", {"release": True}, 1)
        assert problem(answer) == (404, "not-found")
    assert neighbours.huw.get(f"/v1/communities/{community}/held-posts").json()["items"] == []
    eventually(told(carys, "post held", place))
    assert not told(neighbours.huw, "post held", place)()

    decision = f"{place}/decision"
    assert problem(mair.change("PUT", decision, {"release": True}, 1)) == (403, "own-held-post")
    assert problem(carys.change("PUT", decision, {"release": True}, 7)) == (412, "stale-revision")
    assert problem(carys.change("PUT", decision, {"release": False}, 1)) == (422, "invalid")
    released = carys.change("PUT", decision, {"release": True}, 1)
    assert (released.status_code, released.json()["state"]) == (200, "released")
    post = released.json()["made"]
    assert neighbours.huw.get(f"/v1/posts/{post}").json()["text"] == FOUND["text"]
    late = carys.change("PUT", decision, {"release": True}, released.json()["revision"])
    assert problem(late) == (409, "already-decided")
    eventually(told(mair, "held post released", place))
    eventually(told(carys, "post added", f"/v1/posts/{post}"))


def test_declined_and_taken_back(neighbours: Neighbours, community: str) -> None:
    carys, mair = neighbours.carys, neighbours.mair
    opening = {**QUESTION, "text": FOUND["text"]}
    place = mair.post(f"/v1/communities/{community}/held-posts", opening).headers["location"]
    declined = carys.change("PUT", f"{place}/decision", {"release": False, "reason": "No."}, 1)
    assert (declined.json()["state"], declined.json()["reason"]) == ("declined", "No.")
    assert mair.get(place).json()["text"] is None
    eventually(told(mair, "held post declined", place))

    place = mair.post(f"/v1/communities/{community}/held-posts", opening).headers["location"]
    assert problem(carys.change("DELETE", place, revision=1)) == (403, "not-yours")
    assert mair.change("DELETE", place, revision=1).json()["state"] == "withdrawn"
    assert problem(carys.change("PUT", f"{place}/decision", {"release": True}, 2)) == (409, "already-decided")


def test_what_cannot_be_said_any_more_stays_held(neighbours: Neighbours, thread: str) -> None:
    carys, mair = neighbours.carys, neighbours.mair
    post = mair.made(f"/v1/threads/{thread}/posts", {"text": "First."})["post"]
    assert problem(mair.post(f"/v1/posts/{post}/held-posts", FOUND)) == (428, "if-match-missing")
    made = mair.http.post(
        f"/v1/posts/{post}/held-posts",
        json=FOUND,
        headers={"Idempotency-Key": "edit-1", "If-Match": '"1"'},
    )
    assert made.status_code == 201
    assert mair.change("PATCH", f"/v1/posts/{post}", {"text": "Second."}, 1).status_code == 200
    refused = carys.change("PUT", f"{made.headers['location']}/decision", {"release": True}, 1)
    assert problem(refused) == (409, "held-post-stays")
    assert carys.get(made.headers["location"]).json()["state"] == "waiting"


def test_there_is_no_holding_what_nothing_is_found_in(neighbours: Neighbours, thread: str) -> None:
    assert problem(neighbours.mair.post(f"/v1/threads/{thread}/held-posts", {"text": "Clean."})) == (
        409,
        "nothing-found",
    )


def test_the_operator_decides_where_nobody_else_can(
    node_environment: dict[str, str], neighbours: Neighbours, community: str, thread: str
) -> None:
    def commonplace(*words: str) -> str:
        """What the operator's command prints."""
        environment = {**os.environ, **node_environment, "NO_COLOR": "1", "COLUMNS": "300"}
        command = [Path(sys.executable).with_name("commonplace"), "held-posts", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    ids = [neighbours.carys.made(f"/v1/threads/{thread}/held-posts", FOUND)["held_post"] for _ in range(2)]
    refused = neighbours.carys.change("PUT", f"/v1/held-posts/{ids[0]}/decision", {"release": True}, 1)
    assert problem(refused) == (403, "own-held-post")
    listed = commonplace("list", community)
    assert all(held in listed for held in ids)
    assert "1 × NHS number" in listed
    assert "LL57" not in listed
    assert FOUND["text"] in commonplace("show", ids[0])
    assert "released" in commonplace("release", ids[0])
    assert "declined" in commonplace("decline", ids[1], "--reason", "No.")
    assert FOUND["text"] in neighbours.huw.get(f"/v1/threads/{thread}/posts", limit=100).text
    assert neighbours.carys.get(f"/v1/held-posts/{ids[1]}").json()["reason"] == "No."


@pytest.fixture(scope="module")
def clients(town: Town, neighbours: Neighbours) -> dict[str, httpx2.Client]:
    """A client of either organisation, acting for itself."""
    clients = {}
    for name, organisation in (("first", neighbours.first), ("second", neighbours.second)):
        id, secret = town.client(organisation, SCOPES)
        token = access_token(town, id, secret).json()["access_token"]
        clients[name] = httpx2.Client(
            base_url=town.url, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
    return clients


def test_an_organisation_guards_more(
    town: Town, neighbours: Neighbours, thread: str, clients: dict[str, httpx2.Client]
) -> None:
    place = f"/v1/organisations/{neighbours.second}/guard-rules"
    ours, theirs = clients["second"], clients["first"]
    rules = {"rules": [{"name": "Student number", "template": "BU-######"}]}
    for answer in (
        theirs.get(place),
        theirs.put(place, json=rules, headers={"If-Match": '"0"'}),
        neighbours.carys.get(place),
    ):
        assert problem(answer) == (404, "not-found")
    assert problem(neighbours.mair.get(place)) == (403, "client-only")
    for_mair = {"Commonplace-Member": neighbours.mair.id}
    assert problem(ours.get(place, headers=for_mair)) == (403, "client-only")
    tag = ours.get(place).headers["etag"]
    assert problem(ours.put(place, json=rules)) == (428, "if-match-missing")
    for nonsense in ({"name": "R", "template": "##"}, {"name": "R"}, {"name": "R", "phrase": "(a+)+$" * 40}):
        answer = ours.put(place, json={"rules": [nonsense]}, headers={"If-Match": tag})
        assert problem(answer) == (422, "invalid")
    changed = ours.put(place, json=rules, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["revision"]) == (200, 1)
    assert problem(ours.put(place, json=rules, headers={"If-Match": tag})) == (412, "stale-revision")
    refused = neighbours.mair.post(f"/v1/threads/{thread}/posts", {"text": "Ask BU-123456."})
    assert refused.json()["errors"] == [
        {"where": "text[4:13]", "what": "looks like what your organisation guards as “Student number”"}
    ]
    said = neighbours.carys.post(f"/v1/threads/{thread}/posts", {"text": "Ask BU-123456."})
    assert said.status_code == 201
    assert (
        ours.put(place, json={"rules": []}, headers={"If-Match": changed.headers["etag"]}).status_code == 200
    )
