"""What redocly and spectral, linters that nobody here wrote, say of an OpenAPI document."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.oracles.installed import oracles

RULES = "openapi_rules.yaml"
NOTHING_FOUND, FOUND = 0, 1
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def by_redocly(document: dict[str, Any], folder: Path) -> list[str]:
    """What redocly's recommended rules find: errors and warnings, each as the rule and the place."""
    told = _run(["redocly", "lint", "--extends=recommended", "--format=json"], document, folder)
    return [f"{one['ruleId']} {one['location'][0]['pointer']}: {one['message']}" for one in told["problems"]]


def by_spectral(document: dict[str, Any], folder: Path) -> list[str]:
    """What spectral's own rules and OWASP's find, whatever the severity, each as the rule and the place."""
    words = [
        "spectral",
        "lint",
        "--ruleset",
        str(oracles() / RULES),
        "--fail-severity=hint",
        "--format=json",
        "--quiet",
    ]
    told = _run(words, document, folder)
    return [f"{one['code']} {'/'.join(map(str, one['path']))}: {one['message']}" for one in told]


def _run(words: list[str], document: dict[str, Any], folder: Path) -> Any:
    """Run a linter; that it could not be run is a failure, and that it found nothing is told by itself."""
    (folder / "openapi.json").write_text(json.dumps(document))
    done = subprocess.run(
        [str(oracles() / "node_modules" / ".bin" / words[0]), *words[1:], str(folder / "openapi.json")],
        cwd=folder, env={**os.environ, **QUIET}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in (NOTHING_FOUND, FOUND), done.stderr[-4000:]
    told = json.loads(done.stdout)
    assert bool(told["problems"] if isinstance(told, dict) else told) == (done.returncode == FOUND), told
    return told
