"""Refusals become problems: `kinds` is the table, `problem` the way from a refusal to a document."""

from services.gateway.problems.kind import Kind
from services.gateway.problems.kinds import KINDS
from services.gateway.problems.problem import (
    MEDIA_TYPE,
    OF_STATUS,
    Fault,
    Problem,
    insufficient_scope,
    of_refusal,
    of_status,
    unauthenticated,
    write,
)

__all__ = [
    "KINDS",
    "MEDIA_TYPE",
    "OF_STATUS",
    "Fault",
    "Kind",
    "Problem",
    "insufficient_scope",
    "of_refusal",
    "of_status",
    "unauthenticated",
    "write",
]
