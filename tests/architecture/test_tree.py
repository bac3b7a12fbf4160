"""The tree is the architecture: names, sizes and exceptions, by rules that no other tool knows."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("shared", "services", "deploy")
EVERYTHING = (*CODE, "tests", "benches")
SERVICES = ("membership", "discussion", "notifications")

ATTICS = re.compile(r"^_?(utils?|helpers?|common|misc|tools?|manager|base|core|stuff|shared_\w+_utils)$")
LONGEST = 300
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "new_id", "token_hex", "uuid4"}


def files(*folders: str) -> list[Path]:
    found = [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return found


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO((ROOT / path).read_text()).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    rooms = {
        path.stem
        for path in (ROOT / "services" / service).iterdir()
        if path.stem != "__pycache__" and (path.is_dir() or path.suffix == ".py")
    }
    assert {"__init__", "domain", "repositories", "service"} <= rooms <= {
        "__init__", "channels", "domain", "repositories", "service", "settings"
    }  # fmt: skip


def test_nothing_is_an_attic() -> None:
    names = [path for path in files(*EVERYTHING) for part in path.with_suffix("").parts if ATTICS.match(part)]
    assert not names, "Name it after what it is about"


def test_no_class_is_a_manager() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in files(*CODE)
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Util|Impl|Base)s?$", node.name)
    ]
    assert not found, "Name it after what it does"


def test_one_noun_to_a_file() -> None:
    long = {
        str(path): lines
        for path in files("services")
        if (lines := len((ROOT / path).read_text().splitlines())) > LONGEST
    }
    assert not long, "A file that is longer than 300 lines holds two nouns"


def test_the_domain_has_no_clock_and_makes_no_ids() -> None:
    asked = [
        f"{path}:{node.lineno}"
        for path in files("services")
        if "domain" in path.parts
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", None) or getattr(node.func, "id", None)) in CLOCKS
    ]
    assert not asked, "Give the moment, or the id, as an argument"


@pytest.mark.parametrize("path", files(*CODE), ids=str)
def test_every_exception_from_a_rule_names_the_rule(path: Path) -> None:
    """mypy's names the error; ruff's says why besides, because the rule alone does not."""
    for line, comment in comments(path):
        if "noqa" in comment:
            assert re.search(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \w", comment), (
                f"{path}:{line} says no reason"
            )
        if "type: ignore" in comment:
            assert re.search(r"# type: ignore\[[a-z-]+(, ?[a-z-]+)*\]", comment), (
                f"{path}:{line} names no error"
            )
