"""Levels of threads, set and listed by a partner's system: only of threads that it may know of."""

from typing import Any

import httpx2
import pytest

from shared.contracts.calls.membership import Scope
from tests.e2e.api.conftest import Town, access_token
from tests.e2e.api.partners import Place
from tests.e2e.api.waiting import eventually

SCOPES: tuple[Scope, ...] = ("inbox:read", "inbox:write", "threads:read")
LEVEL = {"level": "nothing"}


@pytest.fixture
def place(town: Town) -> Place:
    return Place(town)


def test_a_thread_that_is_not_there_for_a_system_has_no_level_for_it(place: Place) -> None:
    known = place.asks("It crosses")
    token = access_token(place.town, *place.town.client(place.theirs, SCOPES)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Commonplace-Member": place.ben.id}
    system = httpx2.Client(base_url=place.town.url, headers=headers, timeout=10)

    def level(thread: str) -> tuple[int, dict[str, Any]]:
        answer = system.put(f"/v1/threads/{thread}/level", json=LEVEL)
        return answer.status_code, {**answer.json(), "trace_id": ""}

    def listed() -> list[str]:
        return [one["thread"] for one in system.get("/v1/levels/threads").json()["items"]]

    eventually(lambda: level(known)[0] == 200)
    assert listed() == [known]
    place.systems[0].revoke(place.agreement)
    eventually(lambda: system.get(f"/v1/threads/{known}").status_code == 404)
    eventually(lambda: level(known)[0] == 404)
    assert level(known) == level("0" * 24)
    assert listed() == []
    assert system.get("/v1/levels/threads").json()["next"] is None
    own = place.ben.made(
        f"/v1/communities/{place.community}/threads",
        {"kind": "question", "title": "Our own", "text": "Ours."},
    )["thread"]
    eventually(lambda: level(own)[0] == 200)
    assert listed() == [own]
    by_ben = place.ben.change("PUT", f"/v1/threads/{known}/level", LEVEL)
    assert by_ben.status_code == 200, "he reads as a member"
