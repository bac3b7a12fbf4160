"""The API as it was last written down: docs/openapi.json, and in docs/api-changelog.md what came with which version.

`python -m tests.contract.api` writes both down anew, and refuses what would break who calls. Until a first version is released nobody has been
promised anything: `--unreleased` writes even so, and is refused as soon as CHANGELOG.md tells of a release.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from deploy.documents.openapi import openapi_document
from tests.contract.api_changes import breaking, names

DOCS = Path(__file__).parents[2] / "docs"
SNAPSHOT, CHANGELOG = DOCS / "openapi.json", DOCS / "api-changelog.md"
RELEASES = DOCS.parent / "CHANGELOG.md"
LINE = re.compile(r"^\* (added|removed) `([^`]+)`(?:: (.+))?$", re.MULTILINE)
Json = dict[str, Any]


def current() -> Json:
    """What a gateway serves now."""
    return openapi_document("https://commonplace.example")


def kept() -> Json:
    """What was written down."""
    document: Json = json.loads(SNAPSHOT.read_text())
    return document


def told(changelog: str) -> dict[str, set[str]]:
    """What there should be by the changelog: operations and schemas, each with its parts."""
    found: dict[str, set[str]] = {}
    for verb, name, parts in reversed(list(LINE.findall(changelog))):  # the newest stands on top
        given = set(re.findall("`([^`]+)`", parts))
        if verb == "added":
            found.setdefault(name, set()).update(given)
        elif given:
            found[name] -= given
        else:
            found.pop(name, None)
    return found


def untold(document: Json, changelog: str) -> list[str]:
    """The lines that the changelog lacks."""
    known = told(changelog)
    lines = []
    there = names(document)
    for name, parts in there.items():
        new = [part for part in parts if part not in known.get(name, ())]
        if new or name not in known:
            lines.append(f"* added `{name}`" + (": " + ", ".join(f"`{part}`" for part in new) if new else ""))
    for name, parts in known.items():
        gone = sorted(parts - set(there.get(name, ())))
        if name not in there:
            lines.append(f"* removed `{name}`")
        elif gone:
            lines.append(f"* removed `{name}`: " + ", ".join(f"`{part}`" for part in gone))
    return lines


def is_released(changes: str) -> bool:
    """Whether anything was ever released, by what CHANGELOG.md tells."""
    return re.search(r"^## \[?v?\d", changes, re.MULTILINE) is not None


def write(unreleased: bool) -> None:
    """Write both down, unless something would break."""
    document = current()
    if unreleased and is_released(RELEASES.read_text()):
        sys.exit("A version has been released, and is a promise: deprecate first what is to change.")
    if SNAPSHOT.exists() and not unreleased and (broken := breaking(kept(), document)):
        sys.exit("This would break who calls the API:\n" + "\n".join(broken))
    SNAPSHOT.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    changelog = CHANGELOG.read_text()
    if lines := untold(document, changelog):
        heading = f"## {document['info']['version']}\n"
        if heading not in changelog:
            first = changelog.find("\n## ") + 1 or len(changelog)
            changelog = f"{changelog[:first]}{heading}\n\n{changelog[first:]}"
        before, _, after = changelog.partition(heading)
        CHANGELOG.write_text(f"{before}{heading}\n" + "\n".join(lines) + "\n" + after.removeprefix("\n"))


if __name__ == "__main__":
    write("--unreleased" in sys.argv[1:])
