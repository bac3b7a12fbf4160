"""What an outsider sees and may do while they are here: what was named, and nothing else."""

from secrets import token_hex

from tests.e2e.api.conftest import SCOPES, Person, Town, access_token, start_community
from tests.e2e.identity.sponsoring import (
    Stage,
    database,
    get,
    module_environment_for_sign_in,
    postbox,
    problem,
    send,
    stage,
    until,
)

__all__ = ["database", "module_environment_for_sign_in", "postbox", "stage"]


def test_an_outsider_knows_of_no_community_but_the_named(stage: Stage, town: Town) -> None:
    browser, _, _ = stage.come()
    carys = stage.sponsor
    title = f"Falls {token_hex(4)}"
    others = {
        visibility: start_community(carys, visibility, f"{title} {visibility}")
        for visibility in ("open", "restricted")
    }
    thread = carys.made(
        f"/v1/communities/{others['open']}/threads",
        {"kind": "question", "title": "Open to all at home", "text": "A word: wheelbarrow."},
    )["thread"]
    until(lambda: bool(carys.get("/v1/search", words="wheelbarrow").json()["items"]))
    for community in others.values():
        for path in (f"/v1/communities/{community}", f"/v1/communities/{community}/threads"):
            assert get(browser, town, path).status_code == 404
        joined = send(browser, town, f"/v1/communities/{community}/join-requests", {})
        assert joined.status_code in (403, 404)
    assert get(browser, town, f"/v1/threads/{thread}").status_code == 404
    assert get(browser, town, "/v1/search?words=wheelbarrow").json()["items"] == []
    listed = get(browser, town, "/v1/communities?limit=100").json()["items"]
    assert [one["community"] for one in listed] == [stage.community]


def test_what_only_members_of_an_organisation_do_is_refused_to_an_outsider(stage: Stage, town: Town) -> None:
    browser, outsider, _ = stage.come()
    charter = {"domain": "Falls", "purpose": "Fewer falls", "audience": "All"}
    started = {"title": token_hex(8), "charter": charter, "visibility": "open", "similar_seen": True}
    answers = [
        send(browser, town, "/v1/communities", started),
        send(browser, town, "/v1/outsiders", stage.body()),
        send(browser, town, "/v1/me/move-codes"),
        send(browser, town, f"/v1/communities/{stage.community}/join-requests", {}),
        get(browser, town, "/v1/outsiders"),
    ]
    assert {problem(answer) for answer in answers} == {(403, "outsider")}
    elsewhere = town.organisation("Elsewhere")
    account = town.person(elsewhere, "Some Mover")
    code = town.move_code(account.id, elsewhere)
    assert problem(send(browser, town, "/v1/me/home", {"code": code}, "PUT")) == (403, "outsider")
    place = stage.sponsor.get(f"/v1/communities/{stage.community}/memberships").json()["items"]
    (revision,) = [one["revision"] for one in place if one["member"] == outsider]
    promoted = stage.sponsor.change(
        "PATCH",
        f"/v1/communities/{stage.community}/memberships/{outsider}",
        {"role": "facilitator"},
        revision,
    )
    assert problem(promoted) == (403, "outsider")


def test_what_an_outsider_writes_crosses_to_no_system(stage: Stage, town: Town) -> None:
    browser, _, _ = stage.come()
    thread = send(
        browser,
        town,
        f"/v1/communities/{stage.community}/threads",
        {"kind": "question", "title": "Who lifts at night?", "text": "I do, alone."},
    ).json()["thread"]
    bought = access_token(town, *town.client(stage.organisation, SCOPES))
    system = Person(town.url, "", bought.json()["access_token"], "")
    acting = {"Commonplace-Member": stage.sponsor.id}
    assert system.http.get("/v1/me", headers=acting).status_code == 200
    assert system.http.get(f"/v1/threads/{thread}", headers=acting).status_code == 404
