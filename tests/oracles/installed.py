"""Installs the oracles, libraries of another language that nobody here wrote, and runs them."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.node.folder import node_folder

HERE = Path(__file__).parent
LOCKED = ("package.json", "package-lock.json", ".npmrc")


def oracles() -> Path:
    """The folder with the installed libraries and our scripts; installed when it is not there yet.

    Skips the test where there is no Node.js, and fails it where the libraries cannot be had.
    """
    if shutil.which("npm") is None:
        pytest.skip("NOT RUN: there is no Node.js on this machine, so no library of another language")
    wanted = hashlib.sha256(b"\0".join((HERE / name).read_bytes() for name in LOCKED)).hexdigest()[:16]
    folder = node_folder().path / "oracles" / wanted
    if not (folder / "installed").exists():
        draft = folder.with_name(f".{wanted}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for name in LOCKED:
            shutil.copy(HERE / name, draft)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=draft, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.fail(f"The oracles can't be installed:\n{done.stderr[-2000:]}", pytrace=False)
        (draft / "installed").touch()
        try:
            draft.rename(folder)
        except OSError:
            shutil.rmtree(draft)  # another session was quicker
    for script in [*HERE.glob("*.mjs"), *HERE.glob("*.yaml")]:
        shutil.copy(script, folder)
    return folder


def consult(script: str, told: dict[str, Any]) -> Any:
    """Run one of our scripts: `told` as JSON in, what it found as JSON out; it fails when the library objects."""
    done = subprocess.run(
        ["node", script],
        cwd=oracles(), input=json.dumps(told), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)
