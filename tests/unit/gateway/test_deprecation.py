"""What is on its way out: what may be listed, and what the document says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.gateway.door import document as documents
from services.gateway.door.application import Door
from services.gateway.door.deprecation import DEPRECATED, Deprecated, Deprecations, headers

SINCE = datetime(2026, 12, 1, tzinfo=UTC)
A_YEAR = timedelta(days=365)
SUNSET = datetime(2027, 6, 1, tzinfo=UTC)
LINK = "https://commonplace.example/changes"


def out(sunset: datetime | None = SUNSET) -> Deprecated:
    return Deprecated(SINCE, sunset, LINK, "Use `search`.")


def test_what_is_listed_is_there_and_has_its_year(app: Door) -> None:
    Deprecations(DEPRECATED, app.operations)
    for one in DEPRECATED.values():
        assert one.sunset is None or one.sunset - one.since >= A_YEAR
    with pytest.raises(ValueError, match="there is no `list_riddles`"):
        Deprecations({"list_riddles": out()}, app.operations)
    with pytest.raises(ValueError, match=r"there is no `list_threads\.colour`"):
        Deprecations({"list_threads.colour": out()}, app.operations)


def test_it_is_announced_before_it_goes() -> None:
    with pytest.raises(ValueError, match="after the deprecation"):
        out(SINCE)
    with pytest.raises(ValueError, match="a zone"):
        out(SUNSET.replace(tzinfo=None))


def test_headers_are_those_of_the_standards() -> None:
    assert headers([out(), out(None)]) == [
        ("Deprecation", "@1796083200"),
        ("Link", '<https://commonplace.example/changes>; rel="deprecation"'),
        ("Sunset", "Tue, 01 Jun 2027 00:00:00 GMT"),
    ]
    assert [name for name, _ in headers([out(None)])] == ["Deprecation", "Link"]
    assert headers([]) == []


def test_the_document_says_so(app: Door) -> None:
    again = generated(app, {"list_unanswered": out(), "list_threads.kind": out(None)})
    unanswered = again["paths"]["/v1/unanswered"]["get"]
    assert unanswered["deprecated"] and unanswered["x-sunset"] == "2027-06-01T00:00:00+00:00"
    assert unanswered["description"].startswith(
        f"Deprecated since 2026-12-01, and gone from 2027-06-01 on. Use `search`. More: {LINK}"
    )
    assert {"Deprecation", "Sunset", "Link"} <= unanswered["responses"]["200"]["headers"].keys()
    assert "410" in unanswered["responses"]
    threads = again["paths"]["/v1/communities/{community}/threads"]["get"]
    marked = {one["name"] for one in threads["parameters"] if one.get("deprecated")}
    assert (marked, threads["deprecated"]) == ({"kind"}, False)
    others = [
        operation["operationId"]
        for item in generated(app, {})["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("deprecated")
    ]
    assert others == []


def generated(app: Door, listed: dict[str, Deprecated]) -> dict[str, Any]:
    """The document of the same operations when these are on their way out."""
    super(Door, app).generate_spec_json()  # type: ignore[no-untyped-call]
    with app.app_context():
        documents.complete(app.spec_json, app.operations, "https://a.example", "https://b.example", listed)
    return app.spec_json  # type: ignore[no-any-return]
