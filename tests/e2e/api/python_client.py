"""The Python client, made from the document that a node serves and brought to where tests can import it."""

import shutil
import sys
from pathlib import Path
from typing import Any

from clients.python.generate import HERE, PACKAGE, generate


def make_client(document: dict[str, Any], folder: Path) -> Path:
    """Make the client in a folder: what is written by hand beside what the document gives."""
    hand_written = shutil.ignore_patterns("v1", "__pycache__")
    shutil.copytree(HERE / PACKAGE, folder / PACKAGE, ignore=hand_written)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(HERE / name, folder)
    generate(document, folder / PACKAGE)
    return folder


def forget_client() -> None:
    """Let nobody import it from here any more."""
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
