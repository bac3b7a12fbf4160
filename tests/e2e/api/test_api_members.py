"""Organisations and members, over HTTP."""

from secrets import token_hex

from tests.e2e.api.conftest import Neighbours, Town, let_in, start_community


def test_organisations_are_read_and_listed(neighbours: Neighbours) -> None:
    one = neighbours.carys.get(f"/v1/organisations/{neighbours.second}")
    assert (one.status_code, one.json()["name"]) == (200, "Bangor University")
    listed = neighbours.carys.get("/v1/organisations", limit=100).json()["items"]
    assert {neighbours.first, neighbours.second} <= {item["organisation"] for item in listed}


def test_one_reads_and_changes_oneself(town: Town, neighbours: Neighbours) -> None:
    nia = town.person(neighbours.first, "Nia Wyn")
    me = nia.get("/v1/me")
    assert me.json() == nia.get(f"/v1/members/{nia.id}").json()
    changed = nia.change("PATCH", "/v1/me", {"interests": ["Co-design"]}, me.json()["revision"])
    assert (changed.status_code, changed.json()["interests"]) == (200, ["co-design"])
    stale = nia.change("PATCH", "/v1/me", {"profession": "Nurse"}, me.json()["revision"])
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-revision")
    by_id = nia.http.patch(
        f"/v1/members/{nia.id}", json={"profession": "Nurse"}, headers={"If-Match": changed.headers["etag"]}
    )
    assert (by_id.status_code, by_id.json()["profession"]) == (200, "Nurse")


def test_strangers_do_not_see_each_other(town: Town, neighbours: Neighbours) -> None:
    elsewhere = town.person(town.organisation(f"Elsewhere {token_hex(3)}"), "Far Away")
    assert elsewhere.get(f"/v1/members/{neighbours.carys.id}").status_code == 404
    assert neighbours.carys.get(f"/v1/members/{elsewhere.id}").status_code == 404
    assert (
        elsewhere.change("PATCH", f"/v1/members/{neighbours.carys.id}", {"name": "X"}, 1).status_code == 404
    )


def test_a_colleague_is_seen_and_not_changed(neighbours: Neighbours) -> None:
    huw = neighbours.huw
    seen = huw.get(f"/v1/members/{neighbours.carys.id}")
    assert (seen.status_code, seen.json()["name"]) == (200, "Carys Evans")
    refused = huw.change(
        "PATCH", f"/v1/members/{neighbours.carys.id}", {"name": "X"}, seen.json()["revision"]
    )
    assert refused.status_code in (403, 404)
    assert huw.change("DELETE", f"/v1/members/{neighbours.carys.id}/organisation").status_code in (403, 404)


def test_whoever_leaves_their_organisation_is_out_of_everything(town: Town, neighbours: Neighbours) -> None:
    leaver = town.person(neighbours.second, "Lea Ver")
    community = start_community(neighbours.carys, "closed")
    let_in(neighbours.carys, community, leaver)
    assert leaver.get(f"/v1/communities/{community}").status_code == 200
    left = leaver.change("DELETE", f"/v1/members/{leaver.id}/organisation")
    assert (left.status_code, left.json()["organisation"], left.json()["active"]) == (200, None, False)
    listed = neighbours.carys.get(f"/v1/communities/{community}/memberships").json()["items"]
    assert leaver.id not in {membership["member"] for membership in listed}
