"""The rules of an export: when it is ready, for how long it can be fetched, and what a link is good for."""

from datetime import UTC, datetime, timedelta

import pytest

from services.membership.domain import export as exports
from services.membership.domain.export import GATHERING, KEPT, Export
from shared.errors import Conflict, NotFound

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ANN = "a" * 24


def asked() -> Export:
    return exports.ask("e" * 24, ANN, NOW)[0]


def ready() -> Export:
    export = asked()
    for service in GATHERING:
        export, _ = exports.receive(export, service, 3, NOW)
    return export


def test_it_is_ready_with_the_last_service_and_told_once() -> None:
    export, told = asked(), []
    for service in (*GATHERING, *GATHERING):
        assert export.state == "gathering" or len(export.parts) == len(GATHERING)
        export, facts = exports.receive(export, service, 3, NOW)
        told += facts
    assert (export.state, export.ends_at) == ("ready", NOW + KEPT)
    assert [(fact.export, fact.member) for fact in told] == [(export.id, ANN)]
    assert export.parts == dict.fromkeys(GATHERING, 3)


def test_there_is_no_link_before_it_is_ready_nor_after_it_is_over() -> None:
    with pytest.raises(Conflict) as refusal:
        exports.link(asked(), "0" * 64, NOW)
    assert refusal.value.code == "export-not-ready"
    fetched, _ = exports.finish(exports.open(exports.link(ready(), "0" * 64, NOW), NOW))
    for export, at in ((None, NOW), (ready(), NOW + KEPT), (fetched, NOW)):
        with pytest.raises(NotFound) as gone:
            exports.link(export, "0" * 64, at)
        assert gone.value.code == "not-found"


def test_a_link_is_good_once_and_until_its_end() -> None:
    linked = exports.link(ready(), "0" * 64, NOW)
    opened = exports.open(linked, NOW + KEPT - timedelta(seconds=1))
    for export, at in ((opened, NOW), (linked, NOW + KEPT)):
        with pytest.raises(NotFound) as refusal:
            exports.open(export, at)
        assert refusal.value.code == "link-used"
    with pytest.raises(NotFound) as unknown:
        exports.open(None, NOW)
    assert unknown.value.code == "not-found"
    assert exports.open(exports.link(opened, "1" * 64, NOW), NOW).opened, "another link may be made"


def test_what_was_fetched_goes_once_and_only_after_it_was_opened() -> None:
    linked = exports.link(ready(), "0" * 64, NOW)
    assert exports.finish(linked) == (linked, [])
    fetched, facts = exports.finish(exports.open(linked, NOW))
    assert (fetched.state, [fact.export for fact in facts]) == ("fetched", [fetched.id])
    assert exports.finish(fetched) == (fetched, [])
    with pytest.raises(NotFound) as refusal:
        exports.open(fetched, NOW)
    assert refusal.value.code == "link-used"


def test_what_nobody_fetches_expires() -> None:
    export = ready()
    assert export.is_open_at(NOW + KEPT - timedelta(seconds=1))
    assert (export.state_at(NOW + KEPT), export.is_open_at(NOW + KEPT)) == ("expired", False)
    expired, fact = exports.expire(export)
    assert (expired.state, fact.export) == ("expired", export.id)
    assert asked().is_open_at(NOW + 10 * KEPT), "a service that is away for long is waited for"
