"""Moderation at the door where more than one case, organisation or version of a post is concerned."""

import time
from typing import Any

import httpx2
import pytest

from tests.e2e.api.conftest import Neighbours, Person, Town, access_token, let_in, start_community
from tests.e2e.api.test_api_moderation import APPEAL, GONE, KEEP, REPORT, WITHDRAW, problem
from tests.e2e.api.waiting import eventually


class Bench:
    """A community with five facilitators, of whom the last is of the second organisation; Huw writes, others read."""

    def __init__(self, town: Town, neighbours: Neighbours) -> None:
        self.town, self.neighbours = town, neighbours
        self.facilitators = [neighbours.carys]
        self.community = start_community(neighbours.carys, "closed")
        homes = [neighbours.first] * 3 + [neighbours.second]
        for number, home in enumerate(homes):
            facilitator = town.person(home, f"Facilitator {number}")
            let_in(neighbours.carys, self.community, facilitator, "facilitator")
            self.facilitators.append(facilitator)
        self.huw, self.ivor, self.mair = neighbours.huw, neighbours.ivor, neighbours.mair
        for person in (self.huw, self.ivor, self.mair):
            let_in(neighbours.carys, self.community, person)
        question = {"kind": "question", "title": "How much?", "text": "Tell us."}
        path = f"/v1/communities/{self.community}/threads"
        thread = neighbours.carys.made(path, question)["thread"]
        self.post = self.huw.made(f"/v1/threads/{thread}/posts", {"text": "Ten times."})["post"]

    def reported(self, by: Person) -> str:
        return str(by.made(f"/v1/posts/{self.post}/reports", REPORT)["report"])

    def waiting(self, by: Person) -> list[dict[str, Any]]:
        cases: list[dict[str, Any]] = by.get(f"/v1/communities/{self.community}/cases").json()["items"]
        return cases

    def text(self) -> str:
        return str(self.ivor.get(f"/v1/posts/{self.post}").json()["text"])


@pytest.fixture
def bench(town: Town, neighbours: Neighbours) -> Bench:
    return Bench(town, neighbours)


def decide(
    by: Person, case: str, decision: dict[str, Any], step: str = "decision", revision: int | None = None
) -> httpx2.Response:
    """Decide about a case as it is now, unless a revision is given."""
    link = f"/v1/cases/{case}"
    return by.change("PUT", f"{link}/{step}", decision, revision or by.get(link).json()["revision"])


def test_a_post_stays_out_while_any_case_holds_it_and_nobody_has_a_part_in_two(bench: Bench) -> None:
    one, two, three, four, _ = bench.facilitators
    report = bench.reported(bench.ivor)
    first = bench.waiting(one)[0]["case"]
    assert decide(one, first, KEEP).status_code == 200
    assert bench.ivor.post(f"/v1/reports/{report}/appeal", APPEAL).status_code == 201
    again = bench.reported(bench.mair)
    assert bench.mair.get(f"/v1/reports/{again}").json()["state"] == "open", "an appealed case is not joined"
    (second,) = {case["case"] for case in bench.waiting(two)} - {first}
    seen = one.get(f"/v1/cases/{second}").json()
    assert seen["reports"] is None, "who decides nothing in it does not learn who reported"
    assert problem(decide(one, second, WITHDRAW)) == (403, "party-to-case")
    assert decide(two, second, WITHDRAW).status_code == 200
    assert problem(decide(two, first, WITHDRAW, "appeal/decision")) == (403, "party-to-case")
    assert decide(three, first, WITHDRAW, "appeal/decision").status_code == 200
    assert bench.huw.post(f"/v1/cases/{second}/appeal", APPEAL).status_code == 201
    assert problem(decide(three, second, KEEP, "appeal/decision")) == (403, "party-to-case")
    assert decide(four, second, KEEP, "appeal/decision").status_code == 200
    assert bench.text() == GONE


