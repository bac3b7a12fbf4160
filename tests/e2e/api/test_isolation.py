"""Two organisations, every operation of the document: the one never sees, changes, counts or infers what is the other's.

`mine` asks; `theirs` is what it may not know of. What names a thing is found in the document, so a new operation is tried
by itself, and one that names things in a way that is new here fails with what to add.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from deploy.documents.openapi import openapi_document
from services.gateway.switchboard import Switchboard
from tests.conftest import StartNode
from tests.e2e.api.asking import MEMBER, Described, Slot, ask, described, with_things
from tests.e2e.api.belongings import Belongings
from tests.e2e.api.conftest import Town
from tests.e2e.api.witnesses import at_rest, heard
from tests.e2e.receivers import receiver

OPERATIONS = described(openapi_document("http://127.0.0.1:8800"))
ELSEWHERE = [one for one in OPERATIONS if one.server]
HERE = [one for one in OPERATIONS if not one.server]
READING = [one for one in HERE if one.method == "get"]
NAMING = [one for one in HERE if one.slots]

KNOWN_TO_ALL = {
    "organisation": "Organisations are known to everybody who may call.",
    "kid": "An organisation's public keys are known to everybody who may read agreements.",
}
"""Names of things that are no secret; they may be refused otherwise than what is not there, but never changed."""
AGREEMENT, PARTY = Slot("body", "terms.agreement"), Slot("body", "terms.between[].organisation")
PROPOSED = {
    AGREEMENT: "An agreement's id is 96 bits that its proposer draws; whoever has it has been told of the agreement.",
    PARTY: "An agreement may be proposed to any organisation.",
}
"""What may be named in a proposal though it is another's."""


@pytest.fixture(scope="module")
def isolated(module_environment: dict[str, str], module_node: StartNode) -> Iterator[Town]:
    """A node of this file's own, so that nobody else's doing changes an answer."""
    told = {
        **module_environment,
        "COMMONPLACE_BAD_CREDENTIALS_PER_MINUTE": "1000000",
        "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*",
    }
    switchboard = Switchboard(told["COMMONPLACE_BROKER"], name="tests")
    node = module_node(told)
    assert switchboard.wait_until_open(10)
    yield Town(node, switchboard)
    switchboard.close()


@pytest.fixture(scope="module")
def both(isolated: Town) -> Iterator[tuple[Belongings, Belongings]]:
    with receiver() as there:
        pair = Belongings(isolated, "Mine", there), Belongings(isolated, "Theirs", there)
        for one in pair:
            one.live()
        yield pair


@pytest.fixture(scope="module")
def mine(both: tuple[Belongings, Belongings]) -> Belongings:
    return both[0]


@pytest.fixture(scope="module")
def theirs(both: tuple[Belongings, Belongings]) -> Belongings:
    return both[1]


Asking = tuple[str, httpx2.Client, dict[str, str]]


def everybody(mine: Belongings) -> list[Asking]:
    """As whom an organisation may ask: a person, a system, and a system for a person."""
    return [
        ("person", mine.ana.http, {}),
        ("system", mine.system.http, {}),
        ("system for a person", mine.system.http, {MEMBER: mine.ana.id}),
    ]


def thing(whose: Belongings, slot: Slot) -> str:
    """What they have that this slot may name."""
    name = slot.name.rpartition(".")[2].removesuffix("[]")
    if name not in whose.things:
        pytest.fail(
            f"`{name}` ({slot.where}) names a thing of which Belongings.things has none: make one in `live`"
        )
    return whose.things[name]


def nothing_like(some: str) -> str:
    """An id of the same form, of what was never there."""
    other = re.sub("[0-9a-f]{24}", lambda _: token_hex(12), some)
    return other if other != some else some[::-1]


