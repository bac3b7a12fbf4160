"""Threads, posts and search, over HTTP."""

from secrets import token_hex

import pytest

from tests.e2e.api.conftest import Neighbours, Person, Town, let_in, start_community
from tests.e2e.api.waiting import eventually

QUESTION = {"kind": "question", "title": "How do you start?", "text": "We have **nothing** yet."}


@pytest.fixture(scope="module")
def community(neighbours: Neighbours) -> str:
    """A community of this file's own, with Carys and Mair in it."""
    community = start_community(neighbours.carys, "restricted")
    let_in(neighbours.carys, community, neighbours.mair)
    return community


def opened(person: Person, community: str, body: object = QUESTION) -> str:
    return str(person.made(f"/v1/communities/{community}/threads", body)["thread"])


def test_a_thread_is_opened_and_read(neighbours: Neighbours, community: str) -> None:
    made = neighbours.carys.post(f"/v1/communities/{community}/threads", QUESTION)
    assert made.status_code == 201
    read = neighbours.mair.get(made.headers["location"])
    assert (read.status_code, read.json()["title"]) == (200, QUESTION["title"])
    (first,) = read.json()["first_posts"]
    assert "<strong>nothing</strong>" in first["html"]
    assert first["author"]["organisation_name"] == "Betsi Cadwaladr"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "discussion", "title": "What do you think?", "text": "Of this."},
        {"kind": "announcement", "title": "A study day", "text": "On Friday."},
        {
            "kind": "experience",
            "title": "We tried walking groups",
            "experience": {
                "context": "A ward",
                "what_we_did": "Walked",
                "what_happened": "Fewer falls",
                "what_we_would_change": "Start sooner",
            },
        },
    ],
    ids=lambda body: body["kind"],
)
def test_every_kind_of_thread_is_listed_by_its_kind(
    neighbours: Neighbours, community: str, body: dict[str, object]
) -> None:
    thread = opened(neighbours.carys, community, body)
    listed = neighbours.mair.get(f"/v1/communities/{community}/threads", kind=str(body["kind"])).json()[
        "items"
    ]
    assert thread in {item["thread"] for item in listed}
    assert {item["kind"] for item in listed} == {body["kind"]}


def test_a_question_is_answered_accepted_closed_and_reopened(neighbours: Neighbours, community: str) -> None:
    carys, mair = neighbours.carys, neighbours.mair
    thread = opened(carys, community)
    unanswered = f"/v1/unanswered?community={community}&limit=100"
    assert thread in {item["thread"] for item in carys.get(unanswered).json()["items"]}
    answer = mair.made(f"/v1/threads/{thread}/posts", {"text": "Begin with one ward."})["post"]
    assert thread not in {item["thread"] for item in carys.get(unanswered).json()["items"]}

    def revision() -> int:
        return int(carys.get(f"/v1/threads/{thread}").json()["revision"])

    place = f"/v1/threads/{thread}"
    assert mair.change("PUT", f"{place}/accepted-answer", {"post": answer}, revision()).status_code == 403
    accepted = carys.change("PUT", f"{place}/accepted-answer", {"post": answer}, revision())
    assert (accepted.status_code, accepted.json()["accepted_answer"]) == (200, answer)

    stale = revision() - 1
    assert carys.change("PUT", f"{place}/closing", {"reason": "Settled."}, stale).status_code == 412
    closed = carys.change("PUT", f"{place}/closing", {"reason": "Settled."}, revision())
    assert (closed.json()["state"], closed.json()["closed_reason"]) == ("closed", "Settled.")
    late = mair.post(f"{place}/posts", {"text": "One more thing"})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/thread-closed")
    listed = carys.get(f"/v1/communities/{community}/threads", state="closed").json()["items"]
    assert thread in {item["thread"] for item in listed}
    reopened = carys.change("DELETE", f"{place}/closing", revision=revision())
    assert (reopened.status_code, reopened.json()["state"]) == (200, "open")


