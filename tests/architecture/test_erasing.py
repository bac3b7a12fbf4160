"""Every collection of every service is erased of a member who wants it, or says why it is kept; and every service answers."""

import importlib

import pytest

from services.membership.domain.erasure import ANSWERING
from shared.wiring.store import OWN_INDEXES
from tests.architecture.canvas import canvas_of
from tests.architecture.test_canvas import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_each_collection_is_erased_or_says_why_it_is_kept(service: str) -> None:
    module = importlib.import_module(f"services.{service}.repositories.erasing")
    indexes = importlib.import_module(f"services.{service}.repositories").INDEXES
    owned = set(indexes) | set(OWN_INDEXES)
    assert owned - set(OWN_INDEXES) <= canvas_of(service).owns
    said = [*module.ERASED, *module.KEPT]
    assert sorted(said) == sorted(set(said)), "each once"
    assert set(said) == owned, "name it in ERASED with what is erased, or in KEPT with the reason why not"
    assert all({**module.ERASED, **module.KEPT}.values())


def test_every_service_that_keeps_something_gives_a_receipt() -> None:
    assert set(ANSWERING) == set(SERVICES)
