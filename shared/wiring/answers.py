"""Answers as they are remembered for a repetition of their call, for two days; and how those that name somebody are found."""

from datetime import datetime

from pymongo import IndexModel

from shared.contracts import former
from shared.contracts.calls.call import Answer, Call, Once
from shared.wiring.work import Document

ANSWERS = "answers"
ANSWERS_KEPT = 2 * 24 * 3600
INDEXES = [
    IndexModel([("at", 1)], name="kept", expireAfterSeconds=ANSWERS_KEPT),
    # By whom they were given to and whom they name, so that an erasure finds them.
    IndexModel([("names", 1)], name="names"),
]


def remembered(call: Call, once: Once, answer: Answer, at: datetime) -> Document:
    """An answer as it is kept."""
    member = call.caller.member
    is_kept = call.repeated() is None
    named = former.named_in(answer.model_dump()) if is_kept else set()
    return {
        "_id": once.key,
        "member": member,
        "fingerprint": once.fingerprint,
        "answer": answer.model_dump_json() if is_kept else "{}",
        "names": sorted(named | {member} if member else named),
        "revision": getattr(answer, "revision", None),
        "at": at,
    }