def test_a_post_is_edited_and_its_history_stays(neighbours: Neighbours, community: str) -> None:
    thread = opened(neighbours.carys, community)
    made = neighbours.mair.post(f"/v1/threads/{thread}/posts", {"text": "On day three."})
    post = made.headers["location"]
    tag = neighbours.mair.get(post).headers["etag"]
    edited = neighbours.mair.http.patch(post, json={"text": "On day two."}, headers={"If-Match": tag})
    assert (edited.status_code, edited.json()["text"]) == (200, "On day two.")
    versions = neighbours.carys.get(f"{post}/versions").json()["items"]
    assert [version["text"] for version in versions] == ["On day two.", "On day three."]
    stale = neighbours.mair.http.patch(post, json={"text": "On day one."}, headers={"If-Match": tag})
    assert stale.status_code == 412
    revision = edited.json()["revision"]
    other = neighbours.carys.change("PATCH", post, {"text": "Mine"}, revision)
    assert (other.status_code, other.json()["type"]) == (403, "/problems/not-yours")


def test_readers_say_that_it_helped(neighbours: Neighbours, community: str) -> None:
    thread = opened(neighbours.carys, community)
    post = neighbours.mair.made(f"/v1/threads/{thread}/posts", {"text": "Try this."})["post"]
    reaction = f"/v1/posts/{post}/reactions/helped%20me"
    for _ in range(2):
        reacted = neighbours.carys.change("PUT", reaction)
        assert (reacted.status_code, reacted.json()["reactions"]) == (200, {"helped me": 1})
    taken_back = neighbours.carys.change("DELETE", reaction)
    assert (taken_back.status_code, taken_back.json()["reactions"].get("helped me", 0)) == (200, 0)
    assert neighbours.carys.change("PUT", f"/v1/posts/{post}/reactions/like").status_code == 404


def test_posts_come_in_pages_and_the_cursor_is_ones_own(neighbours: Neighbours, community: str) -> None:
    thread = opened(neighbours.carys, community)
    for number in range(4):
        neighbours.mair.made(f"/v1/threads/{thread}/posts", {"text": f"Post {number}"})
    texts: list[str] = []
    path = f"/v1/threads/{thread}/posts?limit=2"
    pages = 0
    while path:
        page = neighbours.carys.get(path)
        pages += 1
        texts += [post["text"] for post in page.json()["items"]]
        path = page.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert (pages, texts[1:]) == (3, ["Post 0", "Post 1", "Post 2", "Post 3"])

    cursor = neighbours.carys.get(f"/v1/threads/{thread}/posts", limit=2).json()["next"]
    other_thread = opened(neighbours.carys, community)
    for person, target, after in (
        (neighbours.mair, thread, cursor),
        (neighbours.carys, other_thread, cursor),
        (neighbours.carys, thread, cursor[:-2]),
        (neighbours.carys, thread, '{"$ne":1}'),
    ):
        refused = person.get(f"/v1/threads/{target}/posts", after=after)
        assert (refused.status_code, refused.json()["type"]) == (400, "/problems/cursor-invalid")


def test_a_thread_is_shared_with_a_guest_who_sees_nothing_else(town: Town, neighbours: Neighbours) -> None:
    community = start_community(neighbours.carys, "closed")
    guest = town.person(neighbours.second, "Gue St")
    let_in(neighbours.carys, community, guest, "guest")
    thread, other = opened(neighbours.carys, community), opened(neighbours.carys, community)
    assert guest.get(f"/v1/threads/{thread}").status_code == 404
    shared = neighbours.carys.post(f"/v1/threads/{thread}/shares", {"guest": guest.id})
    assert (shared.status_code, shared.json()) == (201, {"done": True})
    assert guest.get(f"/v1/threads/{thread}").status_code == 200
    assert guest.get(f"/v1/threads/{other}").status_code == 404
    listed = guest.get(f"/v1/communities/{community}/threads").json()["items"]
    assert [item["thread"] for item in listed] == [thread]


def test_words_are_found_and_are_only_words(neighbours: Neighbours, community: str) -> None:
    word = f"zyx{token_hex(5)}"
    thread = opened(neighbours.carys, community, QUESTION | {"text": f"Has anybody tried {word} here?"})

    def found() -> bool:
        hits = neighbours.mair.get("/v1/search", words=word, community=community).json()["items"]
        return [hit["thread"] for hit in hits] == [thread]

    eventually(found)
    for harmless in ("(a+)+$", ".*", '"', "-" + word, "$where: sleep(2000)", "{$gt: 1}"):
        answer = neighbours.mair.get("/v1/search", words=harmless)
        assert answer.status_code == 200, harmless
        assert answer.elapsed.total_seconds() < 5
