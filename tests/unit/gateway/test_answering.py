"""The bytes of a service's answer go out untouched, with the headers that let a caller save work."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from services.gateway.door.answering import entity_tag
from services.gateway.switchboard import Reply
from shared.contracts.calls.discussion import GetThread, ListPosts, OpenThread, ShareThread
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import PlayedSwitchboard

ID = answers.ID
THREAD = f"/v1/threads/{ID}"
KEY = {"Idempotency-Key": "k"}
QUESTION = {"kind": "question", "title": "Why?", "text": "Tell me."}


def test_the_body_passes_through(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetThread, Reply(b'{"revision":7,  "new_field": [1.0]}', 7))
    answer = client.get(THREAD)
    assert answer.data == b'{"revision":7,  "new_field": [1.0]}'
    assert answer.content_type == "application/json"


def test_the_same_answer_is_not_sent_twice(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetThread, answers.thread())
    tag = client.get(THREAD).headers["ETag"]
    assert tag.startswith('"7-')
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get(THREAD, headers={"If-None-Match": given})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert client.get(THREAD, headers={"If-None-Match": '"7"'}).status_code == 200


def test_a_tag_changes_with_the_answer_also_when_the_revision_stays() -> None:
    assert entity_tag(Reply(b"{}", 7)) != entity_tag(Reply(b"[]", 7))
    assert entity_tag(Reply(b"{}", 7)) != entity_tag(Reply(b"{}", 8))
    assert entity_tag(Reply(b"{}")).startswith('W/"')


def test_a_page_leads_to_the_next(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    cursor = 'a&b="c"\\>'
    switchboard.will(ListPosts, answers.posts(next=cursor))
    answer = client.get(f"{THREAD}/posts?limit=1&after=before")
    address, _, relation = answer.headers["Link"].partition("; ")
    target = urlsplit(address.strip("<>"))
    assert relation == 'rel="next"'
    assert target.path == f"{THREAD}/posts"
    assert parse_qs(target.query) == {"limit": ["1"], "after": [cursor]}


@pytest.mark.parametrize("last", [answers.posts(), Reply(b'{"items":[{"next":"trap"}],"next":null}')])
def test_the_last_page_leads_nowhere(
    client: FlaskClient, switchboard: PlayedSwitchboard, last: Reply
) -> None:
    switchboard.will(ListPosts, last)
    assert "Link" not in client.get(f"{THREAD}/posts").headers


def test_a_creation_says_where_it_is_and_whether_it_was_new(
    client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(OpenThread, answers.thread())
    made = client.post(f"/v1/communities/{ID}/threads", json=QUESTION, headers=KEY)
    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/threads/{ID}")
    assert "Idempotency-Replayed" not in made.headers
    switchboard.will(OpenThread, answers.thread(repeated=True))
    again = client.post(f"/v1/communities/{ID}/threads", json=QUESTION, headers=KEY)
    assert (again.status_code, again.data, again.headers["Idempotency-Replayed"]) == (201, made.data, "true")


def test_what_has_no_address_has_no_location(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(ShareThread, answers.done())
    shared = client.post(f"{THREAD}/shares", json={"guest": ID}, headers=KEY)
    assert shared.status_code == 201 and "Location" not in shared.headers


def test_head_answers_as_get_without_the_body(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetThread, answers.thread())
    answer = client.head(THREAD)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["ETag"] == client.get(THREAD).headers["ETag"]


def test_every_answer_is_careful(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetThread, answers.thread())
    for path in (THREAD, "/v1/nothing", "/nothing", "/v1/openapi.json", "/problems"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_are_told_to_stay_there(make_app) -> None:  # type: ignore[no-untyped-def]
    answer = (
        make_app(public_url="https://node.example")
        .test_client()
        .get("/problems", base_url="https://node.example")
    )
    assert "max-age" in answer.headers["Strict-Transport-Security"]
