"""The import rules hold, and each of them would break: what must not be is planted in a copy of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    return subprocess.run(
        [LINTER, "--no-cache", "--config", "pyproject.toml", *chosen],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in ("shared", "services", "deploy"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_tree_as_it_is(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("shared/utils.py", "", "shared"),
        ("shared/contracts/legacy.py", "", "language"),
        ("shared/wiring/extras.py", "", "wiring"),
        ("services/discussion/helpers.py", "", "rooms"),
        ("services/gateway/clients.py", "", "gateway"),
        ("services/reports/__init__.py", "", "services"),
        ("shared/errors.py", "import services.discussion.domain.thread", "house"),
        ("services/discussion/service/threads.py", "import services.membership.domain.member", "strangers"),
        ("services/discussion/domain/thread.py", "import services.discussion.repositories.threads", "rooms"),
        ("services/gateway/auth/callers.py", "import services.gateway.routes.threads", "gateway"),
        ("services/gateway/routes/threads.py", "import shared.wiring.store", "no-green-gateway"),
        ("services/discussion/domain/post.py", "import shared.wiring.store", "pure"),
        ("services/discussion/domain/post.py", "import socket", "pure"),
        ("services/discussion/domain/post.py", "from pymongo import MongoClient", "pure"),
        ("services/membership/service/members.py", "from nameko.rpc import rpc", "eventlet"),
        ("services/membership/service/members.py", "from pymongo import MongoClient", "database"),
        ("services/membership/service/members.py", "import amqp", "broker"),
        ("services/membership/service/members.py", "from flask import request", "door"),
        ("services/membership/domain/state.py", "import services.membership.domain.member", "cycles"),
    ],
)
def test_what_must_not_be_is_found(copy: Path, file: str, line: str, contract: str) -> None:
    planted = copy / file
    was = planted.read_text() if planted.exists() else None
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{was or ''}\n{line}\n")
    try:
        done = lint(copy, contract)
    finally:
        planted.write_text(was) if was is not None else planted.unlink()
        if not any(planted.parent.iterdir()):
            planted.parent.rmdir()
    assert done.returncode == 1, done.stdout[-2000:]
    assert "0 kept, 1 broken" in done.stdout
