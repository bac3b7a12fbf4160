"""Outsiders whose sponsor goes at the same moment, and who may take them over; people who moved more than once."""

import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Caller
from shared.contracts.vocabulary import Role
from shared.errors import NotAllowed, Refusal
from shared.wiring.store import Store, new_id, now
from tests.services.test_membership.cast import OPERATOR, Cast, Person
from tests.services.test_membership.forgetting import eventually, forget
from tests.services.test_membership.test_moving import just_signed_in


def letter(store: Store, to: Person, **more: object) -> str:
    """A letter as it lies there once it was mailed; the digest of its link's secret."""
    digest = hashlib.sha256(secrets.token_bytes()).hexdigest()
    row = {
        "_id": new_id(),
        "revision": 1,
        "digests": [digest],
        "sent_at": now(),
        "trying_until": None,
        "to": to.id,
        "organisation": to.organisation,
        "door": "https://node.example",
        "written_at": now(),
        "good_until": now() + timedelta(days=14),
        "used": False,
        "invited": None,
        "outsider": None,
    }
    store.database.outsider_letters.insert_one({**row, **more})
    return digest


def invitation(store: Store, sponsor: Person, community: str) -> str:
    invited = {
        "email": f"gwen.{secrets.token_hex(6)}@elsewhere.example",
        "name": "Gwen Ellis",
        "profession": "Carer",
        "communities": [community],
        "role": "member",
        "days": 180,
    }
    return letter(store, sponsor, invited=invited)


def come(cast: Cast, store: Store, sponsor: Person, community: str) -> str:
    digest = invitation(store, sponsor, community)
    return cast.ask(calls.ComeAsOutsider(caller=Caller(), digest=digest), calls.OpenedSignIn).member


def test_nobody_comes_whose_sponsor_leaves_at_the_same_moment(cast: Cast, store: Store) -> None:
    def ask(call: Call) -> object:
        try:
            return cast.switchboard.ask(call, timeout=10)
        except Refusal as refusal:
            return refusal

    for _ in range(8):
        sponsor = cast.person()
        digest = invitation(store, sponsor, cast.community(sponsor))
        several: list[Call] = [
            calls.ComeAsOutsider(caller=Caller(), digest=digest),
            calls.LeaveOrganisation(caller=OPERATOR, member=sponsor.id),
        ]
        with ThreadPoolExecutor(2) as pool:
            came, left = pool.map(ask, several)
        assert isinstance(left, calls.Member)
        assert isinstance(came, calls.OpenedSignIn | NotAllowed), came
        # Whoever came before is looked at soon, because the leaving has found them.
        soon = now() + timedelta(days=1)
        which = {"sponsorship.sponsor": sponsor.id, "sponsorship.next_at": {"$gt": soon}}
        assert store.database.members.count_documents(which) == 0


@pytest.fixture
def successor(cast: Cast, store: Store) -> tuple[Person, str, str, str]:
    """Who facilitates with the sponsor who has gone, the community, the outsider, and the link that was sent."""
    sponsor = cast.person()
    other = cast.person(sponsor.organisation)
    community = cast.community(sponsor)
    cast.bring_in(sponsor, community, other, Role.FACILITATOR)
    outsider = come(cast, store, sponsor, community)
    cast.ask(calls.LeaveOrganisation(caller=OPERATOR, member=sponsor.id), calls.Member)
    which = {"_id": outsider, "sponsorship.sponsor": None}
    row = eventually(lambda: store.database.members.find_one(which))
    digest = letter(store, other, outsider=outsider, good_until=row["sponsorship"]["ends_at"])
    return other, community, outsider, digest


def test_a_successors_link_is_good_while_they_facilitate(
    cast: Cast, successor: tuple[Person, str, str, str]
) -> None:
    other, _, outsider, digest = successor
    confirmed = cast.ask(calls.ConfirmOutsiderByLink(caller=Caller(), digest=digest), calls.Outsider)
    assert (confirmed.member, confirmed.sponsor) == (outsider, other.id)


def test_a_successors_link_is_good_no_longer_than_they_facilitate(
    cast: Cast, store: Store, successor: tuple[Person, str, str, str]
) -> None:
    other, community, outsider, digest = successor
    another = cast.person()
    cast.bring_in(other, community, another, Role.FACILITATOR)
    place = store.database.memberships.find_one({"member": other.id, "community": community})
    assert place is not None
    cast.change_role(another.caller, community, other, Role.MEMBER, place["revision"])
    with pytest.raises(NotAllowed) as refused:
        cast.switchboard.ask(calls.ConfirmOutsiderByLink(caller=Caller(), digest=digest))
    assert refused.value.code == "link-no-longer-good"
    row = store.database.members.find_one({"_id": outsider})
    assert row is not None and row["sponsorship"]["sponsor"] is None


def move(cast: Cast, mover: Person, account: Person) -> None:
    code = cast.ask(calls.IssueMoveCode(caller=just_signed_in(mover.caller)), calls.MoveCode).secret
    assert code
    moved = cast.ask(calls.MoveHome(caller=account.caller, code=code), calls.Member)
    assert (moved.member, moved.organisation) == (mover.id, account.organisation)


def test_every_account_that_became_somebody_is_erased_with_them(cast: Cast, store: Store) -> None:
    first, second, third = cast.person(name="Zebedee"), cast.person(name="Zebedee"), cast.person(name="Zed")
    move(cast, second, first)
    # Having moved, they become the third: two steps lie between the first account and who they are now.
    move(cast, third, second.model_copy(update={"organisation": first.organisation}))
    assert forget(cast, store, third.id)["members"] == 3
    for person in (first, second, third):
        row = store.database.members.find_one({"_id": person.id})
        assert row is not None and (row["name"], row["erased"]) == ("A former member", True)


def test_whom_a_member_became_and_which_groups_name_somebody_is_found_by_an_index(store: Store) -> None:
    queries = {
        "members": {"became": {"$in": ["a" * 24, "b" * 24], "$gte": ""}},
        "directory_entries": {"organisation": {"$in": ["a" * 24]}, "members": {"$in": ["b" * 24]}},
        "exports": {"state": "gathering", "asked_at": {"$lte": now()}},
    }
    for collection, which in queries.items():
        plan = str(store.database[collection].find(which).explain()["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan and "COLLSCAN" not in plan, collection
