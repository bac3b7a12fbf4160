"""What the discussion service keeps, and the indexes its questions need."""

from services.discussion.repositories import (
    cases,
    copies,
    held_posts,
    history,
    posts,
    reactions,
    taken_out,
    threads,
)

INDEXES = {
    copies.COLLECTION: copies.INDEXES,
    threads.COLLECTION: threads.INDEXES,
    posts.COLLECTION: posts.INDEXES,
    posts.VERSIONS: posts.VERSION_INDEXES,
    reactions.COLLECTION: [],
    history.COLLECTION: [],
    held_posts.COLLECTION: held_posts.INDEXES,
    held_posts.TEXTS: held_posts.TEXT_INDEXES,
    cases.CASES: cases.CASE_INDEXES,
    cases.REPORTS: cases.REPORT_INDEXES,
    cases.LOG: cases.LOG_INDEXES,
    taken_out.COLLECTION: [],
}
