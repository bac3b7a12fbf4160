"""The variables that a node's processes inherit from whoever typed `make up`: kept, so that a change doesn't go unnoticed."""

import json
import os
from collections.abc import Mapping

from deploy.node.folder import NodeFolder
from deploy.node.settings import PREFIX, NodeSettings

NOTE = "variables.json"
DECIDED_HERE = {f"{PREFIX}{name}" for name in ("NODE_FOLDER", "SUPERVISED_IN", "KEYS", "ADMIN_PORT")}
"""What a process is told by the node and not by its operator's shell."""


def inherited(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that every process of a node brought up now would inherit.

    Args:
        environment: of whoever brings it up; this process's own when left out.

    Returns:
        their texts by name; without those of `NodeSettings`, which are compared by what they mean.
    """
    ours = DECIDED_HERE | {f"{PREFIX}{name.upper()}" for name in NodeSettings.model_fields}
    found = os.environ if environment is None else environment
    return {name: text for name, text in found.items() if name.startswith(PREFIX) and name not in ours}


def remember(folder: NodeFolder) -> None:
    """Note what the node that is brought up now inherits."""
    note = folder.path / NOTE
    note.touch(mode=0o600)  # a variable may hold a secret
    note.write_text(json.dumps(inherited()))


def other_than_running(folder: NodeFolder) -> list[str]:
    """Return the names of variables that are not as the running node inherited them; empty when nobody noted those."""
    note = folder.path / NOTE
    if not note.exists():
        return []
    running, asked = json.loads(note.read_text()), inherited()
    return sorted(name for name in running.keys() | asked.keys() if running.get(name) != asked.get(name))
