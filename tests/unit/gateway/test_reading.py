"""What a request may not be, and how the refusal reads."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.contracts.calls.discussion import AddPost, CloseThread, GetPost, ListThreads, OpenThread
from shared.contracts.calls.membership import ListCommunities
from shared.errors import Unavailable
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import CLIENT, MEMBER, PlayedSwitchboard

ID = answers.ID
POSTS = f"/v1/threads/{ID}/posts"
THREADS = f"/v1/communities/{ID}/threads"
KEY = {"Idempotency-Key": "k-1"}
QUESTION = {"kind": "question", "title": "Why?", "text": "Tell me."}


def problem(answer: Any) -> str:
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["trace_id"]
    return str(answer.json["type"]).removeprefix("/problems/")


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=1e9", "limit"),
        ("?limit=-1", "limit"),
        ("?limit=", "limit"),
        ("?limit=1&limit=1", "limit"),
        ("?limit[$gt]=1", "?"),
        ("?unknown=1", "unknown"),
        ("?kind=riddle", "kind"),
        ("?kind[$ne]=question", "?"),
        ("?access_token=cop_x", "access_token"),
    ],
)
def test_a_query_that_is_not_declared_is_refused(client: FlaskClient, query: str, where: str) -> None:
    answer = client.get(THREADS + query)
    assert (answer.status_code, problem(answer)) == (422, "invalid")
    assert [fault["where"] for fault in answer.json["errors"]] == [where]


def test_an_operation_without_query_takes_none(client: FlaskClient) -> None:
    assert client.get(f"/v1/posts/{ID}?a=1").status_code == 422
    assert client.get(f"/v1/posts/{ID}?=").status_code == 422


@pytest.mark.parametrize("id", ["%00", "a" * 10_000, "A" * 24, "$ne", "0" * 23, "{}", "𝟘" * 24])
def test_an_id_that_no_thing_can_have_is_not_found(client: FlaskClient, id: str) -> None:
    answer = client.get(f"/v1/posts/{id}")
    assert (answer.status_code, problem(answer)) == (404, "not-found")


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("text/plain", {}),
        ("", {}),
        ("application/x-www-form-urlencoded", {}),
        ("application/json; charset=utf-16", {}),
        ("application/json", {"Content-Encoding": "gzip"}),
    ],
)
def test_only_plain_json_is_read(client: FlaskClient, content_type: str, headers: dict[str, str]) -> None:
    answer = client.post(POSTS, data=b'{"text":"a"}', content_type=content_type, headers=KEY | headers)
    assert (answer.status_code, problem(answer)) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (QUESTION | {"title": {"$gt": ""}}, "title"),
        (QUESTION | {"title": "two\nlines"}, "title"),
        (QUESTION | {"title": "nul\0"}, "title"),
        (QUESTION | {"title": "bell\x07"}, "title"),
        (QUESTION | {"title": "x" * 201}, "title"),
        (QUESTION | {"title": "  "}, "title"),
        (QUESTION | {"title": 1}, "title"),
        (QUESTION | {"professions": "nurse"}, "professions"),
        (QUESTION | {"tenant": "x"}, "tenant"),
        (QUESTION | {"$where": "sleep(1000)"}, "?"),
        ({"kind": "question"}, "title"),
        ([QUESTION], "body"),
        ("question", "body"),
        (None, "body"),
    ],
)
def test_a_body_of_another_shape_is_refused_by_field(client: FlaskClient, body: object, where: str) -> None:
    answer = client.post(THREADS, data=json.dumps(body), content_type="application/json", headers=KEY)
    assert (answer.status_code, problem(answer)) == (422, "invalid")
    assert answer.json["errors"][0]["where"] == where
    assert "sleep" not in answer.text


def test_what_is_wrong_inside_a_list_is_said_once(client: FlaskClient) -> None:
    body = {"name": "Staff desk", "url": "https://example.org/in", "contact": ID, "events": ["thread.opend"]}
    answer = client.post("/v1/webhooks", json=body, headers=KEY)
    assert [fault["where"] for fault in answer.json["errors"]] == ["events.0"]  # type: ignore[index]


def test_an_id_is_asked_for_in_words(client: FlaskClient) -> None:
    answer = client.get("/v1/search?words=falls&community=abc")
    assert answer.json["errors"] == [  # type: ignore[index]
        {"where": "community", "what": "must be an id: 24 characters, each 0 to 9 or a to f"}
    ]


def test_a_number_is_asked_for_in_words(client: FlaskClient) -> None:
    answer = client.get(THREADS + "?limit=many")
    assert answer.json["errors"] == [{"where": "limit", "what": "must be a whole number"}]  # type: ignore[index]


def test_an_address_of_no_operation_is_not_said_to_be_hidden(client: FlaskClient) -> None:
    for address in (
        "/v1/communitys",
        "/v2/inbox",
        f"/v1/posts/{ID}/",
        "/v1/posts/..%2f..%2fetc",
        "/v1/stream",
    ):
        answer = client.get(address)
        assert (answer.status_code, problem(answer)) == (404, "no-such-address"), address


def test_the_private_half_of_a_key_is_spoilt_by_being_sent(client: FlaskClient) -> None:
    public = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}
    answer = client.post(f"/v1/organisations/{ID}/keys", json={**public, "d": "B" * 43}, headers=KEY)
    assert answer.status_code == 422
    assert "make another key" in answer.text
    assert "B" * 43 not in answer.text


def test_types_are_not_guessed(client: FlaskClient) -> None:
    answer = client.put(f"/v1/communities/{ID}/join-requests/{ID}/decision", json={"approve": "yes"})
    assert answer.json["errors"][0]["where"] == "approve"


def test_a_body_may_not_be_larger_than_64_kilobytes(client: FlaskClient) -> None:
    answer = client.post(POSTS, json={"text": "x" * 70_000}, headers=KEY)
    assert (answer.status_code, problem(answer)) == (413, "too-large")


@pytest.mark.parametrize("key", [None, "", " ", "k" * 201, "ключ", "a\tb", "\x7f"])
def test_a_creation_needs_a_key(client: FlaskClient, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin1")}
    answer = client.post(POSTS, json={"text": "a"}, headers=headers)
    assert (answer.status_code, problem(answer)) == (400, "idempotency-key-missing")


def test_the_promise_names_who_made_it_and_what_for(
    client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(AddPost, answers.post())
    promises = []
    for body, key in (
        ({"text": "a"}, "one"),
        ({"text": "a"}, "one"),
        ({"text": "b"}, "one"),
        ({"text": "a"}, "two"),
    ):
        client.post(POSTS, json=body, headers={"Idempotency-Key": key})
        promise = switchboard.asked[-1].once
        assert promise is not None
        promises.append((promise.key, promise.fingerprint))
    first, again, other_body, other_key = promises
    assert first == again
    assert first[0] == f".{MEMBER}:one" and CLIENT not in first[0]
    assert other_body[0] == first[0] and other_body[1] != first[1]
    assert other_key[0] != first[0]


def test_a_change_may_promise_too_and_a_reading_never_does(
    client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(CloseThread, answers.thread())
    switchboard.will(GetPost, answers.post())
    closing = {"If-Match": '"7"'}
    client.put(f"/v1/threads/{ID}/closing", json={"reason": "Done"}, headers=closing)
    assert switchboard.asked[-1].once is None
    client.put(f"/v1/threads/{ID}/closing", json={"reason": "Done"}, headers=closing | KEY)
    assert switchboard.asked[-1].once is not None
    client.get(f"/v1/posts/{ID}", headers=KEY)
    assert switchboard.asked[-1].once is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, 428),
        ("", 428),
        ("*", 428),
        ("7", 400),
        ("7-0123456789abcdef", 400),
        ('"7', 400),
        ("'7'", 400),
        ("7, 8", 400),
        ("W/7", 400),
        ('W/"7"', 412),
        ('"x"', 412),
        ('"7", "8"', 412),
        ('"-1"', 412),
    ],
)
def test_a_change_needs_to_know_what_it_changes(
    client: FlaskClient, given: str | None, expected: int
) -> None:
    headers = {} if given is None else {"If-Match": given}
    answer = client.put(f"/v1/threads/{ID}/closing", json={"reason": "Done"}, headers=headers)
    assert answer.status_code == expected
    assert (
        problem(answer)
        == {
            400: "if-match-malformed",
            428: "if-match-missing",
            412: "stale-revision",
        }[expected]
    )
    assert answer.json["errors"][0]["where"] == "If-Match"  # type: ignore[index]


@pytest.mark.parametrize("given", ['"7"', '"7-0123456789abcdef"'])
def test_if_match_takes_the_etag_or_the_revision(
    client: FlaskClient, switchboard: PlayedSwitchboard, given: str
) -> None:
    switchboard.will(CloseThread, answers.thread())
    client.put(f"/v1/threads/{ID}/closing", json={"reason": "Done"}, headers={"If-Match": given})
    asked = switchboard.asked[-1]
    assert isinstance(asked, CloseThread) and asked.revision == 7


def test_what_was_read_becomes_the_call(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(OpenThread, answers.thread())
    client.post(THREADS, json=QUESTION | {"professions": [" Nurse "]}, headers=KEY)
    asked = switchboard.asked[-1]
    assert isinstance(asked, OpenThread)
    assert (asked.community, asked.new.title, asked.new.professions) == (ID, "Why?", ("nurse",))
    assert asked.caller.member == MEMBER

    switchboard.will(ListThreads, answers.posts())
    client.get(f"{THREADS}?kind=question&state=open&after=x&limit=7")
    listing = switchboard.asked[-1]
    assert isinstance(listing, ListThreads)
    assert (listing.kind, listing.state, listing.after, listing.limit) == ("question", "open", "x", 7)

    switchboard.will(ListCommunities, answers.posts())
    client.get("/v1/communities?mine=true&words=falls+prevention")
    communities = switchboard.asked[-1]
    assert isinstance(communities, ListCommunities)
    assert (communities.mine, communities.words) == (True, "falls prevention")


def test_method_override_and_forwarded_identity_are_ignored(
    client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(GetPost, answers.post())
    headers = {"X-HTTP-Method-Override": "DELETE", "X-Forwarded-User": "root", "X-Tenant": "other"}
    assert client.get(f"/v1/posts/{ID}", headers=headers).status_code == 200
    assert switchboard.asked[-1].caller.member == MEMBER


def test_unavailable_says_when_to_try_again(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetPost, Unavailable("Not now.", retry_after="3"))
    answer = client.get(f"/v1/posts/{ID}")
    assert (answer.status_code, problem(answer), answer.headers["Retry-After"]) == (503, "unavailable", "3")
