"""A copy of all that is one's own, on a whole node: whole, of nobody else, fetched once, and gone afterwards."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from bson import ObjectId

from tests.e2e.api.conftest import Town
from tests.e2e.identity.lives import (
    Databases,
    Household,
    Life,
    Mailbox,
    Signed,
    a_life,
    databases,
    eventually,
    household,
    let_time_pass,
    mailbox,
    module_environment_for_sign_in,
    problem,
    receipts,
)

__all__ = ["databases", "household", "mailbox", "module_environment_for_sign_in"]
SERVICES = ("membership", "discussion", "notifications")


def ask(signed: Signed, path: str = "/v1/me/export") -> httpx2.Response:
    return signed.http.post(path, headers={"Idempotency-Key": token_hex(12)})


def ready(signed: Signed) -> dict[str, Any]:
    def look() -> Any:
        answer = signed.http.get("/v1/me/export")
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.json()["state"] == "ready" else None

    found: dict[str, Any] = eventually(look)
    return found


def link(signed: Signed) -> str:
    made = ask(signed, "/v1/me/export/links")
    assert made.status_code == 201, made.text
    return f"/exports/{made.json()['secret']}"


def fetched(town: Town, address: str) -> dict[str, Any]:
    """The files of an export, each read as JSON."""
    answer = httpx2.get(town.url + address, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert "copy of what this Commonplace node keeps of you" in archive.read("README.txt").decode()
        return {
            name.removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".json")
        }


@pytest.fixture(scope="module")
def life(town: Town) -> Life:
    return a_life(town)


def test_it_holds_all_that_is_theirs_and_nothing_of_others(
    town: Town, mailbox: Mailbox, databases: Databases, life: Life
) -> None:
    zebedee, bob = life.zebedee, life.bob
    liked = bob.change("PUT", f"/v1/posts/{life.answer}/reactions/helped me")
    said = zebedee.change("PUT", f"/v1/posts/{life.others}/reactions/same here")
    assert (liked.status_code, said.status_code) == (200, 200)
    signed = Signed(town, mailbox, zebedee.email)
    asked = ask(signed)
    assert (asked.status_code, asked.headers["location"]) == (202, "/v1/me/export")
    assert asked.json()["state"] == "gathering"
    assert ask(signed).json()["export"] == asked.json()["export"], "while one runs it is the same"
    export = ready(signed)
    told = eventually(
        lambda: [one for one in zebedee.get("/v1/inbox").json()["items"] if one["kind"] == "export ready"]
    )
    assert [one["link"] for one in told] == ["/v1/me/export"]
    assert "export ready" not in bob.get("/v1/inbox").text

    address = link(signed)
    head = httpx2.head(town.url + address)
    assert head.status_code == 405, "a look does not use it up"
    files = fetched(town, address)
    (profile,) = files["membership/profile"]
    assert (profile["email"], profile["handle"]) == (zebedee.email, zebedee.handle)
    (entry,) = files["membership/directory-entries"]
    assert entry["external_id"] == zebedee.words[3]
    assert {one["role"] for one in files["membership/memberships"]} == {"member"}
    assert len(files["membership/memberships"]) == 2
    assert [one["message"] for one in files["membership/join-requests"]] == [
        f"I am {zebedee.words[0]}, let me in."
    ]
    assert f"{zebedee.words[0]}'s script" in {one["name"] for one in files["membership/tokens"]}
    assert "link" in {one["way"] for one in files["membership/sign-ins"]}
    assert "issue_token" in {one["act"] for one in files["membership/acts"]}
    assert {one["text"] for one in files["discussion/posts"]} == {
        f"Regards, {zebedee.words[0]}.",
        "Said otherwise.",
        f"Never, says {zebedee.words[1]}.",
    }, "also what moderation has taken out"
    assert [one["note"] for one in files["discussion/reports"]] == [
        f"Never, says {zebedee.words[1]}. I mind."
    ]
    (case,) = files["discussion/cases"]
    assert [one["reason"] for one in case["decisions"]] == ["It is unkind."]
    assert case["appeal"]["reason"] == f"Never, says {zebedee.words[1]}. Really."
    assert [one["text"] for one in files["discussion/post-versions"]] == [f"Said {zebedee.words[1]} first."]
    assert [one["text"]["text"] for one in files["discussion/held-posts"]] == [
        f"{zebedee.words[0]} is at LL57 2DG."
    ]
    assert [(one["post"], one["reaction"]) for one in files["discussion/reactions"]] == [
        (life.others, "same here")
    ]
    assert files["notifications/inbox"]
    assert {one.get("level") for one in files["notifications/community-levels"]} >= {"all"}
    assert life.thread in {one["thread"] for one in files["notifications/threads-followed"]}

    whole = json.dumps(files)
    for others in ("Bob Otherwise", bob.handle, "Carol Another", "Ring them on day three."):
        assert others not in whole
    for secret in ("digest", zebedee.secret, "cop_", "password"):
        assert secret not in whole

    again = httpx2.get(town.url + address)
    assert problem(again) == (410, "link-used")
    eventually(lambda: signed.http.get("/v1/me/export").json()["state"] == "fetched")
    second = link(signed)
    assert problem(httpx2.get(town.url + address)) == (404, "not-found"), "another link ends the one before"
    assert fetched(town, second) == files, "it went out, which is no proof that it arrived"
    past = datetime.now(UTC) - timedelta(seconds=1)
    databases.of("membership").exports.update_one(
        {"_id": export["export"]}, {"$set": {"ends_at": past, "kept_until": past}}
    )
    assert problem(ask(signed, "/v1/me/export/links")) == (404, "not-found")
    assert problem(httpx2.get(town.url + second)) == (410, "link-used")

    def is_gone() -> bool:
        kept = [databases.of(service).export_parts.find_one({"member": zebedee.id}) for service in SERVICES]
        return not any(kept)

    eventually(is_gone)
    stored = databases.of("membership").exports.find_one({"_id": export["export"]})
    assert address.rpartition("/")[2] not in str(stored)


def test_nobody_fetches_anothers(
    town: Town, mailbox: Mailbox, household: Household, databases: Databases
) -> None:
    zebedee, signed = household.zebedee, household.signed
    stranger = Signed(town, mailbox, household.other.email)
    assert ask(signed).status_code == 202
    ready(signed)
    assert problem(stranger.http.get("/v1/me/export")) == (404, "not-found")
    assert problem(ask(stranger, "/v1/me/export/links")) == (404, "not-found")
    for secret in ("cop_export_" + "x" * 43, "x", "0" * 64):
        assert problem(httpx2.get(f"{town.url}/exports/{secret}")) == (404, "not-found")
    for who in (zebedee, household.system):
        for path in ("/v1/me/export", "/v1/me/export/links"):
            refused = who.http.post(path, headers={"Idempotency-Key": token_hex(12)})
            assert problem(refused) == (403, "sign-in-needed")
    first, second = link(signed), link(signed)
    assert problem(httpx2.get(town.url + first)) == (404, "not-found"), "another link ends the one before"
    databases.of("membership").exports.update_one(
        {"member": zebedee.id}, {"$set": {"ends_at": datetime.now(UTC) - timedelta(seconds=1)}}
    )
    assert problem(httpx2.get(town.url + second)) == (410, "link-used")
    assert signed.http.get("/v1/me/export").json()["state"] == "expired"
    assert ask(signed).json()["state"] == "gathering", "then one asks for another"


def test_one_that_was_ready_before_is_not_handed_out_after_an_erasure_has_begun(
    town: Town, household: Household, databases: Databases
) -> None:
    zebedee, signed = household.zebedee, household.signed
    assert ask(signed).status_code == 202
    ready(signed)
    address = link(signed)
    asked = signed.ask(zebedee.handle).json()
    others = [town.node[service] for service in ("discussion", "notifications")]
    for one in others:
        one.stop()
    let_time_pass(databases, asked["erasure"])
    receipts(town, asked["number"], "begun")
    assert problem(httpx2.get(town.url + address)) == (410, "link-used"), "also what is still there"
    assert databases.of("discussion").export_parts.find_one({"member": zebedee.id})
    for one in others:
        one.start()
    receipts(town, asked["number"])
    for service in SERVICES:
        for kept in (databases.of(service).export_parts, databases.of(service).gathering):
            assert not kept.find_one({"member": zebedee.id})


def test_twenty_thousand_posts_and_services_that_die_in_the_middle(
    town: Town, mailbox: Mailbox, databases: Databases
) -> None:
    life = a_life(town)
    posts = databases.of("discussion").posts
    pattern = posts.find_one({"_id": life.answer})
    assert pattern is not None
    posts.insert_many(
        [{**pattern, "_id": str(ObjectId()), "text": f"Number {number}."} for number in range(20_000)]
    )
    signed = Signed(town, mailbox, life.zebedee.email)
    discussion = town.node["discussion"]
    discussion.stop()
    asked = ask(signed).json()
    gathering = databases.of("discussion").gathering
    discussion.start()
    for pieces in (2, 40):
        eventually(lambda: (gathering.find_one({"_id": asked["export"]}) or {"pieces": 0})["pieces"] > pieces)  # noqa: B023 - asked at once
        discussion.kill()
        assert signed.http.get("/v1/me/export").json()["state"] == "gathering"
        discussion.start()
        discussion.wait_ready()
    ready(signed)
    address = link(signed)
    # One reader goes away in the middle; what was gathered is kept for another link.
    with httpx2.stream("GET", town.url + address, timeout=60) as answer:
        next(answer.iter_raw())
    assert problem(httpx2.get(town.url + address)) == (410, "link-used")
    membership = town.node["membership"]
    membership.restart()
    files = fetched(town, link(signed))
    texts = [one["text"] for one in files["discussion/posts"]]
    assert len(texts) == 20_003 == len({one["id"] for one in files["discussion/posts"]})
    assert {f"Number {number}." for number in range(20_000)} <= set(texts)
