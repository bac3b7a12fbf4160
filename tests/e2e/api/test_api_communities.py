"""Communities, memberships, joining and inviting, over HTTP."""

from secrets import token_hex

from tests.e2e.api.conftest import Neighbours, Town, let_in, start_community


def test_a_community_is_started_read_listed_and_changed(neighbours: Neighbours) -> None:
    carys = neighbours.carys
    title = f"Hydrotherapy {token_hex(6)}"
    body = {
        "title": title,
        "charter": {"domain": "Warm water", "purpose": "Getting better at it", "audience": "Therapists"},
        "similar_seen": True,
    }
    made = carys.post("/v1/communities", body)
    community = made.json()["community"]
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/communities/{community}")
    assert made.json()["role"] == "facilitator"

    read = neighbours.ivor.get(f"/v1/communities/{community}")
    assert (read.json()["title"], read.json()["role"]) == (title, None)
    mine = carys.get("/v1/communities", mine="true", limit=100).json()["items"]
    assert community in {item["community"] for item in mine}
    found = neighbours.ivor.get("/v1/communities", words=title).json()["items"]
    assert community in {item["community"] for item in found}

    tag = carys.get(f"/v1/communities/{community}").headers["etag"]
    changed = carys.http.patch(
        f"/v1/communities/{community}", json={"stage": "maturing"}, headers={"If-Match": tag}
    )
    assert (changed.status_code, changed.json()["stage"]) == (200, "maturing")
    stale = carys.http.patch(f"/v1/communities/{community}", json={"title": "X"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-revision")
    refused = neighbours.ivor.change("PATCH", f"/v1/communities/{community}", {"title": "Mine now"}, 2)
    assert refused.status_code == 403


def test_similar_communities_are_shown_before_another_is_made(neighbours: Neighbours) -> None:
    title = f"Dementia friendly gardens {token_hex(3)}"
    community = start_community(neighbours.carys, "open", title)
    similar = neighbours.mair.get("/v1/similar-communities", title=title, purpose="Gardens that calm").json()
    assert community in {item["community"] for item in similar["items"]}
    charter = {"domain": "Gardens", "purpose": "Gardens that calm", "audience": "Gardeners"}
    twin = neighbours.mair.post("/v1/communities", {"title": title, "charter": charter})
    assert (twin.status_code, twin.json()["type"]) == (409, "/problems/similar-communities")


def test_an_open_community_is_joined_at_once_and_left(town: Town, neighbours: Neighbours) -> None:
    community = start_community(neighbours.carys, "open")
    joiner = town.person(neighbours.second, "Jo Iner")
    joined = joiner.post(f"/v1/communities/{community}/join-requests", {})
    assert (joined.status_code, joined.json()["membership"]["role"]) == (201, "member")
    again = joiner.post(f"/v1/communities/{community}/join-requests", {})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-in")
    members = joiner.get(f"/v1/communities/{community}/memberships").json()["items"]
    assert {membership["member"] for membership in members} == {neighbours.carys.id, joiner.id}
    left = joiner.change("PUT", f"/v1/communities/{community}/memberships/{joiner.id}/ending", {})
    assert (left.status_code, left.json()) == (200, {"done": True})
    assert joiner.get(f"/v1/communities/{community}").json()["role"] is None


def test_a_restricted_community_is_joined_by_a_decision(town: Town, neighbours: Neighbours) -> None:
    carys = neighbours.carys
    community = start_community(carys, "restricted")
    asking = f"/v1/communities/{community}/join-requests"
    for approve, state in ((True, "approved"), (False, "declined")):
        person = town.person(neighbours.second, "Asks Nicely")
        waiting = person.made(asking, {"message": "May I?"})["request"]
        assert waiting["state"] == "waiting"
        assert person.get(asking).status_code == 403
        listed = carys.get(asking).json()["items"]
        assert [request["request"] for request in listed] == [waiting["request"]]
        decision = f"{asking}/{waiting['request']}/decision"
        assert person.change("PUT", decision, {"approve": True}).status_code == 403
        decided = carys.change("PUT", decision, {"approve": approve, "message": "Thank you"})
        assert (decided.status_code, decided.json()["state"]) == (200, state)
        assert carys.change("PUT", decision, {"approve": True}).status_code == 409
        role = person.get(f"/v1/communities/{community}").json()["role"]
        assert role == ("member" if approve else None)


def test_an_invitation_is_listed_accepted_once_and_taken_back(town: Town, neighbours: Neighbours) -> None:
    carys = neighbours.carys
    community = start_community(carys, "closed")
    place = f"/v1/communities/{community}/invitations"
    invited = carys.post(place, {"email": "someone@example.org", "role": "member"})
    invitation = invited.json()
    assert "location" not in invited.headers, "one invitation by itself cannot be read"
    assert [item["token"] for item in carys.get(place).json()["items"]] == [None]

    guest = town.person(neighbours.second, "In Vited")
    assert guest.get(f"/v1/communities/{community}").status_code == 404
    accepted = guest.post("/v1/invitations/accept", {"token": invitation["token"]})
    assert (accepted.status_code, accepted.json()["role"]) == (201, "member")
    assert guest.get(f"/v1/communities/{community}").status_code == 200
    again = town.person(neighbours.second, "Too Late").post(
        "/v1/invitations/accept", {"token": invitation["token"]}
    )
    assert (again.status_code, again.json()["type"]) == (409, "/problems/invitation-used")

    second = carys.made(place, {"email": "other@example.org"})
    revoked = carys.change("DELETE", f"{place}/{second['invitation']}")
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert neighbours.huw.post("/v1/invitations/accept", {"token": "cop_invite_guess"}).status_code == 404
    assert guest.post(place, {"email": "third@example.org"}).status_code == 403


def test_roles_change_and_the_last_facilitator_stays(town: Town, neighbours: Neighbours) -> None:
    carys = neighbours.carys
    community = start_community(carys, "open")
    steward = town.person(neighbours.second, "Ste Ward")
    let_in(carys, community, steward)
    place = f"/v1/communities/{community}/memberships"
    revisions = {item["member"]: item["revision"] for item in carys.get(place).json()["items"]}
    changed = carys.change("PATCH", f"{place}/{steward.id}", {"role": "steward"}, revisions[steward.id])
    assert (changed.status_code, changed.json()["role"]) == (200, "steward")
    stale = carys.change("PATCH", f"{place}/{steward.id}", {"role": "member"}, revisions[steward.id])
    assert stale.status_code == 412
    own = steward.change(
        "PATCH", f"{place}/{steward.id}", {"role": "facilitator"}, changed.json()["revision"]
    )
    assert own.status_code == 403
    last = carys.change("PATCH", f"{place}/{carys.id}", {"role": "member"}, revisions[carys.id])
    assert (last.status_code, last.json()["type"]) == (409, "/problems/last-facilitator")
    removed = carys.change("PUT", f"{place}/{steward.id}/ending", {"reason": "As agreed."})
    assert removed.status_code == 200
    assert steward.change("PUT", f"{place}/{carys.id}/ending", {}).status_code in (403, 404)
