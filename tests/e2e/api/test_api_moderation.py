"""Moderation at the door: reported, decided, told, appealed, ruled and logged, between two organisations."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from tests.e2e.api.conftest import Neighbours, Person, Town, access_token, let_in, start_community
from tests.e2e.api.waiting import eventually

REPORT = {"reason": "unsafe advice", "note": "Ten times too much."}
KEEP = {"outcome": "keep", "reason": "It is right."}
WITHDRAW = {"outcome": "withdraw", "reason": "Somebody could be harmed."}
APPEAL = {"reason": "It is the guideline's dose."}
GONE = "Withdrawn by moderation."


@dataclass
class Place:
    """A closed community of two organisations: Carys and Mair facilitate, Huw writes, Ivor and Non read.

    `stranger` is nobody here.
    """

    carys: Person
    mair: Person
    huw: Person
    ivor: Person
    non: Person
    stranger: Person
    community: str
    thread: str

    def post(self, text: str = "Give ten times the dose.") -> str:
        return str(self.huw.made(f"/v1/threads/{self.thread}/posts", {"text": text})["post"])

    def reported(self, post: str, by: Person | None = None) -> str:
        """A post is reported; where the report is."""
        answer = (by or self.ivor).post(f"/v1/posts/{post}/reports", REPORT)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    def case_of(self, post: str) -> dict[str, Any]:
        listed = self.carys.get(f"/v1/communities/{self.community}/cases", limit=100).json()["items"]
        (case,) = [case for case in listed if case["post"] == post]
        return cast(dict[str, Any], case)

    def decided(self, post: str, decision: dict[str, Any] = WITHDRAW, by: Person | None = None) -> str:
        """Its case is decided; where the case is."""
        case = self.case_of(post)
        place = f"/v1/cases/{case['case']}"
        answer = (by or self.carys).change("PUT", f"{place}/decision", decision, case["revision"])
        assert answer.status_code == 200, answer.text
        return place


@pytest.fixture(scope="module")
def place(town: Town, neighbours: Neighbours) -> Place:
    carys, mair, huw, ivor = neighbours.carys, neighbours.mair, neighbours.huw, neighbours.ivor
    non = town.person(neighbours.second, "Non Parry")
    community = start_community(carys, "closed")
    let_in(carys, community, mair, "facilitator")
    for person in (huw, ivor, non):
        let_in(carys, community, person)
    question = {"kind": "question", "title": "How much?", "text": "Tell us."}
    thread = carys.made(f"/v1/communities/{community}/threads", question)["thread"]
    return Place(carys, mair, huw, ivor, non, neighbours.gwen, community, thread)


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).removeprefix("/problems/")


def told(person: Person, kind: str, link: str) -> Callable[[], bool]:
    def is_told() -> bool:
        items: list[dict[str, Any]] = person.get("/v1/inbox", limit=100).json()["items"]
        return any(item["kind"] == kind and item["link"] == link for item in items)

    return is_told


def test_the_whole_story(place: Place) -> None:
    carys, mair, huw, ivor = place.carys, place.mair, place.huw, place.ivor
    post = place.post("Diprotodon: ten times the dose.")
    eventually(lambda: ivor.get("/v1/search", words="diprotodon").json()["items"])
    report = place.reported(post)
    other = place.reported(post, place.non)
    case = place.case_of(post)
    link = f"/v1/cases/{case['case']}"
    for facilitator in (carys, mair):
        eventually(told(facilitator, "post reported", link))
    whole = carys.get(link).json()
    assert [each["reporter"]["name"] for each in whole["reports"]] == ["Ivor Pugh", "Non Parry"]
    assert huw.get(link).status_code == 404

    place.decided(post)
    for reader in (huw, ivor, carys):
        shown = reader.get(f"/v1/posts/{post}").json()
        assert (shown["text"], shown["html"], shown["moderation"]) == (GONE, f"<p>{GONE}</p>\n", "withdrawn")
    assert ivor.get("/v1/search", words="diprotodon").json()["items"] == []
    assert "Diprotodon" not in ivor.get(f"/v1/threads/{place.thread}/posts", limit=100).text
    assert "Diprotodon" not in ivor.get(f"/v1/posts/{post}/versions").text
    eventually(told(huw, "case decided", link))
    eventually(told(ivor, "report decided", report))
    eventually(told(place.non, "report decided", other))
    seen = huw.get(link)
    assert seen.json()["decision"]["reason"] == WITHDRAW["reason"]
    assert (seen.json()["decision"]["decided_as"], seen.json()["decision"]["by"]) == ("facilitator", None)
    assert seen.json()["reports"] is None
    assert not any(name in seen.text for name in ("Ivor", "Non Parry", "Carys", ivor.id, "Ten times too"))
    assert (ivor.get(report).json()["state"], ivor.get(report).json()["outcome"]) == ("decided", "withdraw")

    appealed = huw.post(f"{link}/appeal", APPEAL)
    assert (appealed.status_code, appealed.json()["state"]) == (201, "appealed")
    eventually(told(mair, "appeal made", link))
    assert not told(carys, "appeal made", link)()
    ruling = f"{link}/appeal/decision"
    revision = appealed.json()["revision"]
    assert problem(carys.change("PUT", ruling, KEEP, revision)) == (403, "party-to-case")
    ruled = mair.change("PUT", ruling, KEEP, revision)
    assert (ruled.status_code, ruled.json()["state"], ruled.json()["outcome"]) == (200, "settled", "keep")
    assert ivor.get(f"/v1/posts/{post}").json()["text"] == "Diprotodon: ten times the dose."
    assert [hit["post"] for hit in ivor.get("/v1/search", words="diprotodon").json()["items"]] == [post]
    assert ivor.get(report).json()["outcome"] == "keep"
    assert problem(huw.post(f"{link}/appeal", APPEAL)) == (409, "appealed-before")
    assert problem(mair.change("PUT", ruling, KEEP, ruled.json()["revision"])) == (409, "case-decided")

    log = ivor.get(f"/v1/communities/{place.community}/moderation-log").json()["items"]
    ours = [each for each in log if each["case"] == case["case"]]
    assert [(each["step"], each["outcome"], each["reasons"]) for each in ours] == [
        ("appeal", "keep", ["unsafe advice"]),
        ("decision", "withdraw", ["unsafe advice"]),
    ]


def test_who_may_not_know_gets_404(place: Place) -> None:
    post = place.post()
    report = place.reported(post)
    case = place.case_of(post)
    link, none = f"/v1/cases/{case['case']}", f"/v1/cases/{'5' * 24}"
    for who in (place.stranger, place.ivor, place.huw, place.non):
        for method, rest, body in (
            ("GET", "", None),
            ("PUT", "/withholding", None),
            ("PUT", "/decision", KEEP),
            ("PUT", "/appeal/decision", KEEP),
        ):
            hidden = who.change(method, link + rest, body, case["revision"])
            absent = who.change(method, none + rest, body, case["revision"])
            assert problem(hidden) == (404, "not-found")
            assert {**hidden.json(), "trace_id": ""} == {**absent.json(), "trace_id": ""}
        assert problem(who.post(f"{link}/appeal", APPEAL)) == (404, "not-found")
    for who in (place.stranger, place.non, place.carys, place.huw):
        assert problem(who.get(report)) == (404, "not-found")
        assert problem(who.post(f"{report}/appeal", APPEAL)) == (404, "not-found")
    there = f"/v1/communities/{place.community}"
    for listing in ("cases", "reports", "moderation-log"):
        assert problem(place.stranger.get(f"{there}/{listing}")) == (404, "not-found")
    assert problem(place.stranger.post(f"/v1/posts/{post}/reports", REPORT)) == (404, "not-found")
    assert problem(place.ivor.get(f"{there}/cases")) == (403, "facilitators-only")
    assert place.non.get(f"{there}/reports").status_code == 200
    assert report.rpartition("/")[2] not in place.non.get(f"{there}/reports", limit=100).text
    assert report.rpartition("/")[2] in place.ivor.get(f"{there}/reports", limit=100).text


def test_reporting_is_done_once_by_others_than_the_author(place: Place) -> None:
    post = place.post()
    at = f"/v1/posts/{post}/reports"
    assert problem(place.huw.post(at, REPORT)) == (403, "own-post")
    for body in (
        {},
        {"reason": "ugly"},
        {"reason": "other", "note": "x" * 501},
        {"reason": "other", "by": "x"},
    ):
        assert problem(place.ivor.post(at, body)) == (422, "invalid")
    made = place.ivor.post(at, REPORT, key="reporting-1")
    again = place.ivor.post(at, REPORT, key="reporting-1")
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", made.json())
    otherwise = place.ivor.post(at, {"reason": "other"}, key="reporting-1")
    assert problem(otherwise) == (422, "idempotency-key-reused")
    assert place.ivor.post(at, {"reason": "other"}).json() == made.json()
    whole = place.carys.get(f"/v1/cases/{place.case_of(post)['case']}").json()
    assert len(whole["reports"]) == 1


def test_nobody_decides_their_own_and_nothing_is_decided_blindly(place: Place) -> None:
    post = place.post()
    place.reported(post, place.mair)
    case = place.case_of(post)
    link = f"/v1/cases/{case['case']}"
    decision = f"{link}/decision"
    assert place.mair.get(link).json()["reports"] is None
    assert problem(place.mair.change("PUT", decision, KEEP, case["revision"])) == (403, "party-to-case")
    assert problem(place.mair.change("PUT", f"{link}/withholding", None, 1)) == (403, "party-to-case")
    for body in ({}, {"outcome": "burn", "reason": "x"}, {"outcome": "keep"}, {**KEEP, "reason": ""}):
        assert problem(place.carys.change("PUT", decision, body, 1)) == (422, "invalid")
    assert problem(place.carys.change("PUT", decision, KEEP)) == (428, "if-match-missing")
    assert problem(place.carys.change("PUT", decision, KEEP, 7)) == (412, "stale-revision")
    withheld = place.carys.change("PUT", f"{link}/withholding", None, case["revision"])
    assert (withheld.status_code, withheld.json()["withheld"]) == (200, True)
    assert place.ivor.get(f"/v1/posts/{post}").json()["moderation"] == "withheld"
    tag = place.ivor.get(f"/v1/posts/{post}").headers["etag"]
    assert problem(place.huw.change("PATCH", f"/v1/posts/{post}", {"text": "x"}, 2)) == (
        409,
        "post-taken-out",
    )
    reaction = f"/v1/posts/{post}/reactions/same here"
    assert problem(place.ivor.change("PUT", reaction)) == (409, "post-taken-out")
    assert problem(place.huw.change("PUT", decision, KEEP, 2)) == (403, "party-to-case")
    assert problem(place.carys.change("PUT", decision, KEEP, 1)) == (412, "stale-revision")
    decided = place.carys.change("PUT", decision, {**KEEP, "outcome": "mend"}, 2)
    assert (decided.status_code, decided.json()["revision"]) == (200, 3)
    assert problem(place.carys.change("PUT", decision, KEEP, 3)) == (409, "case-decided")
    mended = place.ivor.http.get(f"/v1/posts/{post}", headers={"If-None-Match": tag})
    assert (mended.status_code, mended.json()["moderation"]) == (200, None)


def test_locked_and_opened_again(place: Place) -> None:
    question = {"kind": "question", "title": "And this?", "text": "Tell us."}
    made = place.huw.made(f"/v1/communities/{place.community}/threads", question)
    thread, post = made["thread"], made["first_posts"][0]["post"]
    place.reported(post)
    link = place.decided(post, {"outcome": "lock", "reason": "Enough."})
    locked = place.huw.get(f"/v1/threads/{thread}").json()
    assert (locked["state"], locked["locked"]) == ("closed", True)
    for opener in (place.huw, place.carys):
        reopened = opener.post(f"/v1/threads/{thread}/posts", {"text": "But!"})
        assert problem(reopened) == (409, "thread-closed")
    state = f"/v1/threads/{thread}/closing"
    assert problem(place.huw.change("DELETE", state, None, locked["revision"])) == (409, "thread-locked")
    place.huw.post(f"{link}/appeal", APPEAL)
    revision = place.mair.get(link).json()["revision"]
    worse = {"outcome": "withdraw", "reason": "Worse."}
    ruling = f"{link}/appeal/decision"
    assert problem(place.mair.change("PUT", ruling, worse, revision)) == (422, "outcome-worse")
    assert place.mair.change("PUT", ruling, KEEP, revision).status_code == 200
    opened = place.huw.get(f"/v1/threads/{thread}").json()
    assert (opened["state"], opened["locked"], opened["closed_reason"]) == ("open", False, None)
    assert place.ivor.post(f"/v1/threads/{thread}/posts", {"text": "Good."}).status_code == 201


def test_who_reported_appeals_against_keeping_it(place: Place) -> None:
    post = place.post()
    report = place.reported(post)
    assert problem(place.ivor.post(f"{report}/appeal", APPEAL)) == (409, "nothing-to-appeal")
    link = place.decided(post, KEEP)
    assert problem(place.huw.post(f"{link}/appeal", APPEAL)) == (409, "nothing-to-appeal")
    assert problem(place.carys.post(f"{link}/appeal", APPEAL)) == (403, "not-yours")
    assert problem(place.ivor.post(f"{report}/appeal", {})) == (422, "invalid")
    appealed = place.ivor.post(f"{report}/appeal", APPEAL, key="appealing-1")
    assert (appealed.status_code, appealed.json()["state"]) == (201, "appealed")
    replayed = place.ivor.post(f"{report}/appeal", APPEAL, key="appealing-1")
    assert replayed.headers["idempotency-replayed"] == "true"
    assert problem(place.ivor.post(f"{report}/appeal", APPEAL)) == (409, "appealed-before")
    assert "Ivor" not in place.huw.get(link).text
    assert APPEAL["reason"] not in place.huw.get(link).text
    assert APPEAL["reason"] in place.mair.get(link).text


@pytest.fixture(scope="module")
def systems(town: Town, neighbours: Neighbours) -> dict[str, httpx2.Client]:
    """A client of either organisation, acting for itself."""
    systems = {}
    for name, organisation in (("first", neighbours.first), ("second", neighbours.second)):
        token = access_token(town, *town.client(organisation)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        systems[name] = httpx2.Client(base_url=town.url, headers=headers, timeout=10)
    return systems


def test_the_author_s_organisation_sees_it_and_decides_for_its_member(
    place: Place, neighbours: Neighbours, systems: dict[str, httpx2.Client]
) -> None:
    post = place.post("Ten times, says Huw.")
    place.reported(post)
    link = place.decided(post, {**WITHDRAW, "ask_organisation": True})
    id = link.rpartition("/")[2]
    at = f"/v1/organisations/{neighbours.first}/cases"
    ours, theirs = systems["first"], systems["second"]
    seen = ours.get(f"{at}/{id}")
    assert (seen.json()["text"], seen.json()["asks_organisation"]) == ("Ten times, says Huw.", True)
    assert not any(name in seen.text for name in ("Ivor", place.ivor.id, "Carys", "Ten times too"))
    assert id in ours.get(at, params={"limit": 100}).text
    decision = {"outcome": "word", "reason": "Come and see me."}
    put = {"json": decision, "headers": {"If-Match": seen.headers["etag"]}}

    foreign = f"/v1/organisations/{neighbours.second}/cases"
    assert id not in theirs.get(foreign, params={"limit": 100}).text
    for system, path in ((theirs, f"{at}/{id}"), (theirs, f"{foreign}/{id}"), (ours, f"{at}/{'5' * 24}")):
        assert problem(system.get(path)) == (404, "not-found")
        assert problem(system.put(f"{path}/decision", **put)) == (404, "not-found")
    assert problem(theirs.get(at)) == (404, "not-found")
    assert problem(place.huw.get(at)) == (403, "client-only")
    for_huw = {"Commonplace-Member": place.huw.id}
    assert problem(ours.get(f"{at}/{id}", headers=for_huw)) == (403, "client-only")
    assert problem(ours.get(link, headers=for_huw)) == (403, "people-only")
    assert problem(ours.put(f"{at}/{id}/decision", json=decision)) == (428, "if-match-missing")
    stale = ours.put(f"{at}/{id}/decision", json=decision, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "stale-revision")
    bad = ours.put(f"{at}/{id}/decision", json={"outcome": "sack", "reason": "x"}, headers=put["headers"])
    assert problem(bad) == (422, "invalid")

    done = ours.put(f"{at}/{id}/decision", **put)
    assert (done.status_code, done.json()["member_decision"]["outcome"]) == (200, "word")
    again = ours.put(f"{at}/{id}/decision", json=decision, headers={"If-Match": done.headers["etag"]})
    assert problem(again) == (409, "case-decided")
    assert place.huw.get(f"/v1/posts/{post}").json()["text"] == GONE
    assert place.huw.get(link).json()["member_decision"]["reason"] == "Come and see me."
    by_facilitator = place.carys.get(link).json()
    assert (by_facilitator["member_decided"], by_facilitator["member_decision"]) == (True, None)
    eventually(lambda: place.huw.get("/v1/inbox", limit=100).text.count(link) >= 2)


def test_a_system_reports_nothing_and_sees_no_case(place: Place, systems: dict[str, httpx2.Client]) -> None:
    post = place.post()
    for_ivor = {"Commonplace-Member": place.ivor.id, "Idempotency-Key": "system-1"}
    made = systems["second"].post(f"/v1/posts/{post}/reports", json=REPORT, headers=for_ivor)
    assert problem(made) == (403, "people-only")
    report = place.reported(post)
    assert problem(systems["second"].get(report, headers=for_ivor)) == (403, "people-only")
    for_carys = {"Commonplace-Member": place.carys.id}
    listing = systems["first"].get(f"/v1/communities/{place.community}/cases", headers=for_carys)
    assert problem(listing) == (403, "people-only")


def test_the_operator_decides_where_nobody_is_left(node_environment: dict[str, str], place: Place) -> None:
    def commonplace(*words: str, code: int = 0) -> str:
        """What the operator's command prints."""
        environment = {**os.environ, **node_environment, "NO_COLOR": "1", "COLUMNS": "300"}
        command = [Path(sys.executable).with_name("commonplace"), "cases", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    post = place.post()
    place.reported(post, place.mair)
    id = place.case_of(post)["case"]
    assert "facilitator decides" in commonplace("decide", id, "keep", "--reason", "No.", code=1)
    place.reported(post, place.carys)
    assert id in commonplace("list", place.community)
    assert "Ten times too much." in commonplace("show", id)
    assert "withdraw" in commonplace("decide", id, "withdraw", "--reason", "Harmful.")
    assert place.ivor.get(f"/v1/posts/{post}").json()["text"] == GONE
    seen = place.huw.get(f"/v1/cases/{id}").json()["decision"]
    assert (seen["decided_as"], seen["reason"]) == ("operator", "Harmful.")
    assert place.huw.post(f"/v1/cases/{id}/appeal", APPEAL).status_code == 201
    assert "keep" in commonplace("rule", id, "keep", "--reason", "It is right.")
    assert place.ivor.get(f"/v1/posts/{post}").json()["moderation"] is None


def test_what_is_decided_is_audited_and_who_reported_is_not(
    place: Place, neighbours: Neighbours, systems: dict[str, httpx2.Client]
) -> None:
    post = place.post()
    report = place.reported(post)
    id = place.decided(post).rpartition("/")[2]

    def acts() -> list[dict[str, Any]]:
        found = systems["first"].get("/v1/audit", params={"limit": 100}).json()["items"]
        return [each for each in found if each["concerns"].get("case") == id]

    (act,) = eventually(acts) or acts()
    assert (act["act"], act["member"]) == ("decide_case", place.carys.id)
    for system in systems.values():
        everything = system.get("/v1/audit", params={"limit": 100}).text
        assert report.rpartition("/")[2] not in everything
        assert "report_post" not in everything


def test_the_problems_have_pages(town: Town) -> None:
    for kind in (
        "own-post", "people-only", "party-to-case", "facilitators-decide", "post-taken-out", "thread-locked",
        "too-many-reports", "case-decided", "nothing-to-appeal", "appealed-before", "appeal-too-late",
        "outcome-worse",
    ):  # fmt: skip
        assert httpx2.get(f"{town.url}/problems/{kind}").status_code == 200