def test_nobody_decides_about_a_text_that_was_edited_since_they_read_it(bench: Bench) -> None:
    one = bench.facilitators[0]
    bench.reported(bench.ivor)
    case = bench.waiting(one)[0]["case"]
    read = one.get(f"/v1/cases/{case}")
    unchanged = one.http.get(f"/v1/cases/{case}", headers={"If-None-Match": read.headers["etag"]})
    assert unchanged.status_code == 304
    edited = bench.huw.change("PATCH", f"/v1/posts/{bench.post}", {"text": "Half of it."}, 1)
    assert edited.status_code == 200, edited.text
    revision = read.json()["revision"]
    assert problem(decide(one, case, WITHDRAW, revision=revision)) == (412, "stale-revision")
    assert bench.text() == "Half of it."
    changed = one.http.get(f"/v1/cases/{case}", headers={"If-None-Match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["text"]) == (200, "Half of it.")
    assert decide(one, case, KEEP).status_code == 200


def acts_of(bench: Bench, organisation: str, case: str) -> list[dict[str, Any]]:
    """What an organisation's log says of a case, once it says something of its decision."""
    token = access_token(bench.town, *bench.town.client(organisation)).json()["access_token"]
    until = time.monotonic() + 45
    while True:
        answer = httpx2.get(
            f"{bench.town.url}/v1/audit?limit=100", headers={"Authorization": f"Bearer {token}"}
        )
        acts = [act for act in answer.json()["items"] if act["concerns"].get("case") == case]
        if acts or time.monotonic() > until:
            return acts
        time.sleep(0.2)


def test_both_organisations_find_a_decision_in_their_logs_and_the_authors_not_by_whom(bench: Bench) -> None:
    foreign = bench.facilitators[4]
    bench.reported(bench.ivor)
    case = bench.waiting(foreign)[0]["case"]
    assert decide(foreign, case, WITHDRAW).status_code == 200
    (theirs,) = acts_of(bench, bench.neighbours.second, case)
    assert (theirs["act"], theirs["member"]) == ("decide_case", foreign.id)
    (ours,) = acts_of(bench, bench.neighbours.first, case)
    assert (ours["act"], ours["member"], ours["client"]) == ("decide_case", None, None)
    assert ours["organisations"] == [bench.neighbours.first]
    assert foreign.id not in str(ours)


def test_a_repeated_reaction_is_answered_with_what_may_be_seen_now(bench: Bench) -> None:
    one = bench.facilitators[0]
    path = f"/v1/posts/{bench.post}/reactions/helped%20me"

    def react() -> httpx2.Response:
        return bench.ivor.http.put(path, headers={"Idempotency-Key": "reacting-once"})

    first = react()
    assert (first.status_code, first.json()["text"]) == (200, "Ten times.")
    again = react()
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", first.json())
    bench.reported(bench.mair)
    assert decide(one, bench.waiting(one)[0]["case"], WITHDRAW).status_code == 200
    late = react()
    assert (late.status_code, late.headers["idempotency-replayed"]) == (200, "true")
    assert (late.json()["text"], late.json()["reactions"]) == (GONE, {"helped me": 1})
    assert late.headers["etag"] != first.headers["etag"]


def test_what_came_of_a_report_crosses_to_no_system(bench: Bench) -> None:
    one = bench.facilitators[0]
    report = bench.reported(bench.mair)
    case = bench.waiting(one)[0]["case"]
    assert decide(one, case, WITHDRAW).status_code == 200
    for person, home, link in (
        (bench.mair, bench.neighbours.second, f"/v1/reports/{report}"),
        (bench.huw, bench.neighbours.first, f"/v1/cases/{case}"),
    ):
        eventually(lambda person=person, link=link: link in person.get("/v1/inbox", limit=100).text)  # type: ignore[misc]
        (told,) = [
            item for item in person.get("/v1/inbox", limit=100).json()["items"] if item["link"] == link
        ]
        token = access_token(bench.town, *bench.town.client(home)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Commonplace-Member": person.id}
        system = httpx2.Client(base_url=bench.town.url, headers=headers, timeout=10)
        inbox = system.get("/v1/inbox", params={"limit": "100"})
        assert inbox.status_code == 200
        assert not any(word in inbox.text for word in (link, "report decided", "case decided"))
        unread = system.get("/v1/inbox/unread").json()["communities"]
        seen = [item for item in inbox.json()["items"] if item["community"] == bench.community]
        counted = [each["unread"] for each in unread if each["community"] == bench.community]
        assert sum(counted) == len(seen)
        marked = system.put(f"/v1/inbox/{told['notification']}/read")
        assert problem(marked) == (404, "not-found")
