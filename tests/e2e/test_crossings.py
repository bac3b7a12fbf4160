"""What reaches a partner's system is what an agreement lets, and nothing else: three organisations on one node."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from shared.contracts.calls.discussion import Crossing, ExplainCrossing
from shared.contracts.calls.membership import Client, NewClient, RegisterClient
from tests.e2e.members import OPERATOR, SCOPES, Member, Town, eventually
from tests.e2e.signatories import ALL_NEWS, System, agree, terms_between

COMMONPLACE = Path(sys.executable).with_name("commonplace")
TITLE, TEXT, ANSWER = "Wombats in slippers", "Quokkas fall seldom.", "Numbats wear socks."


@dataclass
class Place:
    """Ann of the first, Bob of the second and Cat of the third organisation in one community.

    Ann has asked, Bob has answered, Cat has asked something else; the first's system acts for Ann, and so on.
    """

    town: Town
    community: str
    ann: Member
    bob: Member
    cat: Member
    systems: tuple[System, System, System]
    question: str
    answer: str
    other: str

    def of_bob(self, path: str, **query: str) -> Any:
        """What the second's system gets when it asks for Bob."""
        return self.systems[1].http.get(
            f"/v1{path}",
            params=query or None,
            headers={**self.systems[1].credential, "Commonplace-Member": self.bob.id},
        )


def system_of(town: Town, member: Member) -> System:
    """The system of a member's organisation; whom it names to be told of agreements is somebody else there."""
    clerk = town.member(member.organisation, f"Clerk {abs(hash(member.id))}")
    new = NewClient(name="System", scopes=SCOPES)
    call = RegisterClient(caller=OPERATOR, organisation=member.organisation, new=new)
    client = town.operate(call, Client)
    grant = {"grant_type": "client_credentials"}
    token = town.http.post("/oauth/token", data=grant, auth=(client.client, client.secret or ""))
    return System(town.node.url, member.organisation, token.json()["access_token"], clerk.id)


@pytest.fixture
def place(town: Town, request: pytest.FixtureRequest) -> Place:
    name = request.node.name
    homes = [town.organisation(f"{letter} of {name}") for letter in "ABC"]
    ann, bob, cat = (
        town.member(home, f"{who} {abs(hash(name))}")
        for home, who in zip(homes, ("Ann", "Bob", "Cat"), strict=True)
    )
    community = town.community(ann, f"Community of {name}")
    town.bring(community, [bob, cat])
    town.wait_until_known(community, [ann, bob, cat])
    question = ann.open_thread(community, TITLE, TEXT)["thread"]
    answer = bob.post(question, ANSWER)["post"]
    cat.post(question, "Potoroos hop.")
    other = cat.open_thread(community, "Bandicoots", "They dig.")["thread"]
    eventually(lambda: len(bob.inbox()) == 3)
    one, two, three = (system_of(town, member) for member in (ann, bob, cat))
    return Place(town, community, ann, bob, cat, (one, two, three), question, answer, other)


def agreed(place: Place, **changes: Any) -> dict[str, Any]:
    """Let the first and the second agree, and wait until it is felt."""
    one, two, _ = place.systems
    terms = terms_between(one, two, place.community)
    for outward in terms["between"]:
        outward.update({name: value for name, value in changes.items() if name in outward})
    terms.update({name: value for name, value in changes.items() if name in terms})
    agree(one, two, terms)
    heard(place, terms["agreement"], 2)
    return terms


def heard(place: Place, agreement: str, revision: int) -> None:
    copies, grants = (
        place.town.database("discussion")["copies"],
        place.town.database("notifications")["grants"],
    )
    eventually(lambda: copies.find_one({"_id": f"grants:{agreement}", "revision": {"$gte": revision}}))
    eventually(lambda: grants.find_one({"_id": agreement, "revision": {"$gte": revision}}))


def everything(place: Place) -> str:
    """All that the second's system can read for Bob, as one text."""
    paths = (
        f"/threads/{place.question}",
        f"/threads/{place.question}/posts",
        f"/threads/{place.other}",
        f"/communities/{place.community}/threads",
        f"/communities/{place.community}/unanswered",
        "/unanswered",
        "/inbox",
        "/inbox/unread",
    )
    answers = [place.of_bob(path) for path in paths]
    answers += [
        place.of_bob("/search", words=word) for word in ("wombats", "quokkas", "bandicoots", "potoroos")
    ]
    return "\n".join(answer.text for answer in answers)


