"""Answers as services give them, for tests that need some answer and not a certain one."""

from datetime import UTC, datetime

from services.gateway.switchboard import Reply
from shared.contracts.calls.call import Done, Page
from shared.contracts.calls.discussion import Author, Post, Thread
from shared.contracts.vocabulary import ThreadKind

ID = "0123456789abcdef01234567"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AUTHOR = Author(
    member=ID, name="Carys Evans", profession="Physiotherapist", organisation_name="Betsi Cadwaladr"
)
POST = Post(
    post=ID, thread=ID, community=ID, author=AUTHOR, text="Hello", html="<p>Hello</p>", mentions=(),
    reactions={}, posted_at=AT, edited_at=None, revision=3,
)  # fmt: skip
THREAD = Thread(
    thread=ID, community=ID, kind=ThreadKind.QUESTION, title="Why?", author=AUTHOR, professions=(),
    interests=(), posts=1, accepted_answer=None, state="open", closed_reason=None, opened_at=AT,
    last_post_at=AT, revision=7, first_posts=(POST,), next=None,
)  # fmt: skip


def thread(repeated: bool = False) -> Reply:
    """One thread at revision 7."""
    return Reply(THREAD.model_dump_json().encode(), THREAD.revision, repeated)


def post() -> Reply:
    """One post at revision 3."""
    return Reply(POST.model_dump_json().encode(), POST.revision)


def posts(next: str | None = None) -> Reply:
    """A page of one post."""
    return Reply(Page[Post](items=(POST,), next=next).model_dump_json().encode())


def done() -> Reply:
    """It is done."""
    return Reply(Done().model_dump_json().encode())
