"""A lock: moderation closed the thread, and neither its author nor anybody else opens it while that holds."""

from services.discussion.domain.thread import Thread

REASON = "Locked by moderation."
"""What readers are told where a thread was open before."""


def locked(thread: Thread, case: str) -> Thread:
    """The thread with the lock of `case` on it."""
    if case in thread.locks:
        return thread
    changes: dict[str, object] = {"locks": (*thread.locks, case)}
    if thread.state == "open":
        changes |= {"state": "closed", "closed_reason": REASON, "closed_from": None, "open_before_lock": True}
    return thread.model_copy(update=changes)


def unlocked(thread: Thread, case: str) -> Thread:
    """The thread without the lock of `case`: with the last one it is as it was before the first."""
    locks = tuple(each for each in thread.locks if each != case)
    changes: dict[str, object] = {"locks": locks}
    if not locks and thread.open_before_lock:
        changes |= {"state": "open", "closed_reason": None, "open_before_lock": False}
    return thread.model_copy(update=changes)
