"""The second gate at work: what another organisation's system reads in the place of what must not cross.

A member of another organisation reads a post as a person, in the community in which it was said. A
system carries it away. So what something was found in, and nobody released, is withheld from systems of
other organisations than the author's: what was said before there was a guard, and what an archive brought.
So is what a reader has reported as confidential, until that is decided.
"""

from html import escape

from services.discussion.domain import guard
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread, is_title_withheld
from shared.contracts.calls.discussion import Post as ShownPost
from shared.contracts.calls.discussion import PostVersion, ThreadSummary
from shared.contracts.grant import WITHHELD_TITLE

TEXT = (
    "Withheld: this may hold something of a person that should not leave its organisation, "
    "and no facilitator has released it."
)
HTML = f"<p>{escape(TEXT)}</p>\n"


def is_withheld(of: Post | Thread, system_of: str | None) -> bool:
    """Whether a post's text, or a thread's title, is withheld from the caller.

    Args:
        of: what is to be read.
        system_of: whose system reads it; None when no system does.
    """
    if system_of is None or of.organisation == system_of:
        return False
    if isinstance(of, Thread):
        return is_title_withheld(of)
    return of.doubted or not guard.may_cross(of.marks or guard.marks_of(of.text))


def instead_of_post(shown: ShownPost) -> ShownPost:
    """A post of which only that it is there crosses."""
    return shown.model_copy(update={"text": TEXT, "html": HTML, "mentions": ()})


def instead_of_title(shown: ThreadSummary) -> ThreadSummary:
    """A thread without its title."""
    return shown.model_copy(update={"title": WITHHELD_TITLE})


def versions(of: Post, shown: list[PostVersion], system_of: str | None) -> list[PostVersion]:
    """A post's versions for the caller; earlier ones have no marks, and are looked at when they are read."""
    if system_of is None or of.organisation == system_of:
        return shown
    return [each if _crosses(of, each) else _instead_of(each) for each in shown]


def _crosses(of: Post, version: PostVersion) -> bool:
    marks = of.marks if version.revision == of.revision else None
    return not of.doubted and guard.may_cross(marks or guard.marks_of(version.text))


def _instead_of(version: PostVersion) -> PostVersion:
    return version.model_copy(update={"text": TEXT, "html": HTML})
