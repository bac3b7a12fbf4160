"""Makes the client from the OpenAPI document: `make client`.

The generator, openapi-python-client, has an environment of its own, because it wants other versions of what Commonplace runs on.
"""

import copy
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from deploy.documents.openapi import openapi_document
from deploy.node.folder import node_folder

HERE = Path(__file__).parent
PACKAGE = "commonplace_client"
LOCK, SETTINGS = HERE / "generator.lock", HERE / "generator.yml"


def generator() -> Path:
    """The generator's program; installed, hashes checked, when it is not there yet."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = node_folder().path / "client-generator" / wanted
    if not (folder / "installed").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _run([*pip, "--require-hashes", "--no-deps", "--requirement", str(LOCK)])
        (folder / "installed").touch()
    return folder / "bin" / "openapi-python-client"


def generate(document: dict[str, Any], package: Path) -> None:
    """Make `v1` from a document.

    Args:
        document: what a gateway serves.
        package: the folder of `commonplace_client`; its `v1` is replaced.
    """
    with tempfile.TemporaryDirectory() as folder:
        read = Path(folder) / "openapi.json"
        read.write_text(json.dumps(_without_empty_answers(document)))
        words = ["generate", "--meta=none", "--overwrite", "--fail-on-warning"]
        made = Path(folder) / "v1"
        _run([str(generator()), *words, f"--path={read}", f"--config={SETTINGS}", f"--output-path={made}"])
        for module in made.rglob("*.py"):
            # httpx is frozen; httpx2 goes on with it.
            text = module.read_text().replace("import httpx\n", "import httpx2 as httpx\n")
            module.write_text(text)
        shutil.rmtree(package / "v1", ignore_errors=True)
        shutil.copytree(made, package / "v1", ignore=shutil.ignore_patterns(".ruff_cache", "__pycache__"))


def _without_empty_answers(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its 304: an answer without a body is `Any`, and an `Any` among types swallows the others."""
    document = copy.deepcopy(document)
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.get("responses", {}).pop("304", None)
    return document


def _run(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"✗ {' '.join(words[:3])} …\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


if __name__ == "__main__":
    generate(openapi_document("https://commonplace.example"), HERE / PACKAGE)
