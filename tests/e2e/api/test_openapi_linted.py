"""The document that a gateway serves passes redocly's recommended rules, and spectral's with OWASP's."""

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.api.waiting import eventually
from tests.node import Node
from tests.oracles.linting import by_redocly, by_spectral

Linter = Callable[[dict[str, Any], Path], list[str]]


@pytest.fixture(scope="module")
def document(
    node_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """As a gateway serves it that partners reach over HTTPS."""
    told = {**os.environ, **node_environment, "COMMONPLACE_PUBLIC_URL": "https://commonplace.example"}
    node = Node(told, tmp_path_factory.mktemp("gateway"), {"gateway": 1})
    try:
        node["gateway"].start()
        eventually(lambda: served(node.url), 30)
        yield served(node.url)
    finally:
        node.kill()


def served(url: str) -> Any:
    try:
        return httpx2.get(f"{url}/v1/openapi.json").raise_for_status().json()
    except httpx2.TransportError:
        return None


@pytest.mark.parametrize("linter", [by_redocly, by_spectral])
def test_the_document_passes(document: dict[str, Any], linter: Linter, tmp_path: Path) -> None:
    assert linter(document, tmp_path) == []


def open_to_all(document: dict[str, Any]) -> None:
    del document["paths"]["/v1/me"]["patch"]["security"]


def named_twice(document: dict[str, Any]) -> None:
    document["paths"]["/v1/me"]["patch"]["operationId"] = "get_me"


def without_bounds(document: dict[str, Any]) -> None:
    del document["components"]["schemas"]["NewThread"]["properties"]["title"]["maxLength"]


def unencrypted(document: dict[str, Any]) -> None:
    document["servers"][0]["url"] = "http://commonplace.example"


SPOILT = {
    "operation-operationId-unique": (by_redocly, named_twice),
    "security-defined": (by_redocly, open_to_all),
    "owasp:api2:2023-write-restricted": (by_spectral, open_to_all),
    "owasp:api4:2023-string-limit": (by_spectral, without_bounds),
    "owasp:api8:2023-no-server-http": (by_spectral, unencrypted),
}


@pytest.mark.parametrize(("rule", "linter", "spoil"), [(rule, *how) for rule, how in SPOILT.items()])
def test_a_document_that_is_spoilt_does_not(
    document: dict[str, Any],
    rule: str,
    linter: Linter,
    spoil: Callable[[dict[str, Any]], None],
    tmp_path: Path,
) -> None:
    worse = copy.deepcopy(document)
    spoil(worse)
    assert [one.split()[0] for one in linter(worse, tmp_path)] == [rule]
