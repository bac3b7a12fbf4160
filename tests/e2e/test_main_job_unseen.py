"""A closed community is not there for who is not in it: by no route, no list, no number and no word."""

import re
import time
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from services.gateway.app import RESOURCES
from services.gateway.door.operation import Operation
from shared.contracts.vocabulary import Visibility
from tests.e2e.members import Member, Town, eventually, id_of
from tests.e2e.streams import stream

PART = re.compile(r"<(\w+)>")
HIDDEN = ("community", "thread", "post", "request", "invitation", "notification")
OPERATIONS = [
    operation
    for resource in RESOURCES
    for operation in resource.operations
    if set(PART.findall(operation.rule)) & set(HIDDEN)
]
WORDS = "quinquereme"
"""A word that stands in the closed community's threads only."""


@dataclass
class Closed:
    """A closed community; `eve`, of the same organisation as its facilitator, is not in it."""

    ann: Member
    bob: Member
    eve: Member
    ids: dict[str, str]


@pytest.fixture(scope="module")
def closed(town: Town) -> Closed:
    board, council = town.organisation("A health board"), town.organisation("A council")
    ann, eve = town.member(board, "Ann"), town.member(board, "Eve", "nurse", WORDS)
    bob = town.member(council, "Bob", email="bob@example.org")
    community = town.community(ann, f"The {WORDS}", Visibility.CLOSED)
    invitation = ann.send("POST", f"/communities/{community}/invitations", {"email": "bob@example.org"})
    bob.send("POST", "/invitations/accept", {"token": invitation.json()["token"]})
    open_one = ann.send("POST", f"/communities/{community}/invitations", {"email": "zoe@example.org"})
    thread = ann.open_thread(
        community, f"Who has rowed a {WORDS}?", f"@eve, a {WORDS}!", interests=[WORDS], professions=["nurse"]
    )
    post = bob.post(thread["thread"], f"I have not, but @eve has a {WORDS}.")
    (told, *_) = eventually(bob.inbox)
    ids = {
        "community": community,
        "thread": thread["thread"],
        "post": post["post"],
        "member": bob.id,
        "invitation": open_one.json()["invitation"],
        "request": id_of("no request"),
        "notification": told["notification"],
        "reaction": "helped me",
    }
    return Closed(ann, bob, eve, ids)


def ask(member: Member, operation: Operation, ids: dict[str, str]) -> httpx2.Response:
    """Make an operation's request, sound in all but that the member may not know of the thing."""
    query = {
        name: WORDS
        for name, field in (operation.query.model_fields.items() if operation.query else ())
        if field.is_required()
    }
    headers = {**member.credential, "Idempotency-Key": id_of(operation.id, *ids.values()), "If-Match": '"1"'}
    path = PART.sub(lambda part: ids[part[1]], operation.rule)
    body = operation.example if operation.body else None
    return member.http.request(operation.method, path, params=query or None, json=body, headers=headers)


def said(response: httpx2.Response) -> tuple[int, Any, set[str]]:
    """All of an answer but what tells one request from another."""
    body = response.json()
    for own in ("instance", "trace_id", "request_id", "trace"):
        body.pop(own, None)
    return response.status_code, body, {name.lower() for name in response.headers}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_address_of_it_answers_as_if_nothing_were_there(closed: Closed, operation: Operation) -> None:
    nowhere = {
        **closed.ids,
        **{name: id_of("nothing", name) for name in ("community", "thread", "post", "invitation")},
        "notification": f"post.{id_of('nothing')}.{closed.bob.id}",
    }
    hidden = said(ask(closed.eve, operation, closed.ids))
    assert hidden[0] == 404, hidden[1]
    assert hidden == said(ask(closed.eve, operation, nowhere))
    assert WORDS not in str(hidden[1]).lower()


def test_those_who_are_in_it_do_see_it(closed: Closed) -> None:
    reading = [
        operation
        for operation in OPERATIONS
        if operation.method == "GET" and not {"request", "invitation"} & set(PART.findall(operation.rule))
    ]
    assert len(reading) >= 6
    answers = {operation.id: ask(closed.ann, operation, closed.ids).status_code for operation in reading}
    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/communities", {}),
        ("/communities", {"words": WORDS}),
        ("/communities", {"mine": "true"}),
        ("/similar-communities", {"title": f"The {WORDS}", "purpose": "Fewer falls", "domain": "Falls"}),
        ("/search", {"words": WORDS}),
        ("/unanswered", {}),
        ("/inbox", {}),
        ("/levels/communities", {}),
        ("/levels/threads", {}),
    ],
)
def test_no_list_and_no_search_has_it(closed: Closed, path: str, query: dict[str, str]) -> None:
    seen = closed.eve.read(path, **query)
    assert WORDS not in str(seen).lower()
    assert not set(closed.ids.values()) & set(re.findall(r"[0-9a-f]{24}", str(seen)))


def test_who_is_mentioned_or_wanted_but_not_in_it_is_not_told(town: Town, closed: Closed) -> None:
    with stream(closed.eve, town.node.stream_url) as listening:
        thread = closed.ann.open_thread(
            closed.ids["community"], f"Another {WORDS}", "@eve?", interests=[WORDS], professions=["nurse"]
        )
        eventually(lambda: any(thread["thread"] in one["link"] for one in closed.bob.inbox()))
        time.sleep(1)
        assert listening.events == []
    assert closed.eve.inbox() == []
    assert closed.eve.read("/inbox/unread") == {"unread": 0, "communities": []}
    assert town.database("notifications")["inbox"].count_documents({"member": closed.eve.id}) == 0


def test_a_list_of_the_organisation_s_own_system_does_not_have_it_either(town: Town, closed: Closed) -> None:
    (system,) = town.crowd(town.community(closed.eve, "Another community"), closed.eve.organisation, ["Zed"])
    itself = {"Authorization": system.credential["Authorization"]}
    for path in ("/v1/communities", f"/v1/communities/{closed.ids['community']}"):
        answer = system.http.get(path, headers=itself)
        assert answer.status_code in (200, 403, 404), answer.text
        assert WORDS not in answer.text.lower()
