"""What a node's processes inherit from a shell is noted by name and text, and a change is named."""

from pathlib import Path

import pytest

from deploy.node.folder import NodeFolder
from deploy.node.variables import inherited, other_than_running, remember

GIVEN = {
    "COMMONPLACE_THREADS": "8",
    "COMMONPLACE_PORT": "8800",
    "COMMONPLACE_KEYS": "/elsewhere",
    "COMMONPLACE_NODE_FOLDER": "/there",
    "HOME": "/root",
}


def test_what_the_node_decides_itself_and_what_is_no_variable_of_ours_is_left_out() -> None:
    assert inherited(GIVEN) == {"COMMONPLACE_THREADS": "8"}


def test_a_variable_that_came_went_or_changed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = NodeFolder(tmp_path)
    assert other_than_running(folder) == []
    monkeypatch.setenv("COMMONPLACE_THREADS", "8")
    monkeypatch.setenv("COMMONPLACE_BACKLOG", "200")
    remember(folder)
    assert (tmp_path / "variables.json").stat().st_mode & 0o777 == 0o600
    assert other_than_running(folder) == []
    monkeypatch.setenv("COMMONPLACE_THREADS", "9")
    monkeypatch.delenv("COMMONPLACE_BACKLOG")
    monkeypatch.setenv("COMMONPLACE_HOST", "127.0.0.2")
    assert other_than_running(folder) == ["COMMONPLACE_BACKLOG", "COMMONPLACE_HOST", "COMMONPLACE_THREADS"]