def test_without_an_agreement_nothing_reaches_it_and_nothing_is_told_of_it(place: Place) -> None:
    seen = everything(place)
    for word in ("Wombats", "Quokkas", "Bandicoots", "Potoroos", place.ann.id, place.cat.id, place.ann.name):
        assert word not in seen
    hidden, nowhere = place.of_bob(f"/threads/{place.question}"), place.of_bob(f"/threads/{'0' * 24}")
    assert {**hidden.json(), "trace_id": ""} == {**nowhere.json(), "trace_id": ""}
    assert place.of_bob("/inbox").json() == {"items": [], "next": None}
    assert place.of_bob("/inbox/unread").json()["unread"] == 0
    assert place.of_bob(f"/communities/{place.community}/threads").json() == {"items": [], "next": None}
    assert place.of_bob(f"/posts/{place.answer}").json()["text"] == ANSWER, (
        "what is Bob's own crosses nothing"
    )
    writing = place.systems[1].send(
        "POST", f"/v1/threads/{place.question}/posts", {"text": "Again."}, member=place.bob.id
    )
    assert writing.status_code == 404
    assert len(place.bob.inbox()) == 3, "Bob himself reads as a member"
    assert place.bob.read(f"/threads/{place.question}")["posts"] == 3


def test_with_one_its_system_sees_what_it_lets_and_nothing_of_a_third(place: Place) -> None:
    agreed(place)
    thread = place.of_bob(f"/threads/{place.question}").json()
    assert (thread["title"], thread["posts"], thread["titles_only"]) == (TITLE, 2, False)
    assert [post["text"] for post in thread["first_posts"]] == [TEXT, ANSWER]
    author = thread["author"]
    assert (author["name"], author["profession"], author["withheld"]) == (
        place.ann.name,
        None,
        ["profession"],
    )
    listed = place.of_bob(f"/communities/{place.community}/threads").json()["items"]
    assert [item["thread"] for item in listed] == [place.question]
    assert [item["post"] for item in place.of_bob("/search", words="quokkas").json()["items"]]
    assert [item["title"] for item in place.of_bob("/inbox").json()["items"]] == [TITLE]
    assert place.of_bob("/inbox/unread").json()["unread"] == 1
    seen = everything(place)
    for word in ("Bandicoots", "Potoroos", place.cat.id, place.cat.name):
        assert word not in seen
    assert place.of_bob(f"/threads/{place.other}").status_code == 404
    marking = place.systems[1].send("PUT", "/v1/inbox/read", {}, member=place.bob.id)
    assert marking.json() == {"unread": 0, "communities": []}
    assert place.bob.unread() == 2, "what it does not see, it cannot mark as read"


def test_titles_only_tells_the_title_and_not_a_word_more(place: Place) -> None:
    agreed(place, kinds=["titles"], fields=[])
    thread = place.of_bob(f"/threads/{place.question}").json()
    assert (thread["title"], thread["titles_only"]) == (TITLE, True)
    assert [post["text"] for post in thread["first_posts"]] == [ANSWER]
    assert thread["posts"] == 1
    assert thread["author"]["member"] is None and thread["author"]["name"] is None
    seen = everything(place)
    assert "Quokkas" not in seen and place.ann.id not in seen and place.ann.name not in seen
    assert place.of_bob("/search", words="wombats").json()["items"] == []
    (told,) = place.of_bob("/inbox").json()["items"]
    assert (told["title"], told["by"]) == (TITLE, None)


def test_news_that_was_not_agreed_on_does_not_cross(place: Place) -> None:
    agreed(place, notifications=[kind for kind in ALL_NEWS if kind != "thread opened"])
    assert place.of_bob("/inbox").json()["items"] == []
    assert place.of_bob(f"/threads/{place.question}").status_code == 200


