"""Whom a directory's group names: read from the SCIM resource that is kept of it, and taken out of it."""

import json
from collections.abc import Collection


def members_in(document: str) -> tuple[str, ...]:
    """The ids of the entries that a group has as its members, each once."""
    named = (one.get("value") for one in json.loads(document).get("members") or [])
    return tuple(sorted({one for one in named if isinstance(one, str)}))


def without_members(document: str, gone: Collection[str]) -> str:
    """A group's SCIM resource without some of its members.

    Args:
        gone: the ids of their entries.
    """
    group = json.loads(document)
    group["members"] = [one for one in group.get("members") or [] if one.get("value") not in gone]
    return json.dumps(group, ensure_ascii=False, separators=(",", ":"))


def without_names(document: str, there: Collection[str]) -> str:
    """A group's SCIM resource with the names of those of its members only who are in the directory.

    Args:
        there: the ids of the entries that are.
    """
    group = json.loads(document)
    group["members"] = [
        one
        if one.get("value") in there
        else {name: value for name, value in one.items() if name.casefold() != "display"}
        for one in group.get("members") or []
    ]
    return json.dumps(group, ensure_ascii=False, separators=(",", ":"))
