"""docs/quick-start.md as an engineer works through it: its commands, as they stand there and in their order."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest

from deploy.node.folder import node_folder
from deploy.node.ports import free_ports
from tests.conftest import StartNode

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quick-start.md").read_text()
FIVE_MINUTES = 300.0


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An environment of the engineer's own, in which what the page installs need not be fetched again."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "fetched.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As the repository, for commands that leave files behind."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name not in ("clients", "dist", ".git"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "clients", folder / "clients", ignore=shutil.ignore_patterns("v1", "build"))
    return folder


def test_its_commands_end_with_a_webhook_that_is_verified(
    node: StartNode, fresh_environment: dict[str, str], checkout: Path, python: Path
) -> None:
    (hooks,) = free_ports(1)
    environment = {**fresh_environment, "COMMONPLACE_OUTBOUND_ALLOWED": f"http://127.0.0.1:{hooks}"}
    running = node(environment)
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    script = "\n".join(blocks).replace("http://127.0.0.1:8800", running.url).replace("9000", str(hooks))
    began = time.monotonic()
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=checkout,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
            "COMMONPLACE_NODE_FOLDER": str(node_folder().path),
            "COMMONPLACE_BROKER": environment["COMMONPLACE_BROKER"],
            "PATH": f"{python}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=FIVE_MINUTES,
        check=False,
    )
    took = time.monotonic() - began
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    print(f"The quick start took {took:.0f} s of its five minutes.")
    assert took < FIVE_MINUTES / 2, "half of it is for reading"
    assert "Falls prevention → What works for falls?" in done.stdout
    assert done.stdout.splitlines()[-1] == "verified: thread.opened What works for falls?"
