"""What a partner's system learns of other organisations' members: what an agreement discloses, and no trace of more."""

from typing import Any, NamedTuple

import pytest

from tests.e2e.api.conftest import Person, Town, start_community
from tests.e2e.api.test_api_agreements import refused, system_of
from tests.e2e.signatories import System, agree, terms_between


class Borough(NamedTuple):
    """Two organisations in one restricted community: Elin facilitates it, Tom and Tess are of the other."""

    one: System
    other: System
    elin: Person
    tom: Person
    tess: Person
    community: str


@pytest.fixture
def borough(town: Town) -> Borough:
    first, second = town.organisation("First Trust"), town.organisation("Second Council")
    elin, tom, tess = (
        town.person(home, name)
        for home, name in ((first, "Elin Rees"), (second, "Tom Ash"), (second, "Tess Oak"))
    )
    community = start_community(elin, "restricted")
    join(tom, community)
    (request,) = requests(elin, community)
    decided = elin.change(
        "PUT", f"/v1/communities/{community}/join-requests/{request['request']}/decision", {"approve": True}
    )
    assert decided.status_code == 200, decided.text
    return Borough(system_of(town, elin, first), system_of(town, tom, second), elin, tom, tess, community)


def join(person: Person, community: str) -> None:
    answer = person.post(f"/v1/communities/{community}/join-requests", {"message": "May I?"})
    assert answer.status_code in (201, 202), answer.text


