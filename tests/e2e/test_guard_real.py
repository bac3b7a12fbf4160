"""How often the guard cries wolf in a real archive of posts that hold nothing of the kind."""

import gzip
import json
from collections import Counter

from services.discussion.domain import guard
from services.discussion.domain.markdown import sanitised, words_of
from shared.contracts.vocabulary import Confidential
from tests.e2e.archives import corpus

LOOKED_AT = 10_000
MOST_WITH_ANY = 10
"""Posts in ten thousand in which something may be found; docs/guard.md says what it was in all of them."""


def test_in_ten_thousand_real_posts_next_to_nothing_is_found() -> None:
    kinds: Counter[Confidential] = Counter()
    looked_at = 0
    with gzip.open(corpus() / "threads.jsonl.gz", "rt") as lines:
        for line in lines:
            for post in json.loads(line)["posts"]:
                kinds.update({each.kind for each in guard.findings(words_of(sanitised(post["html"])))})
                looked_at += 1
            if looked_at >= LOOKED_AT:
                break
    assert looked_at >= LOOKED_AT
    assert kinds.total() <= MOST_WITH_ANY, kinds
