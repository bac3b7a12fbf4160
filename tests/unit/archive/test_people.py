"""Who the people of an archive become here, and where they belong."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from deploy.archive.organisations import Entry, NamedOrganisation, Spread, read_organisations, read_spread
from deploy.archive.people import People, handle_of, marked
from deploy.archive.problems import ArchiveProblem
from shared.contracts.calls.membership import NewMember

BOARD = NamedOrganisation(name="A Health Board", sector="health", geography="Wales")
COUNCIL = NamedOrganisation(name="A Council")
HANDLE = re.compile(r"^[a-z0-9][a-z0-9._-]{1,39}$")
EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_organisations_are_names_or_names_with_facts(tmp_path: Path) -> None:
    facts = {"name": "A Health Board", "sector": "health", "geography": "Wales"}
    assert read_organisations(written(tmp_path / "o.json", [facts, "A Council"])) == [BOARD, COUNCIL]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "names no organisation"),
        (["A", " a "], "names organisation 2 twice"),
        ([{"name": "A", "sector": "farming"}], "o.json, 0.sector:"),
        ({"A": "B"}, "o.json: Input should be a valid array"),
    ],
)
def test_a_bad_file_of_organisations_is_refused_in_a_sentence(
    tmp_path: Path, content: object, said: str
) -> None:
    with pytest.raises(ArchiveProblem, match=re.escape(said)):
        read_organisations(written(tmp_path / "o.json", content))


def test_an_organisation_s_id_follows_from_its_name_or_is_given() -> None:
    assert BOARD.known_by == NamedOrganisation(name="a  health board").known_by != COUNCIL.known_by
    assert NamedOrganisation(name="A", id="a" * 24).known_by == "a" * 24


def test_a_spread_names_known_organisations_only(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", {"ann": "A Council", "bob": {"organisation": "Elsewhere"}})
    with pytest.raises(ArchiveProblem, match="organisation of person 2 is not in the file"):
        read_spread(path, [COUNCIL])


def test_the_file_counts_before_reports_and_reports_before_chance() -> None:
    organisations = [BOARD, COUNCIL]
    spread = Spread(organisations, {"ann": Entry(organisation="A Health Board")}, "source")
    spread.report(["ann", "bob"], ["Unknown to us", "a council"])
    assert spread.home_of("ann").organisation is BOARD
    assert spread.home_of("bob").organisation is COUNCIL
    others = {f"p{number}": spread.home_of(f"p{number}").organisation for number in range(100)}
    assert set(map(id, others.values())) == {id(BOARD), id(COUNCIL)}
    again = Spread(organisations, {}, "source")
    assert others == {person: again.home_of(person).organisation for person in others}


@given(some.text())
def test_whatever_the_name_the_handle_is_one(name: str) -> None:
    handle = handle_of(name, "0123456789abcdef01234567")
    assert HANDLE.match(handle)
    assert HANDLE.match(marked(handle, "0123456789abcdef01234567"))


def test_a_handle_is_like_the_name() -> None:
    assert handle_of("Siân ap Huw", "0" * 24) == "sian-ap-huw"
    assert handle_of("member-36b1ad19", "0" * 24) == "member-36b1ad19"
    assert handle_of("李", "a" * 24) == "member-aaaaaaaaaa"


def test_people_come_once_to_each_community_since_their_first_post() -> None:
    people = People("source", Spread([BOARD], {}, "source"))
    for community, person, at in [
        ("A", "ann", LATE),
        ("A", "bob", LATE),
        ("A", "ann", EARLY),
        ("B", "ann", LATE),
    ]:
        people.wrote(community, person, at)
    assert people.count() == 2
    assert [(one.member.new.name, one.since) for one in people.arrivals("A")] == [
        ("ann", EARLY),
        ("bob", LATE),
    ]
    assert [(one.member.new.name, one.since) for one in people.arrivals("A", "B")] == [
        ("ann", EARLY),
        ("bob", LATE),
    ]


def test_what_the_spread_tells_of_a_person_is_kept() -> None:
    entry = Entry(organisation="A Council", name="Ann", profession="nurse", interests=("falls",))
    member = People("source", Spread([COUNCIL], {"x1": entry}, "source")).member("x1")
    assert member.new == NewMember(name="Ann", handle="x1", profession="nurse", interests=("falls",))
    assert member.organisation == COUNCIL.known_by
