"""Why nothing came back: we would not call, or they did not answer as they should."""

from typing import Literal

RefusalReason = Literal["address", "host", "port", "scheme", "url"]
FailureReason = Literal["malformed", "timeout", "tls", "too-large", "unreachable", "unresolved"]


class OutboundError(Exception):
    """A call that had no answer.

    Args:
        reason: a word from a short list, for metrics and logs.
        sentence: what is wrong and how to mend it; names no address that a name was resolved to.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence


class OutboundRefused(OutboundError):
    """We do not call that: nothing was sent, and nothing was connected to."""

    def __init__(self, reason: RefusalReason, sentence: str) -> None:
        super().__init__(reason, sentence)


class OutboundFailed(OutboundError):
    """We called, and no whole answer came in time and in size."""

    def __init__(self, reason: FailureReason, sentence: str) -> None:
        super().__init__(reason, sentence)
