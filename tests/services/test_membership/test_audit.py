"""The audit log over a real broker and database: every act once, in its chain, and only what was done."""

import time
from itertools import pairwise

import pytest

from services.membership.domain.act import hash_of
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Done, Once, Page
from shared.errors import NotFound
from shared.wiring.due import LASTS
from shared.wiring.store import Store
from tests.services.test_membership.cast import OPERATOR, Cast
from tests.services.test_membership.test_credentials import issue, register_client

# A service that was killed, as another test may have done just before, keeps its lease on the sealing for half a minute.
PATIENCE = LASTS.total_seconds() + 15


def acts_of(cast: Cast, organisation: str, count: int) -> list[calls.Act]:
    """What the log says of an organisation, newest first, once it says `count` things or more."""
    reader = Caller(client="c" * 24, organisation=organisation)
    until = time.monotonic() + PATIENCE
    while True:
        items = cast.ask(calls.ListActs(caller=reader, limit=100), Page[calls.Act]).items
        if len(items) >= count or time.monotonic() > until:
            return list(items)
        time.sleep(0.1)


def test_what_was_done_is_told_with_who_did_it_and_through_what(cast: Cast) -> None:
    ann = cast.person()
    client = register_client(cast, ann.organisation)
    through = Caller(member=ann.id, organisation=ann.organisation, client=client.client, scopes=ann.scopes)
    token = issue(cast, through)
    newest, *_ = acts = acts_of(cast, ann.organisation, 4)
    assert [act.act for act in acts] == [
        "issue_token",
        "register_client",
        "register_member",
        "register_organisation",
    ]
    assert (newest.member, newest.client, newest.operator) == (ann.id, client.client, False)
    assert newest.concerns == {"token": token.token}
    assert acts[1].operator
    assert acts[1].concerns == {"client": client.client, "organisation": ann.organisation}


def test_what_was_refused_or_repeated_is_no_further_act(cast: Cast) -> None:
    ann = cast.person()
    once = Once(key=f"{ann.id}:audit", fingerprint="1" * 64)
    token = issue(cast, ann.caller, once=once)
    issue(cast, ann.caller, once=once)
    stranger = cast.person()
    with pytest.raises(NotFound):
        cast.ask(calls.RevokeToken(caller=stranger.caller, token=token.token), Done)
    acts_of(cast, stranger.organisation, 2)
    assert [act.act for act in acts_of(cast, ann.organisation, 3)].count("issue_token") == 1


def test_an_organisation_reads_nothing_of_another(cast: Cast) -> None:
    ann, ben = cast.person(), cast.person()
    issue(cast, ann.caller)
    bens = acts_of(cast, ben.organisation, 2)
    assert {organisation for act in bens for organisation in act.organisations} == {ben.organisation}


def test_the_chain_holds_over_many_acts_at_once(cast: Cast) -> None:
    organisation = cast.organisation()
    cast.people(30, organisation)
    acts_of(cast, organisation, 31)
    newest_first: list[calls.Act] = []
    after = None
    while True:
        page = cast.ask(calls.ListActs(caller=OPERATOR, limit=10, after=after), Page[calls.Act])
        newest_first += page.items
        if (after := page.next) is None:
            break
    assert [act.number for act in newest_first] == list(range(len(newest_first), 0, -1))
    for later, earlier in pairwise(newest_first):
        assert later.previous == earlier.hash == hash_of(earlier)


def test_no_secret_and_no_word_is_in_it(cast: Cast, store: Store) -> None:
    ann = cast.person(name="Wilhelmina", email="wilhelmina@example.org")
    token = issue(cast, ann.caller)
    acts_of(cast, ann.organisation, 3)
    log = str(list(store.database["audit"].find({"organisations": ann.organisation})))
    assert log.count("issue_token") == 1
    for words in ("wilhelmina", "example.org", "phone", token.secret or ""):
        assert words not in log.lower()
