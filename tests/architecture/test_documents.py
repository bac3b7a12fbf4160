"""What the pages say is there: every file, link, command and make target that they name."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from shared.contracts.calls.membership import Scope

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
FOLDERS = ("benches", "clients", "deploy", "docs", "services", "shared", "tests")


def code_in(page: Path) -> list[str]:
    """What is set as code, in the line or in a block of its own."""
    text = page.read_text()
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [*spans, *(line for block in blocks for line in block.splitlines())]


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    own = set(re.findall(r"<a id='([^']+)'", page.read_text()))
    return own | {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_api_page_names_every_scope_and_no_other() -> None:
    named = {
        word for word in code_in(ROOT / "docs/api.md") if re.fullmatch(r"[a-z]+:(read|write|decide)", word)
    }
    assert named == set(get_args(Scope))


@cache
def commands() -> set[str]:
    commonplace = Path(sys.executable).with_name("commonplace")
    said = subprocess.run([commonplace, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^│ ([a-z-]+) ", said, flags=re.MULTILINE))


@pages
def test_every_file_it_names_is_there(page: Path) -> None:
    named = {
        word.rstrip(".,:;")
        for code in code_in(page)
        for word in re.findall(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./*-]*", code)
        if "<" not in code
    }
    missing = [word for word in named if not list(ROOT.glob(word.rstrip("/")))]
    assert not missing


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors_of(file), target


@pages
def test_every_make_target_it_names_is_there(page: Path) -> None:
    named = {
        target
        for code in code_in(page)
        for words in re.findall(r"(?:^|\W)make ((?:[a-z][a-z-]*(?: +(?=[a-z]))?)+)", code.partition("#")[0])
        for target in words.split()
    }
    assert named <= TARGETS


@pages
def test_every_command_it_names_is_there(page: Path) -> None:
    named = {
        command for code in code_in(page) for command in re.findall(r"(?:^|[\s/])commonplace ([a-z-]+)", code)
    }
    assert named <= commands()


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text()
    forgotten = [page.name for page in ROOT.glob("docs/*.md") if f"({page.name})" not in index]
    assert set(forgotten) <= {"index.md"}, "Add a line to docs/index.md"


def test_the_readme_makes_passwords_as_the_example_does() -> None:
    (line,) = re.findall(r"^awk .*$", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    assert line in (ROOT / ".env.example").read_text()


def test_every_hook_of_pre_commit_can_run() -> None:
    pre_commit = Path(sys.executable).with_name("pre-commit")
    configuration = ROOT / ".pre-commit-config.yaml"
    subprocess.run([pre_commit, "validate-config", configuration], check=True)
    for program in re.findall(r"entry: \.venv/bin/([\w-]+)", configuration.read_text()):
        assert Path(sys.executable).with_name(program).exists()


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert text.count("\n") > 190
    for number in range(1, 10):
        assert re.search(rf"^   {number}\. ", text, flags=re.MULTILINE)
