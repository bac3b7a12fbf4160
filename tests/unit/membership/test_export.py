"""The rules of an export: when it is ready, for how long it can be fetched, and what a link is good for."""

from datetime import UTC, datetime, timedelta

import pytest

from services.membership.domain import export as exports
from services.membership.domain.export import AGAIN, GATHERED_WITHIN, GATHERING, KEPT, Export
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
    fetched = exports.finish(exports.open(exports.link(ready(), "0" * 64, NOW), NOW), NOW)
    gone, _ = exports.end(fetched)
    for export, at in (
        (None, NOW),
        (ready(), NOW + KEPT),
        (fetched, NOW + AGAIN),
        (gone, NOW),
        (asked(), NOW + GATHERED_WITHIN),
    ):
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


def test_what_went_out_whole_is_kept_for_an_hour_in_which_another_link_can_be_made() -> None:
    linked = exports.link(ready(), "0" * 64, NOW)
    assert exports.finish(linked, NOW) == linked, "nobody has opened it"
    fetched = exports.finish(exports.open(linked, NOW), NOW)
    assert (fetched.state, fetched.ends_at, fetched.is_kept) == ("fetched", NOW + AGAIN, True)
    with pytest.raises(NotFound) as refusal:
        exports.open(fetched, NOW)
    assert refusal.value.code == "link-used", "the link itself is good once"
    late = NOW + AGAIN - timedelta(seconds=1)
    again = exports.finish(exports.open(exports.link(fetched, "1" * 64, late), late), late)
    assert again.ends_at == NOW + AGAIN, "and no longer, however often it is fetched"
    with pytest.raises(NotFound):
        exports.open(exports.link(fetched, "1" * 64, late), NOW + AGAIN)
    gone, fact = exports.end(again)
    assert (gone.state, gone.is_kept, fact.export) == ("fetched", False, gone.id)


def test_what_was_fetched_before_nodes_kept_it_for_another_link_is_gone() -> None:
    opened = exports.open(exports.link(ready(), "0" * 64, NOW), NOW)
    before = opened.model_copy(update={"state": "fetched"})  # its parts were taken away, its end was left
    assert (before.is_kept, before.shown(NOW).ends_at) == (False, None)
    for what in (lambda: exports.link(before, "1" * 64, NOW), lambda: exports.open(before, NOW)):
        with pytest.raises(NotFound):
            what()


def test_fetched_just_before_its_end_it_is_kept_no_longer() -> None:
    late = NOW + KEPT - timedelta(minutes=1)
    fetched = exports.finish(exports.open(exports.link(ready(), "0" * 64, NOW), late), late)
    assert fetched.ends_at == NOW + KEPT


def test_what_nobody_fetches_expires() -> None:
    export = ready()
    assert export.is_open_at(NOW + KEPT - timedelta(seconds=1))
    assert (export.state_at(NOW + KEPT), export.is_open_at(NOW + KEPT)) == ("expired", False)
    expired, fact = exports.end(export)
    assert (expired.state, expired.is_kept, fact.export) == ("expired", False, export.id)


def test_what_is_not_gathered_within_three_days_expires_and_is_never_ready() -> None:
    export, _ = exports.receive(asked(), GATHERING[0], 3, NOW)
    assert export.is_open_at(NOW + GATHERED_WITHIN - timedelta(seconds=1)), "a weekend is waited for"
    assert export.shown(NOW + GATHERED_WITHIN).state == "expired"
    expired, _ = exports.end(export)
    for service in GATHERING:
        assert exports.receive(expired, service, 3, NOW) == (expired, [])
