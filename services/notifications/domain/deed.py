"""A deed: something somebody did that others should know of, whichever fact told of it.

Kept once; every inbox row it leads to points to it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.contracts.vocabulary import NotificationKind


class Title(NamedTuple):
    """What a thread is called, and whether that must not reach another organisation's system."""

    title: str
    withheld: bool


class Deed(BaseModel):
    """What happened, and whom it names.

    Args:
        id: follows from the fact, so that hearing it twice makes the same deed.
        thing: what an inbox shows once, whatever concerns it: a post and a later mention in it are one.
        title, link: what an inbox shows of it, and where it is read.
        by, by_name: who did it; None when nobody is to be shown.
        at: when it was done.
        mentions: members it names by `@handle`.
        unknown_handles: what in it may name others, of whom its teller had not heard; see `naming`.
        asker: whose question it is about.
        subject: the one member it is done to.
        parties: members who are never told of it, because they have no part in deciding it.
        professions, interests: whose eyes its author wants, in lower case.
        organisation, thread_organisation: whose deed it is, and in whose thread; None when not told.
        title_withheld: whether the title must not reach another organisation's system; None when not told.
        number: its place among what is told of its thread, from 1 on; None when it has none.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    thing: str
    kind: NotificationKind
    community: str
    thread: str | None = None
    title: str
    link: str
    by: str | None
    by_name: str | None
    at: datetime
    mentions: tuple[str, ...] = ()
    unknown_handles: tuple[str, ...] = ()
    asker: str | None = None
    subject: str | None = None
    parties: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    organisation: str | None = None
    thread_organisation: str | None = None
    title_withheld: bool | None = None
    number: int | None = None


def naming(deed: Deed, by_handle: Mapping[str, str]) -> Deed:
    """The deed with those among its mentions whom its unknown handles turn out to name.

    `@anna.` came as `anna.` and as `anna`; it means one of them, the longest that there is.

    Args:
        deed: as it was kept.
        by_handle: members by handle, as far as this service has heard.
    """
    there = [handle for handle in deed.unknown_handles if handle in by_handle]
    found = [by_handle[each] for each in there if not any(_is_shorter(each, other) for other in there)]
    return deed.model_copy(update={"mentions": (*deed.mentions, *found)}) if found else deed


def _is_shorter(handle: str, other: str) -> bool:
    """Whether one is the other without what may end a sentence."""
    return handle != other and other.startswith(handle) and not other[len(handle) :].strip("._-")


def titled(deed: Deed, titles: Mapping[str, Title]) -> Deed:
    """The deed with the title that its thread has now, where `titles` knows it, by thread."""
    now = titles.get(deed.thread or "")
    return deed.model_copy(update={"title": now.title, "title_withheld": now.withheld}) if now else deed


def post_of(deed: Deed) -> str | None:
    """The post that a deed is about, None when it is about none."""
    about, _, rest = deed.thing.partition(".")
    return rest.partition(".")[0] if about in ("post", "answer", "reacted") else None
