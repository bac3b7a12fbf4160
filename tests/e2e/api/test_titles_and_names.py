"""Of what an inbox and a webhook tell a partner's system: titles that are withheld, and names of those who have moved."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.calls.discussion import Imported, ImportedPost, ImportedThread, ImportThreads
from shared.contracts.grant import WITHHELD_TITLE
from shared.contracts.vocabulary import ThreadKind
from shared.wiring.store import new_id
from tests.e2e.api.conftest import OPERATOR, Town, let_in
from tests.e2e.api.directory import Directory
from tests.e2e.api.partners import Place
from tests.e2e.api.test_directory_leavers import Employee
from tests.e2e.api.waiting import eventually
from tests.e2e.receivers import receiver

NUMBER = "07700 900123"


@pytest.fixture
def place(town: Town) -> Place:
    return Place(town)


def inbox_of(place: Place, thread: str) -> list[dict[str, Any]]:
    """What the second organisation's system reads of a thread in Ben's inbox."""
    items: list[dict[str, Any]] = (
        place.systems[1].get("/v1/inbox?limit=100", member=place.ben.id).json()["items"]
    )
    posts = {f"/v1/posts/{post['post']}" for post in posts_of(place, thread)}
    return [item for item in items if item["link"] in {f"/v1/threads/{thread}", *posts}]


def posts_of(place: Place, thread: str) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = place.ben.get(f"/v1/threads/{thread}/posts", limit=100).json()["items"]
    return posts


def titled(place: Place, thread: str, *titles: str) -> Callable[[], bool]:
    return lambda: [item["title"] for item in inbox_of(place, thread)] == list(titles)


def test_a_title_that_an_archive_brought_and_the_guard_found_something_in_crosses_nowhere(
    place: Place,
) -> None:
    at = datetime.now(UTC)
    posts = tuple(
        ImportedPost(id=new_id(), author=person.id, at=at, text="Wombats.")
        for person in (place.ana, place.ben)
    )
    title = f"Ring {NUMBER}"
    part = ImportedThread(
        id=new_id(), community=place.community, kind=ThreadKind.DISCUSSION, title=title, posts=posts
    )
    place.town.operate(ImportThreads(caller=OPERATOR, threads=(part,)), Imported)
    with receiver() as there:
        place.partner.registered(there.url)
        post = place.ana.made(f"/v1/threads/{part.id}/posts", {"text": "They sleep."})["post"]
        eventually(titled(place, part.id, WITHHELD_TITLE))
        eventually(lambda: there.types == ["post.added"])
    (received,) = there.received
    assert (received.event["data"]["post"], received.event["data"]["title"]) == (post, WITHHELD_TITLE)
    assert NUMBER not in received.body
    (told,) = [item for item in place.ben.get("/v1/inbox").json()["items"] if post in item["link"]]
    assert told["title"] == title, "people read it where it was said"


def test_a_title_that_is_doubted_is_withheld_until_it_is_decided(place: Place) -> None:
    dee = place.town.person(place.ours, "Dee Wyn")
    let_in(place.ana, place.community, dee)
    question = {"kind": "question", "title": "Wombats of Bardsey", "text": "Who has seen them?"}
    opened = dee.made(f"/v1/communities/{place.community}/threads", question)
    thread, first = opened["thread"], opened["first_posts"][0]["post"]
    eventually(titled(place, thread, question["title"]))
    place.ben.made(f"/v1/posts/{first}/reports", {"reason": "confidential"})
    eventually(titled(place, thread, WITHHELD_TITLE))
    with receiver() as there:
        place.partner.registered(there.url)
        dee.made(f"/v1/threads/{thread}/posts", {"text": "On the west side."})
        eventually(lambda: there.types == ["post.added"])
        assert there.received[0].event["data"]["title"] == WITHHELD_TITLE
    (case,) = place.ana.get(f"/v1/communities/{place.community}/cases").json()["items"]
    decision = {"outcome": "keep", "reason": "It names nobody."}
    kept = place.ana.change("PUT", f"/v1/cases/{case['case']}/decision", decision, case["revision"])
    assert kept.status_code == 200, kept.text
    eventually(titled(place, thread, question["title"]))


def test_who_has_moved_to_an_organisation_that_discloses_nothing_is_named_no_more(place: Place) -> None:
    mover = Employee(Directory(place.town, place.ours), "Mair Rees")
    account = Employee(Directory(place.town), "Mair Rees-Jones")
    let_in(place.ana, place.community, mover)
    question = {"kind": "question", "title": "What works?", "text": "Tell us."}
    thread = mover.made(f"/v1/communities/{place.community}/threads", question)["thread"]

    def named(name: str | None) -> Callable[[], bool]:
        return lambda: [item["by"] for item in inbox_of(place, thread)] == [name]

    eventually(named("Mair Rees"))
    code = place.town.move_code(mover.id, place.ours)
    moved = account.change("PUT", "/v1/me/home", {"code": code})
    assert moved.status_code == 200, moved.text
    eventually(named(None))
    (told,) = [item for item in place.ben.get("/v1/inbox").json()["items"] if thread in item["link"]]
    assert told["by"] == "Mair Rees", "people know whom they talk to"


def test_who_reacted_stands_in_no_notification(place: Place) -> None:
    dee = place.town.person(place.ours, "Dee Wyn")
    let_in(place.ana, place.community, dee)
    post = place.answers(place.asks())
    reacted = dee.change("PUT", f"/v1/posts/{post}/reactions/helped%20me")
    assert reacted.status_code == 200, reacted.text

    def told() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = place.ben.get("/v1/inbox").json()["items"]
        return [item for item in items if item["kind"] == "post reacted"]

    eventually(lambda: len(told()) == 1)
    dee.change("DELETE", f"/v1/posts/{post}/reactions/helped%20me")
    dee.change("PUT", f"/v1/posts/{post}/reactions/helped%20me")
    (one,) = told()
    assert dee.id not in one["notification"]
    assert place.ben.change("PUT", f"/v1/inbox/{one['notification']}/read").status_code == 200
