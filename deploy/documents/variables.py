"""Writes docs/variables.md: every variable by which an operator changes something, from the settings that read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from deploy.node.settings import PREFIX, NodeSettings
from services.gateway.settings import GatewaySettings
from services.gateway.stream.settings import StreamSettings
from services.membership.settings import MembershipSettings
from services.notifications.settings import NotificationsSettings
from shared.settings import ProcessSettings, ServiceSettings

HEADER = """# The variables

Written by `commonplace variables > docs/variables.md` from the settings that read them; a test compares. Where to keep them, and how a node
comes back after a reboot: [operating.md](operating.md#where-settings-are-kept).

"""
SETS = "make up"
READERS: tuple[tuple[str, type[BaseSettings]], ...] = (
    (SETS, NodeSettings),
    ("every process", ProcessSettings),
    ("every service", ServiceSettings),
    ("membership", MembershipSettings),
    ("gateway, stream", GatewaySettings),
    ("stream", StreamSettings),
    ("notifications", NotificationsSettings),
)
"""Who reads which settings; the first that has a variable says of it what the list says."""
ELSEWHERE = (
    ("NODE_FOLDER", ".node", "The one folder that a node on this machine writes to.", "every command"),
    ("BIND", "127.0.0.1", "On which address of the machine the doors are published.", "docker compose"),
)
DECIDED = {"ADMIN_PORT", "KEYS"}
"""What `make up` tells processes itself; containers are told it from outside."""


class Variable(NamedTuple):
    """One line of the list."""

    name: str
    default: str
    sentence: str
    reader: str


def variables() -> Iterator[Variable]:
    """Yield every variable once, those of `make up` first."""
    for name, default, sentence, reader in ELSEWHERE:
        yield Variable(PREFIX + name, default, sentence, reader)
    seen: set[str] = set()
    for reader, settings in READERS:
        for field, about in settings.model_fields.items():
            name = field.upper()
            if name not in seen:
                seen.add(name)
                who = f"{reader}; `make up` sets it" if name in DECIDED else reader
                yield Variable(PREFIX + name, _default(about), about.description or "", who)


def variables_page() -> str:
    """Return the page."""
    lines = ["| variable | as it comes | what it does | read by |", "|---|---|---|---|"]
    for one in variables():
        default = f"`{one.default}`" if one.default else ""
        lines.append(
            f"| `{one.name}` | {default} | {one.sentence.replace('|', chr(92) + '|')} | {one.reader} |"
        )
    return HEADER + "\n".join(lines) + "\n"


def _default(about: FieldInfo) -> str:
    value = about.default
    if value is None or value in ("", ()):
        return ""
    return value.as_posix() if isinstance(value, Path) else str(value)
