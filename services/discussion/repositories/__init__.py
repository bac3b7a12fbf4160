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
from shared.wiring.erasing import ERASING
from shared.wiring.erasing import INDEXES as ERASING_INDEXES
from shared.wiring.gathering import INDEXES as GATHERING_INDEXES

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
    ERASING: ERASING_INDEXES,
    **GATHERING_INDEXES,
}
