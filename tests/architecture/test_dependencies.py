"""What is imported is declared, and what is declared is used."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OWN = {"shared", "services", "deploy", "tests", "benches"}
# Only `make dashboards` and its checks need what draws dashboards and reads queries; a node has the JSON.
FOR_DEVELOPERS = ("deploy/grafana/", "deploy/prometheus/expressions.py")
RUN_AS_PROGRAMS = {"supervisor"}
PARTS_OF_OTHERS = {"pydantic-core": "pydantic", "werkzeug": "flask"}
"""Packages that are released and pinned together with one that is declared."""


def name_of(requirement: str) -> str:
    return re.split(r"[\[~=<>! ;]", requirement)[0].lower()


def declared() -> set[str]:
    return {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]}


@cache
def imported(folder: str) -> dict[str, list[str]]:
    """Distributions that the code below a folder imports, with the files that do."""
    of_module = packages_distributions()
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        file = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module]
            for top in {module.partition(".")[0] for module in modules}:
                if top not in OWN and top not in sys.stdlib_module_names:
                    for distribution in of_module.get(top, [top]):
                        name = distribution.lower().replace("_", "-")
                        found.setdefault(PARTS_OF_OTHERS.get(name, name), []).append(file)
    return found


def test_what_runs_is_declared() -> None:
    strangers = {
        distribution: files
        for folder in ("shared", "services", "deploy")
        for distribution, every in imported(folder).items()
        if (files := [file for file in every if not file.startswith(FOR_DEVELOPERS)])
        and distribution not in declared()
    }
    assert not strangers, "Add them to [project] dependencies, and `make lock`"


def test_what_is_declared_is_used() -> None:
    used = {distribution for folder in ("shared", "services", "deploy") for distribution in imported(folder)}
    assert declared() - used - RUN_AS_PROGRAMS == set(), (
        "Take them out of [project] dependencies, and `make lock`"
    )