def test_one_signature_opens_nothing_and_a_community_not_named_stays_shut(place: Place) -> None:
    one, two, _ = place.systems
    elsewhere = place.town.community(place.ann, f"Elsewhere {place.community}")
    waiting = terms_between(one, two, place.community)
    one.register_key()
    assert one.propose(waiting).status_code == 201
    heard(place, waiting["agreement"], 1)
    agree(one, two, (terms := terms_between(one, two, elsewhere)))
    heard(place, terms["agreement"], 2)
    assert place.of_bob(f"/threads/{place.question}").status_code == 404
    assert place.of_bob("/inbox").json()["items"] == []


@pytest.mark.parametrize("by", [0, 1])
def test_revoking_stops_what_crosses_within_a_minute(place: Place, by: int) -> None:
    terms = agreed(place)
    assert place.of_bob(f"/threads/{place.question}").status_code == 200
    began = time.monotonic()
    assert place.systems[by].revoke(terms["agreement"]).status_code == 200
    eventually(lambda: place.of_bob(f"/threads/{place.question}").status_code == 404, 60)
    eventually(lambda: place.of_bob("/inbox").json()["items"] == [], 60 - (time.monotonic() - began))
    assert "Quokkas" not in everything(place)


def test_a_revoked_key_shuts_what_it_opened(place: Place) -> None:
    agreed(place)
    one = place.systems[0]
    path = f"/v1/organisations/{one.organisation}/keys/{one.key.thumbprint()}"
    assert one.send("DELETE", path).status_code == 200
    eventually(lambda: place.of_bob(f"/threads/{place.question}").status_code == 404, 60)


def test_at_its_end_nothing_newer_crosses_and_what_was_written_before_is_read_on(place: Place) -> None:
    lasts = timedelta(seconds=6)
    terms = terms_between(*place.systems[:2], place.community, lasts=lasts)
    agree(*place.systems[:2], terms)
    heard(place, terms["agreement"], 2)
    assert place.of_bob(f"/threads/{place.question}").json()["posts"] == 2
    path = f"/v1/agreements/{terms['agreement']}"
    eventually(lambda: place.systems[0].get(path).json()["state"] == "expired", 20, 0.1)
    later = place.ann.open_thread(place.community, "Too late", "After the end.")["thread"]
    place.ann.post(place.question, "Also after the end.")
    eventually(lambda: len(place.bob.inbox()) == 5)
    assert place.of_bob(f"/threads/{later}").status_code == 404
    thread = place.of_bob(f"/threads/{place.question}").json()
    assert [post["text"] for post in thread["first_posts"]] == [TEXT, ANSWER]
    assert "after the end" not in everything(place).lower()
    assert len(place.of_bob("/inbox").json()["items"]) == 1
    copies = place.town.database("discussion")["copies"]  # and the sweep tells it, too
    eventually(lambda: copies.find_one({"_id": f"grants:{terms['agreement']}", "state": "expired"}), 30)


def test_it_is_explained_to_those_whom_it_concerns(place: Place) -> None:
    one, two, three = place.systems
    question = f"/v1/crossings?item={place.question}&organisation="

    def why(system: System, whom: System) -> dict[str, Any]:
        answer = system.get(question + whom.organisation)
        assert answer.status_code == 200, answer.text
        return {each["kind"]: (each["lets"], each["reason"]) for each in answer.json()["decisions"]}

    refused = {"titles": (False, "no agreement"), "threads": (False, "no agreement")}
    assert why(one, two) == refused
    assert two.get(question + two.organisation).status_code == 404
    terms = agreed(place, kinds=["titles"])
    half = {"titles": (True, "in force"), "threads": (False, "kind not agreed")}
    assert why(one, two) == why(two, two) == half
    assert why(one, three) == refused
    shown = one.get(question + two.organisation).json()
    assert (shown["decisions"][0]["agreement"], shown["decisions"][0]["version"]) == (terms["agreement"], 1)
    for system, whom in ((three, two), (three, three), (two, three), (two, one)):
        hidden = system.get(question + whom.organisation)
        nowhere = system.get(f"/v1/crossings?item={'0' * 24}&organisation={whom.organisation}")
        assert hidden.status_code == 404
        assert {**hidden.json(), "trace_id": ""} == {**nowhere.json(), "trace_id": ""}
    acting = one.get(question + two.organisation, member=place.ann.id)
    assert (acting.status_code, acting.json()["type"]) == (403, "/problems/organisation-only")


