"""The demo's people and words, without a node."""

import json
import shlex

from deploy.commands.demo import told
from deploy.demo import cast
from deploy.demo.credentials import Kept, Secret
from deploy.demo.standing import Standing
from deploy.node.welcome import Demo
from shared.contracts.calls.discussion import NewThread
from shared.contracts.vocabulary import Role, Visibility

KEPT = Kept(
    tokens={person.id: f"token-{person.new.handle}" for person in cast.SIGNING_IN},
    client=Secret(id="a" * 24, secret="hush"),
)
STANDING = Standing({person.id: Role.MEMBER for person in cast.SIGNING_IN})


def test_it_spans_organisations_countries_and_sectors() -> None:
    people = {person for community in cast.COMMUNITIES for person in community.people}
    assert len(people) >= 6
    assert len({person.organisation for person in people}) == len(cast.ORGANISATIONS) >= 3
    assert len({one.new.geography for one in cast.ORGANISATIONS}) == len(cast.ORGANISATIONS)
    assert [one.new.visibility for one in cast.COMMUNITIES] == [Visibility.OPEN, Visibility.CLOSED]


def test_those_who_sign_in_are_of_different_organisations_and_share_the_first_community() -> None:
    assert len({person.organisation for person in cast.SIGNING_IN}) == 3
    assert set(cast.SIGNING_IN) <= set(cast.FALLS.people)
    assert cast.SIGNING_IN[0] is cast.FALLS.people[0]


def test_whoever_writes_is_in_the_community() -> None:
    for community in cast.COMMUNITIES:
        for thread in community.threads:
            assert {said.by for said in thread.posts} <= set(community.people)


def test_ids_are_all_different() -> None:
    things = [*cast.ORGANISATIONS, *cast.FALLS.people, *cast.COMMUNITIES, *cast.FALLS.threads]
    assert len({thing.id for thing in things}) == len(things)


def test_what_programs_are_told_is_what_the_welcome_page_reads() -> None:
    demo = Demo.model_validate(told(KEPT, STANDING, (), "http://127.0.0.1:8800"))
    assert [person.name for person in demo.people] == ["Ann Price", "Bob Ashworth", "Catriona Munro"]
    assert demo.community.id == cast.FALLS.id


def test_the_commands_can_be_pasted() -> None:
    commands = told(KEPT, STANDING, (), "http://127.0.0.1:8800")["commands"]
    ask, inbox = shlex.split(commands["ask"]), shlex.split(commands["inbox"])
    assert NewThread.model_validate_json(ask[ask.index("-d") + 1]).title
    assert "Authorization: Bearer token-ann.price" in ask
    assert "Authorization: Bearer token-bob.ashworth" in inbox
    assert json.loads(ask[ask.index("-d") + 1])["kind"] == "question"