def sent(
    operation: Described,
    mine: Belongings,
    foreign: Mapping[Slot, str],
    http: httpx2.Client,
    headers: Mapping[str, str],
    query: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """A request that is sound but for what is foreign in it."""
    own = {slot: thing(mine, slot) for slot in operation.slots if slot in operation.needed}
    things = own | dict(foreign)
    body = with_things(operation, things)
    if body is not None and "terms" in body:
        terms = body["terms"]
        terms["agreement"] = foreign.get(AGREEMENT, token_hex(12))
        parties = (mine.organisation, foreign.get(PARTY, mine.things["third"]))
        terms["between"] = [{**terms["between"][0], "organisation": one} for one in parties]
        body["signature"] = mine.signing.sign(terms)
    more = {"If-Match": revision(operation, own, http, headers)} if operation.needs("If-Match") else {}
    return ask(http, operation, things, body=body, query=query, headers={**headers, **more})


def revision(
    operation: Described, own: Mapping[Slot, str], http: httpx2.Client, headers: Mapping[str, str]
) -> str:
    """The tag of what is ours at the operation's address, or at the nearest above it."""
    path = operation.path
    while path:
        for reading in READING:
            if reading.path == path:
                answer = ask(http, reading, own, headers=headers)
                if answer.headers.get("ETag", "W/").startswith('"'):
                    return answer.headers["ETag"]
        path = path.rpartition("/")[0]
    return '"1"'


def readings(operation: Described, mine: Belongings, theirs: Belongings) -> list[Any]:
    """What everybody of ours reads by it, in every way that its query offers, also by their words."""
    return [
        said(sent(operation, mine, {}, http, headers, query))
        for _, http, headers in everybody(mine)
        for query in operation.queries(theirs.word)
    ]


def cursors(body: Any) -> Iterator[str]:
    """What a page's cursor holds, read as only we could."""
    if isinstance(body, dict) and isinstance(body.get("next"), str):
        yield base64.urlsafe_b64decode(body["next"] + "==").decode(errors="replace")


def said(answer: httpx2.Response) -> Any:
    """All of an answer but what differs from one request to the next."""
    changing = {"x-request-id", "date", "ratelimit"}
    headers = {name: value for name, value in answer.headers.items() if name not in changing}
    body = answer.json()
    body.pop("trace_id", None)
    return answer.status_code, headers, body


def test_the_node_serves_what_is_walked_here(isolated: Town) -> None:
    served = described(httpx2.get(f"{isolated.url}/v1/openapi.json").json())
    assert {(one.id, one.slots) for one in served} == {(one.id, one.slots) for one in OPERATIONS}
    assert [one.id for one in ELSEWHERE] == ["open_stream"], (
        "say below how what another process answers is isolated"
    )


def fillings(operation: Described) -> list[tuple[Slot, ...]]:
    """Which slots are another's: each by itself, and the whole address at once."""
    address = tuple(slot for slot in operation.slots if slot.where == "path")
    single = [(slot,) for slot in operation.slots]
    return single + ([address] if len(address) > 1 else [])


def test_nothing_of_theirs_is_changed(isolated: Town, mine: Belongings, theirs: Belongings) -> None:
    before = at_rest(isolated, theirs)
    assert {name for name, _ in before} >= {"membership", "discussion", "notifications"}
    for operation in HERE:
        for foreign in fillings(operation):
            for _, http, headers in everybody(mine):
                sent(operation, mine, {slot: thing(theirs, slot) for slot in foreign}, http, headers)
    assert at_rest(isolated, theirs) == before


@pytest.mark.parametrize("operation", NAMING, ids=lambda one: one.id)
def test_what_is_theirs_is_answered_as_what_is_not_there(
    operation: Described, mine: Belongings, theirs: Belongings
) -> None:
    for foreign in fillings(operation):
        statuses = set()
        known = all(slot.name in KNOWN_TO_ALL or slot in PROPOSED for slot in foreign)
        for who, http, headers in everybody(mine):
            asked = {slot: thing(theirs, slot) for slot in foreign}
            absent = {slot: nothing_like(one) for slot, one in asked.items()}
            hidden, nothing = (sent(operation, mine, one, http, headers) for one in (asked, absent))
            statuses.add(hidden.status_code)
            if not known:
                assert said(hidden) == said(nothing), who
                assert hidden.status_code >= 400, (who, hidden.text)
            elif operation.method != "get" and PARTY not in foreign:
                assert hidden.status_code in (403, 404, 409), (who, hidden.text)
        assert 404 in statuses or known or foreign[0].where == "body", statuses


@pytest.mark.parametrize("operation", HERE, ids=lambda one: one.id)
def test_nobody_of_theirs_is_acted_for(operation: Described, mine: Belongings, theirs: Belongings) -> None:
    hidden, nothing = (
        sent(operation, mine, {}, mine.system.http, {MEMBER: member})
        for member in (theirs.mate.id, nothing_like(theirs.mate.id))
    )
    assert (hidden.status_code, hidden.json()["type"]) == (404, "/problems/member-unknown")
    assert said(hidden) == said(nothing)


@pytest.fixture(scope="module")
def twice(isolated: Town, mine: Belongings, theirs: Belongings) -> dict[str, tuple[list[Any], list[Any]]]:
    """What every reading tells us, before and after much more has happened at theirs."""
    before = {operation.id: readings(operation, mine, theirs) for operation in READING}
    there = at_rest(isolated, theirs)
    listening = [mine.ana.http.headers["authorization"], mine.system.http.headers["authorization"]]
    with heard(isolated.node.stream_url, listening) as events:
        theirs.live()
        assert at_rest(isolated, theirs) != there
    assert events == []
    return {operation.id: (before[operation.id], readings(operation, mine, theirs)) for operation in READING}


@pytest.mark.parametrize("operation", READING, ids=lambda one: one.id)
def test_whatever_they_do_our_readings_stay_the_same_to_the_last_byte(
    operation: Described, twice: dict[str, tuple[list[Any], list[Any]]], theirs: Belongings
) -> None:
    before, after = twice[operation.id]
    assert before == after
    assert any(status == 200 for status, *_ in after), "nobody of ours reads anything by it"
    for _, headers, body in after:
        told = f"{headers} {body} {' '.join(cursors(body))}"
        assert not [secret for secret in theirs.secrets if secret in told]


def test_an_operation_that_names_what_is_new_here_is_told_of(mine: Belongings) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"names a thing of which Belongings\.things has none"):
        thing(mine, Slot("path", "resource"))