def test_it_is_explained_to_members_of_what_they_may_read(place: Place) -> None:
    one, two, three = place.systems

    def asked(member: Member, whom: System, item: str = place.question) -> Any:
        return member.get("/crossings", item=item, organisation=whom.organisation)

    assert asked(place.ann, two).json()["decisions"][0]["reason"] == "no agreement"
    assert asked(place.bob, two).status_code == 404, "neither theirs, nor does it reach them"
    agreed(place)
    for member in (place.ann, place.bob):
        decisions = asked(member, two).json()["decisions"]
        assert [(each["kind"], each["lets"]) for each in decisions] == [("titles", True), ("threads", True)]
    assert asked(place.cat, two).status_code == asked(place.bob, three).status_code == 404
    for whom, lets in ((one, {"own"}), (two, {"in force"}), (three, {"no agreement"})):
        ask = ExplainCrossing(caller=OPERATOR, item=place.question, organisation=whom.organisation)
        assert {each.reason.value for each in place.town.operate(ask, Crossing).decisions} == lets
    for member in (place.ann, place.bob):
        shown = asked(member, two, place.answer if member is place.bob else place.question)
        assert shown.status_code == 200
    words = ("agreements", "explain", place.question, "--organisation", three.organisation)
    environment = {**os.environ, **place.town.node.environment}
    said = subprocess.run([COMMONPLACE, *words], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "titles\tno\tno agreement\t–\nthreads\tno\tno agreement\t–\n"


def test_what_is_held_back_is_not_said_to_cross(place: Place) -> None:
    one, two, _ = place.systems
    agreed(place)
    threads = place.town.database("discussion")["threads"]
    threads.update_one({"_id": place.question}, {"$set": {"doubted": True}})
    opening = place.town.database("discussion")["posts"].find_one({"thread": place.question})
    assert opening is not None
    asked = f"/v1/crossings?item={place.question}&organisation={two.organisation}"
    assert [each["reason"] for each in one.get(asked).json()["decisions"]] == ["withheld", "in force"]
    posts = place.town.database("discussion")["posts"]
    posts.update_one({"_id": opening["_id"]}, {"$set": {"doubted": True}})
    for system in (one, two):
        decisions = system.get(asked).json()["decisions"]
        assert [(each["lets"], each["reason"]) for each in decisions] == [(False, "withheld")] * 2


def test_a_token_that_its_system_issued_for_a_member_opens_no_more(place: Place) -> None:
    body = {"name": "A way round", "scopes": ["threads:read", "inbox:read"], "expires_in_days": 1}
    issued = place.systems[1].send("POST", "/v1/tokens", body, member=place.bob.id).json()
    headers = {"Authorization": f"Bearer {issued['secret']}"}
    read = place.systems[1].http.get(f"/v1/threads/{place.question}", headers=headers)
    assert read.status_code == 404
    assert place.systems[1].http.get("/v1/inbox", headers=headers).json()["items"] == []


def test_a_system_opens_no_stream(place: Place) -> None:
    request = urllib.request.Request(
        f"{place.town.node.stream_url}/v1/stream",
        headers={**place.systems[1].credential, "Commonplace-Member": place.bob.id},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 403
    assert b"persons-only" in refused.value.read()


def test_every_crossing_is_counted_with_its_reason(place: Place) -> None:
    def count(decision: str, reason: str) -> float:
        admin = place.town.node["discussion"].admin_url
        text = cast(bytes, urllib.request.urlopen(f"{admin}/metrics", timeout=5).read()).decode()
        labels = f'decision="{decision}",direction="out",kind="titles",reason="{reason}"'
        found = re.search(rf"^commonplace_crossings_total{{{labels}}} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    before = count("withheld", "no agreement")
    place.of_bob(f"/threads/{place.question}")
    assert count("withheld", "no agreement") == before + 2, "looked at again once everything was heard"
    agreed(place)
    let = count("let", "in force")
    place.of_bob(f"/threads/{place.question}")
    assert count("let", "in force") == let + 1
    place.ann.read(f"/threads/{place.question}")
    assert count("let", "in force") == let + 1, "a person crosses nothing"
