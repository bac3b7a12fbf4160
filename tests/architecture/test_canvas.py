"""What each service says of itself is what its code does: the canvas, the contracts and the handlers agree."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, Entrypoint

from shared.contracts.calls.call import Call, Listing
from shared.contracts.speakers import SPEAKERS, facts_of
from shared.wiring.rpc import Rpc
from shared.wiring.subscribe import Subscription
from tests.architecture.canvas import canvas_of, service_class

SERVICES = ("membership", "discussion", "notifications")
NOT_SUBSCRIBED = {"Nudge"}
"""Told to the open streams, which keep nothing: see shared/contracts/notifications.py."""


def entrypoints(service: str) -> Iterator[tuple[str, Entrypoint]]:
    for name, method in inspect.getmembers(service_class(service), inspect.isfunction):
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
            yield name, entrypoint


def answered(service: str) -> dict[str, type[Call]]:
    return {name: one.call_type for name, one in entrypoints(service) if isinstance(one, Rpc)}


def heard(service: str) -> set[Any]:
    return {one.contract for _, one in entrypoints(service) if isinstance(one, Subscription)}


def calls_to(service: str) -> set[type[Call]]:
    module = importlib.import_module(f"shared.contracts.calls.{service}")
    return {
        thing
        for thing in vars(module).values()
        if inspect.isclass(thing)
        and issubclass(thing, Call)
        and thing.__module__.startswith(module.__name__)
        and not thing.__subclasses__()
        and not thing.__subclasses__()
    }


@pytest.mark.parametrize("service", SERVICES)
def test_it_owns_its_collections(service: str) -> None:
    indexes = importlib.import_module(f"services.{service}.repositories").INDEXES
    assert set(indexes) <= canvas_of(service).owns


@pytest.mark.parametrize("service", SERVICES)
def test_it_answers_what_it_says(service: str) -> None:
    assert canvas_of(service).answers == set(answered(service))


@pytest.mark.parametrize("service", SERVICES)
def test_it_answers_every_call_made_to_it(service: str) -> None:
    assert set(answered(service).values()) == calls_to(service)


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_is_addressed_and_has_an_answer(service: str) -> None:
    for call in calls_to(service):
        assert call.to == service
        assert call.answer.__module__.startswith("shared.contracts.calls"), call
        assert not issubclass(call, Listing) or {"items", "next"} <= set(call.answer.model_fields), call


@pytest.mark.parametrize("service", SERVICES)
def test_it_tells_what_it_says(service: str) -> None:
    assert canvas_of(service).tells == {fact.__name__ for fact in facts_of(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_it_really_tells_each_of_its_facts(service: str) -> None:
    source = "\n".join(path.read_text() for path in Path("services", service).rglob("*.py"))
    silent = [fact.__name__ for fact in facts_of(service) if f"{fact.__name__}(" not in source]
    assert not silent


@pytest.mark.parametrize("service", SERVICES)
def test_it_hears_what_it_says(service: str) -> None:
    assert canvas_of(service).hears == {fact.__name__ for fact in heard(service)}


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_speakers_know_their_listeners(speaker: str) -> None:
    """The speaker declares its listeners' queues: one that is not named in `heard_by` would lose facts."""
    for fact in facts_of(speaker):
        listeners = {service for service in SERVICES if fact in heard(service)}
        assert set(fact.heard_by) == listeners, fact.type()
        assert listeners or fact.__name__ in NOT_SUBSCRIBED, f"nobody hears {fact.type()}"


def test_the_gateway_owns_nothing_and_tells_nothing() -> None:
    canvas = canvas_of("gateway")
    assert not canvas.tells
    assert canvas.hears == NOT_SUBSCRIBED
