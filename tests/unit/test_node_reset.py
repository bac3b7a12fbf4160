"""`commonplace reset` deletes for good: a person is asked, a script has to say that it means it."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

COMMONPLACE = Path(sys.executable).with_name("commonplace")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Something that a node has written; the node itself is down."""
    file = tmp_path / "node" / "data" / "mongodb"
    file.parent.mkdir(parents=True)
    file.write_text("what people said")
    return file


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "COMMONPLACE_NODE_FOLDER": str(data.parents[1]), "NO_COLOR": "1", "COLUMNS": "300"}


def reset(data: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Reset in a script, whose standard input is no terminal."""
    return subprocess.run(
        [COMMONPLACE, "reset", *words],
        env=environment(data), input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def reset_at_a_terminal(data: Path, typed: str) -> subprocess.CompletedProcess[str]:
    """Reset as a person does, who types this and Enter when asked."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, f"{typed}\n".encode())
        return subprocess.run(
            [COMMONPLACE, "reset"],
            env=environment(data), stdin=terminal, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        os.close(keyboard)
        os.close(terminal)


@pytest.mark.parametrize("typed", ["", "y\n"])
def test_a_script_that_does_not_say_so_is_refused(data: Path, typed: str) -> None:
    done = reset(data, typed=typed)
    assert (done.returncode, done.stdout) == (2, "")
    for words in ("for good", str(data.parents[1]), "`make reset YES=1`", "`commonplace reset --yes`"):
        assert words in done.stderr
    assert data.exists()


def test_a_script_that_says_so_is_not_asked(data: Path) -> None:
    done = reset(data, "--yes")
    assert done.returncode == 0, done.stderr
    assert not data.exists()


@pytest.mark.parametrize("typed", ["", "n", "no"])
def test_a_person_who_does_not_say_yes_keeps_everything(data: Path, typed: str) -> None:
    done = reset_at_a_terminal(data, typed)
    assert done.returncode == 1
    assert f"{data.parents[1]} for good? [y/N]" in done.stderr
    assert "Nothing was deleted." in done.stderr
    assert data.exists()


@pytest.mark.parametrize("typed", ["y", "yes"])
def test_a_person_who_says_yes_deletes_it(data: Path, typed: str) -> None:
    done = reset_at_a_terminal(data, typed)
    assert done.returncode == 0, done.stderr
    assert not data.exists()
