"""The list of variables is the code's, complete, and what starts a node after a reboot is what the machine understands."""

import re
import shutil
import subprocess

import pytest

from deploy.documents.variables import variables, variables_page
from deploy.node.folder import CHECKOUT

UNIT = CHECKOUT / "deploy/systemd/commonplace.service"
NAME = re.compile(r"\bCOMMONPLACE_[A-Z_]+\b")
NOT_AN_OPERATORS = {
    "COMMONPLACE_SUPERVISED_IN",  # the mark of a node's processes
    "COMMONPLACE_ERLANG_ROOT",  # what unpacked scripts are told
}


def test_the_page_is_up_to_date() -> None:
    kept = (CHECKOUT / "docs/variables.md").read_text()
    assert kept == variables_page(), "run `commonplace variables > docs/variables.md`"


def test_every_variable_is_there_once_with_a_sentence() -> None:
    listed = list(variables())
    assert len({one.name for one in listed}) == len(listed) >= 50
    assert [one.name for one in listed if not one.sentence.endswith(".")] == []


def test_no_variable_is_named_anywhere_that_is_not_in_the_list() -> None:
    read = [CHECKOUT / name for name in ("Makefile", "README.md", "docker-compose.yml", ".env.example")]
    for folder, kind in (("deploy", "*.py"), ("services", "*.py"), ("shared", "*.py"), ("docs", "*.md")):
        read += (CHECKOUT / folder).rglob(kind)
    named = {name for file in read for name in NAME.findall(file.read_text())}
    assert named - {one.name for one in variables()} <= NOT_AN_OPERATORS


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit() -> None:
    command = ["systemd-analyze", "verify", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_runs_targets_that_are_there() -> None:
    targets = re.findall(r"^Exec\w+=/usr/bin/make (\w+)$", UNIT.read_text(), re.MULTILINE)
    assert targets == ["up", "down"]
    makefile = (CHECKOUT / "Makefile").read_text()
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
