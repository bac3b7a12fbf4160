"""The API as it is served, as it was written down, and as its changelog tells it: one and the same, and nothing breaks."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract import api
from tests.contract.api_changes import breaking

Json = dict[str, Any]
RUN = "run `python -m tests.contract.api`"
DOCUMENT = api.current()
THREADS = "/v1/communities/{community}/threads"


def changed(change: Callable[[Json], object]) -> Json:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def test_what_is_served_breaks_nothing_that_was_written_down() -> None:
    assert breaking(api.kept(), DOCUMENT) == []


def test_what_is_served_is_what_is_written_down() -> None:
    assert api.kept() == DOCUMENT, RUN


def test_every_operation_and_field_has_its_line() -> None:
    assert api.untold(DOCUMENT, api.CHANGELOG.read_text()) == [], RUN


def test_what_was_released_is_a_promise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = "# Changelog\n\n## Unreleased\n\n"
    assert not api.is_released(told)
    releases = tmp_path / "CHANGELOG.md"
    releases.write_text(f"{told}## 0.1.0\n")
    monkeypatch.setattr(api, "RELEASES", releases)
    with pytest.raises(SystemExit, match="A version has been released"):
        api.write(unreleased=True)


def test_what_has_no_line_is_missed() -> None:
    def grow(document: Json) -> None:
        document["paths"]["/v1/riddles"] = {"get": copy.deepcopy(document["paths"]["/v1/me"]["get"])}
        schema(document, "Thread")["properties"]["colour"] = {"type": "string", "maxLength": 9}
        del schema(document, "Member")["properties"]["interests"]

    lines = api.untold(changed(grow), api.CHANGELOG.read_text())
    assert lines == [
        "* added `GET /v1/riddles`",
        "* added `Thread`: `colour`",
        "* removed `Member`: `interests`",
    ]
    heading = f"## {DOCUMENT['info']['version']}\n"
    later = api.CHANGELOG.read_text().replace(heading, "## 9.0.0\n\n" + "\n".join(lines) + "\n\n" + heading)
    assert api.untold(changed(grow), later) == []


def without(document: Json, path: str, method: str) -> None:
    del document["paths"][path][method]


def part_of(document: Json, path: str, method: str, name: str) -> Json:
    parts = document["paths"][path][method]["parameters"]
    found: Json = next(one for one in parts if one.get("name") == name)
    return found


def needing(document: Json) -> None:
    part_of(document, THREADS, "get", "kind")["required"] = True


def without_kind(document: Json) -> None:
    operation = document["paths"][THREADS]["get"]
    operation["parameters"].remove(part_of(document, THREADS, "get", "kind"))


def other_status(document: Json) -> None:
    responses = document["paths"][THREADS]["post"]["responses"]
    responses["200"] = responses.pop("201")


BREAKING: dict[str, tuple[Callable[[Json], object], str]] = {
    "an operation goes": (
        lambda it: without(it, THREADS, "get"),
        f"GET {THREADS} is gone; deprecate it first",
    ),
    "a part of a query goes": (without_kind, f"GET {THREADS}: `kind` is gone; deprecate it first"),
    "a part of a query is needed": (needing, f"GET {THREADS}: `kind` is needed now"),
    "another status": (other_status, f"POST {THREADS}: it is not answered with 201 any more"),
    "a body's field goes": (
        lambda it: schema(it, "NewThread")["properties"].pop("professions"),
        f"POST {THREADS}: the body: the field `professions` is gone",
    ),
    "a body's field is needed": (
        lambda it: schema(it, "NewThread")["required"].append("interests"),
        f"POST {THREADS}: the body: the field `interests` is needed now",
    ),
    "a text may be less long": (
        lambda it: schema(it, "NewThread")["properties"]["title"].update(maxLength=9),
        f"POST {THREADS}: the body, `title`: `maxLength` is 9 and was 200",
    ),
    "a value may not be sent": (
        lambda it: schema(it, "ThreadKind")["enum"].remove("experience"),
        f"POST {THREADS}: the body, `kind` may not be `experience` any more",
    ),
    "an answer's field goes": (
        lambda it: schema(it, "Thread")["properties"].pop("title"),
        f"POST {THREADS}: the answer: the field `title` is gone",
    ),
    "an answer's field may be missing": (
        lambda it: schema(it, "Thread")["required"].remove("title"),
        f"POST {THREADS}: the answer: the field `title` may be missing now",
    ),
    "an answer's field is another": (
        lambda it: schema(it, "Thread")["properties"]["title"].update(type="integer"),
        f"POST {THREADS}: the answer, `title` may be a integer now",
    ),
    "an answer's field may be null": (
        lambda it: schema(it, "Thread")["properties"].update(
            title={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        f"POST {THREADS}: the answer, `title` may be a null now",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), BREAKING.values(), ids=BREAKING.keys())
def test_what_breaks_is_refused(change: Callable[[Json], object], sentence: str) -> None:
    assert sentence in breaking(DOCUMENT, changed(change))


def test_what_only_grows_is_not() -> None:
    def grow(document: Json) -> None:
        document["paths"]["/v1/riddles"] = {"get": copy.deepcopy(document["paths"]["/v1/me"]["get"])}
        new = schema(document, "NewThread")
        new["properties"]["colour"] = {"type": "string", "maxLength": 9}
        new["properties"]["title"]["maxLength"] = 9_000
        schema(document, "Thread")["properties"]["colour"] = {"type": "string"}
        schema(document, "ThreadKind")["enum"].append("riddle")

    assert breaking(DOCUMENT, changed(grow)) == []


def test_what_was_deprecated_goes_after_its_sunset_and_not_before() -> None:
    def deprecate(document: Json) -> None:
        ending = {"deprecated": True, "x-sunset": "2027-06-01T00:00:00+00:00"}
        document["paths"]["/v1/unanswered"]["get"].update(ending)
        part_of(document, THREADS, "get", "kind").update(ending)

    def go(document: Json) -> None:
        without(document, "/v1/unanswered", "get")
        without_kind(document)

    announced = changed(deprecate)
    early, late = (datetime(2027, month, 2, tzinfo=UTC) for month in (5, 6))
    assert len(breaking(announced, changed(go), early)) == 2
    assert breaking(announced, changed(go), late) == []
    assert len(breaking(DOCUMENT, changed(go), late)) == 2