def requests(person: Person, community: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.get(f"/v1/communities/{community}/join-requests").json()["items"]
    return items


def terms(borough: Borough, fields: list[str]) -> dict[str, Any]:
    whole = terms_between(borough.one, borough.other, borough.community)
    between = [{**outward, "fields": fields} for outward in whole["between"]]
    return {**whole, "between": between}


def people_as_seen(borough: Borough) -> dict[str, dict[str, Any]]:
    """Who is in the community, by id, as the first's system sees it for Elin; a page for each."""
    found, after = {}, ""
    while True:
        page = borough.one.get(
            f"/v1/communities/{borough.community}/memberships?limit=1{after}", member=borough.elin.id
        ).json()
        found |= {item["member"]: item for item in page["items"]}
        if page["next"] is None:
            return found
        assert page["items"], "a page that says that there is more, and shows nothing, tells of somebody"
        after = f"&after={page['next']}"


def test_without_an_agreement_others_are_not_there(borough: Borough) -> None:
    join(borough.tess, borough.community)
    assert set(people_as_seen(borough)) == {borough.elin.id}
    for path in (f"/v1/members/{borough.tom.id}", f"/v1/members/{'0' * 24}"):
        answer = borough.one.get(path, member=borough.elin.id)
        assert refused(answer) == (404, "not-found")
    listed = borough.one.get(
        f"/v1/communities/{borough.community}/join-requests", member=borough.elin.id
    ).json()
    assert listed == {"items": [], "next": None}
    # A person goes on seeing whom they share a community with.
    assert {item["member"] for item in memberships(borough.elin, borough.community)} == {
        borough.elin.id,
        borough.tom.id,
    }
    assert borough.elin.get(f"/v1/members/{borough.tom.id}").json()["profession"] == "Physiotherapist"


def memberships(person: Person, community: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.get(f"/v1/communities/{community}/memberships").json()["items"]
    return items


def test_nothing_is_done_to_somebody_who_is_not_disclosed(borough: Borough) -> None:
    join(borough.tess, borough.community)
    (request,) = requests(borough.elin, borough.community)
    place = f"/v1/communities/{borough.community}/memberships/{borough.tom.id}"
    system, elin = borough.one, borough.elin
    decision = f"/v1/communities/{borough.community}/join-requests/{request['request']}/decision"
    assert refused(system.send("PUT", decision, {"approve": True}, member=elin.id)) == (404, "not-found")
    assert refused(system.send("PUT", f"{place}/ending", {}, member=elin.id)) == (404, "not-found")
    assert {item["member"] for item in memberships(elin, borough.community)} == {elin.id, borough.tom.id}
    assert [one["state"] for one in requests(elin, borough.community)] == ["waiting"]


def test_what_is_disclosed_is_shown_and_no_more(borough: Borough) -> None:
    join(borough.tess, borough.community)
    agree(borough.one, borough.other, terms(borough, ["name", "profession"]))
    seen = people_as_seen(borough)
    assert set(seen) == {borough.elin.id, borough.tom.id}
    assert seen[borough.elin.id]["withheld"] == []
    tom = seen[borough.tom.id]
    assert (
        tom["name"],
        tom["profession"],
        tom["organisation"],
        tom["organisation_name"],
        tom["withheld"],
    ) == (
        "Tom Ash",
        "Physiotherapist",
        None,
        None,
        ["organisation"],
    )
    profile = borough.one.get(f"/v1/members/{borough.tom.id}", member=borough.elin.id).json()
    assert (profile["name"], profile["organisation"], profile["withheld"]) == (
        "Tom Ash",
        None,
        ["organisation"],
    )
    path = f"/v1/communities/{borough.community}/join-requests"
    (request,) = borough.one.get(path, member=borough.elin.id).json()["items"]
    assert (request["name"], request["organisation_name"]) == ("Tess Oak", None)
    decided = borough.one.send(
        "PUT", f"{path}/{request['request']}/decision", {"approve": True}, member=borough.elin.id
    )
    assert decided.json()["state"] == "approved"


def test_without_the_name_there_is_nobody_and_after_revoking_neither(borough: Borough) -> None:
    nameless = terms(borough, ["profession", "organisation"])
    agree(borough.one, borough.other, nameless)
    assert set(people_as_seen(borough)) == {borough.elin.id}
    named = {**terms(borough, ["name"]), "agreement": nameless["agreement"], "version": 2}
    assert borough.one.propose(named).status_code == 201
    assert borough.other.countersign(named).status_code == 200
    seen = people_as_seen(borough)
    assert seen[borough.tom.id]["withheld"] == ["profession", "organisation"]
    borough.other.revoke(named["agreement"])
    assert set(people_as_seen(borough)) == {borough.elin.id}


def test_whom_others_invite_is_no_affair_of_a_system(borough: Borough) -> None:
    """Who facilitates through a system sees, and takes back, by it what they have invited themselves."""
    promoted = borough.elin.change(
        "PATCH",
        f"/v1/communities/{borough.community}/memberships/{borough.tom.id}",
        {"role": "facilitator"},
        1,
    )
    assert promoted.status_code == 200, promoted.text
    path = f"/v1/communities/{borough.community}/invitations"
    own = borough.elin.made(path, {"email": "own@example.org", "role": "member"})["invitation"]
    others = borough.tom.made(path, {"email": "others@example.org", "role": "member"})["invitation"]
    seen = borough.one.get(path, member=borough.elin.id)
    assert [item["invitation"] for item in seen.json()["items"]] == [own]
    assert "others@example.org" not in seen.text
    for hidden in (others, "0" * 24):
        answer = borough.one.send("DELETE", f"{path}/{hidden}", member=borough.elin.id)
        assert refused(answer) == (404, "not-found")
    assert {item["invitation"] for item in borough.elin.get(path).json()["items"]} == {own, others}


def test_whether_somebody_wants_to_be_forgotten_is_not_for_their_employers_system(borough: Borough) -> None:
    for method in ("GET", "DELETE"):
        answer = borough.one.send(method, "/v1/me/erasure", member=borough.elin.id)
        assert refused(answer) == (403, "people-only")


def test_nobody_is_called_as_former_members_are(borough: Borough) -> None:
    new = {"name": "Not Erased", "handle": f"former-member-{borough.tom.id}", "profession": "Nurse"}
    answer = borough.one.send("POST", f"/v1/organisations/{borough.one.organisation}/members", new)
    assert refused(answer) == (409, "handle-taken")
