"""E-mail addresses: found from each `@`, looking a bounded way to both sides."""

import re
from collections.abc import Iterator

from services.discussion.domain.guard.finding import Finding
from shared.contracts.vocabulary import Confidential

LONGEST_NAME, LONGEST_DOMAIN, LONGEST_LINK = 64, 253, 200

_NAME = re.compile(r"[\w.+'-]+\Z")
_DOMAIN = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})(?![\w@])", re.IGNORECASE
)
_LINK = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^\s<>()\[\]\"]*\Z", re.IGNORECASE)
_REMOTE_FOLDER = re.compile(r":[\w.~-]{1,80}/")


def find(text: str) -> Iterator[Finding]:
    """Every address; a link, a member's `@handle` and where code is fetched from (`git@host:…/…`) are none."""
    at = text.find("@")
    while at >= 0:
        name = _NAME.search(text[max(0, at - LONGEST_NAME) : at])
        domain = _DOMAIN.match(text, at + 1, at + 1 + LONGEST_DOMAIN + 1) if name else None
        if name and domain:
            bare = name[0].lstrip(".'-")
            start = at - len(bare)
            is_handle = text[start - 1 : start] == "@"
            in_link = _LINK.search(text[max(0, start - LONGEST_LINK) : start])
            if bare and not is_handle and not in_link and not _REMOTE_FOLDER.match(text, domain.end()):
                yield Finding(Confidential.EMAIL, start, domain.end())
        at = text.find("@", at + 1)
