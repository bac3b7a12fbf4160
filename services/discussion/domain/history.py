"""History: threads of another archive, as written there, at their own times and by their own authors."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from services.discussion.domain import guard
from services.discussion.domain.formula import with_formulas_as_typed
from services.discussion.domain.guard import Rules
from services.discussion.domain.markdown import rendered, sanitised, words_of
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import ImportedPost, ImportedThread
from shared.contracts.discussion import HistoryImported
from shared.contracts.vocabulary import Confidential
from shared.errors import NotAllowed

# A post keeps no spans, and highlighted code is made of little else: without them the sanitiser has a
# fraction of the work. What this may do to a strange attribute is for the sanitiser to mend.
_SPANS = re.compile(r"</?span(?: [^<>]*)?>")


def check_imports(caller: Caller) -> None:
    """Refuse everybody but the operator: history is written in other people's names."""
    if not caller.operator:
        raise NotAllowed("Only the operator brings in an archive.", "operator-only")


def known_by(part: ImportedThread) -> str:
    """The name by which a part of a thread is known again: its thread, and which posts it holds."""
    digest = hashlib.sha256("".join(post.id for post in part.posts).encode()).hexdigest()
    return f"{part.id}:{digest[:32]}"


def thread_of(
    part: ImportedThread, organisations: Mapping[str, str | None], rules: Mapping[str, Rules]
) -> Thread:
    """The thread that a first part begins; for `organisations` and `rules` see `posts_of`."""
    first = part.posts[0]
    return Thread(
        id=part.id,
        community=part.community,
        kind=part.kind,
        title=part.title,
        author=first.author,
        organisation=organisations.get(first.author),
        interests=part.interests,
        posts=len(part.posts),
        answered=any(post.author != first.author for post in part.posts),
        opened_at=first.at,
        last_post_at=max(post.at for post in part.posts),
        marks=guard.marks_of(part.title, _rules(first.author, organisations, rules)),
    )


def posts_of(
    part: ImportedThread, organisations: Mapping[str, str | None], rules: Mapping[str, Rules], *, begins: bool
) -> list[Post]:
    """The posts of a part, kept as written, empty and very long ones too; the guard looks, and holds nothing.

    Args:
        organisations: where the authors are at present.
        rules: organisations' own rules of the guard, of those that have any.
        begins: whether the thread begins with this part.
    """
    posts = []
    for place, imported in enumerate(part.posts):
        text, html = _text_and_html(imported)
        posts.append(
            Post(
                id=imported.id,
                thread=part.id,
                community=part.community,
                author=imported.author,
                organisation=organisations.get(imported.author),
                title=part.title if begins and place == 0 else None,
                text=text,
                html=html,
                posted_at=imported.at,
                place=place,
                marks=guard.marks_of(text, _rules(imported.author, organisations, rules)),
            )
        )
    return posts


def recounted(thread: Thread, *, posts: int, last_post_at: datetime, authors: Collection[str]) -> Thread:
    """The thread with its counters as its posts say they are."""
    answered = any(author != thread.author for author in authors)
    return thread.model_copy(update={"posts": posts, "last_post_at": last_post_at, "answered": answered})


def imported(part: ImportedThread, thread: Thread) -> HistoryImported:
    """The fact that this part of `thread` is here now."""
    return HistoryImported(
        thread=part.id,
        community=part.community,
        title=part.title,
        opened_by=thread.author,
        participants=tuple(dict.fromkeys(post.author for post in part.posts)),
        posts=len(part.posts),
        at=max(post.at for post in part.posts),
    )


def found_in(threads: Iterable[Thread], posts: Iterable[Post]) -> guard.Found:
    """What the guard found in titles and posts, by kind."""
    found: Counter[Confidential] = Counter()
    for marks in (each.marks for some in (threads, posts) for each in some):
        found.update(marks.found if marks else {})
    return dict(found)


def _rules(author: str, organisations: Mapping[str, str | None], rules: Mapping[str, Rules]) -> Rules:
    return rules.get(organisations.get(author) or "", guard.NONE)


def _text_and_html(post: ImportedPost) -> tuple[str, str]:
    if post.html is not None:
        html = sanitised(_SPANS.sub("", with_formulas_as_typed(post.html)))
        return post.text if post.text is not None else words_of(html), html
    text = post.text or ""
    return text, rendered(text).html
