"""What stands where a member who was erased stood: the same words in every service, so that none can be told apart."""

import json
from collections.abc import Collection
from typing import Any

NAME = "A former member"
PROFESSION = "not stated"
TEXT = "Removed at its author's wish."
TITLE = "Removed at its author's wish"
PREFIX = "former-member-"
EMAIL = "removed@former-member.invalid"
LONGEST_ADDRESS = 320

STANDS_FOR: dict[str, Any] = {
    "name": NAME,
    "profession": PROFESSION,
    "interests": [],
    "organisation": None,
    "organisation_name": None,
    "message": None,
    "document": "{}",
}
"""Of what an answer may say of a member, field by field."""
OF_WHAT_THEY_WROTE = {"title": TITLE, "text": TEXT, "html": f"<p>{TEXT}</p>"}


def handle(member: str) -> str:
    """The handle of somebody who was erased; it is nobody else's, being made of their id."""
    return f"{PREFIX}{member}"


def named_in(answer: Any) -> set[str]:
    """By what an answer is found again when somebody whom it names is erased: ids of members, and addresses.

    Args:
        answer: as plain values.
    """
    named: set[str] = set()
    _collect(answer, named)
    return named


def _collect(value: Any, named: set[str]) -> None:
    if isinstance(value, str):
        if "@" in value and len(value) <= LONGEST_ADDRESS and not any(map(str.isspace, value)):
            named.add(value)
    elif isinstance(value, dict):
        if isinstance(member := value.get("member"), str):
            named.add(member)
        for inner in value.values():
            _collect(inner, named)
    elif isinstance(value, list | tuple):
        for inner in value:
            _collect(inner, named)


def without(answer: str, member: str, *, texts: bool, words: Collection[str] = ()) -> str:
    """An answer that is remembered for a repetition, without what it says of a member who was erased.

    Args:
        answer: its JSON.
        member: who was erased.
        texts: whether what they wrote goes too.
        words: what names them and is nobody else's, such as their e-mail address.
    """
    return json.dumps(_without(json.loads(answer), member, texts, frozenset(words)), ensure_ascii=False)


def _without(value: Any, member: str, texts: bool, words: frozenset[str]) -> Any:
    match value:
        case str():
            return EMAIL if value in words else value
        case list():
            return [_without(inner, member, texts, words) for inner in value]
        case dict():
            changed = {name: _without(inner, member, texts, words) for name, inner in value.items()}
            if value.get("member") == member:
                changed |= {name: said for name, said in STANDS_FOR.items() if name in value}
                if "handle" in value:
                    changed["handle"] = handle(member)
            author = value.get("author")
            if texts and isinstance(author, dict) and author.get("member") == member:
                changed |= {
                    name: said for name, said in OF_WHAT_THEY_WROTE.items() if value.get(name) is not None
                }
            return changed
        case _:
            return value
