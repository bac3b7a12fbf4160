"""The first gate: what a writer is told when something was found, before anything is stored."""

from collections.abc import Mapping

from services.discussion.domain import guard
from services.discussion.domain.guard import Finding, Rules
from shared.contracts.calls.discussion import NewThread
from shared.errors import Conflict, Invalid, faults_as_text

MOST_SHOWN = 50
"""Findings that a refusal lists; somebody who has more of them knows by then."""


def parts_of(new: NewThread) -> dict[str, str]:
    """Every text of a new thread, by where it stands in what was sent."""
    parts = {"title": new.title}
    if new.text is not None:
        parts["text"] = new.text
    if new.experience is not None:
        told = new.experience.model_dump(exclude_none=True)
        parts |= {f"experience.{part}": text for part, text in told.items()}
    return parts


def findings_in(parts: Mapping[str, str], own: Rules) -> dict[str, tuple[Finding, ...]]:
    """What was found in each of several texts, by the name of the part; parts without any are left out."""
    return {part: found for part, text in parts.items() if (found := guard.findings(text, own))}


def all_of(found: Mapping[str, tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """The findings of all parts together."""
    return tuple(finding for some in found.values() for finding in some)


def confidential_content(found: Mapping[str, tuple[Finding, ...]]) -> Invalid:
    """The refusal of what something was found in: where, and what it looks like; never the text itself."""
    faults = [
        (f"{part}[{finding.start}:{finding.end}]", finding.in_words)
        for part, some in found.items()
        for finding in some
    ]
    more = len(faults) - MOST_SHOWN
    return Invalid(
        "Something in it should perhaps not be told: take out what `errors` lists"
        + (f" (and {more} more)" if more > 0 else "")
        + ", or insist, by sending it to `held-posts`, and a facilitator decides.",
        "confidential-content",
        faults=faults_as_text(faults[:MOST_SHOWN]),
    )


def nothing_found() -> Conflict:
    """The refusal to hold what there is no reason to hold."""
    return Conflict("Nothing was found in it: post it in the usual way.", "nothing-found")
