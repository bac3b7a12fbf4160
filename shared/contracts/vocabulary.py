"""The words of the field as types: ids, names, and the closed lists that everybody agrees on."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""All but line breaks and tabs."""


def without_control_characters(text: str) -> str:
    """Refuse characters that no person types, so that no log, mail header or terminal is ever steered by text."""
    if CONTROL_CHARACTERS.search(text):
        raise ValueError("holds a control character; remove it")
    return text


def on_one_line(text: str) -> str:
    """Refuse line breaks where a single line is meant, such as a title that may become a mail subject."""
    if "\n" in text or "\t" in text:
        raise ValueError("must be on one line, without line breaks or tabs")
    return without_control_characters(text)


def in_utc(moment: datetime) -> datetime:
    """Bring a moment to UTC at the millisecond, which is what the database keeps."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar, in UTC; give a moment of the years 1 to 9999") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(on_one_line)
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40_000),
    AfterValidator(without_control_characters),
]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(without_control_characters),
]
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60),
    AfterValidator(on_one_line),
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        # No white space and no control character; which of these `\s` means differs between regular expressions.
        pattern=r"^[^@\s\x00-\x20\x7f-\xa0]{1,64}@[^@\s\x00-\x20\x7f-\xa0.]+(\.[^@\s\x00-\x20\x7f-\xa0.]+)+$",
    ),
]
Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]


class Sector(StrEnum):
    """Where an organisation works."""

    HEALTH = "health"
    SOCIAL_CARE = "social care"
    HIGHER_EDUCATION = "higher education"
    VOLUNTARY = "voluntary"
    OTHER = "other"


class Visibility(StrEnum):
    """Who may know of a community: all (`open`), all but joined by approval (`restricted`), its members only (`closed`)."""

    OPEN = "open"
    RESTRICTED = "restricted"
    CLOSED = "closed"


class Stage(StrEnum):
    """Where a community is in its life (Wenger, McDermott and Snyder, 2002), with a good ending."""

    POTENTIAL = "potential"
    COALESCING = "coalescing"
    MATURING = "maturing"
    STEWARDSHIP = "stewardship"
    TRANSFORMATION = "transformation"
    CLOSING = "closing"
    ARCHIVED = "archived"


class Role(StrEnum):
    """What a member may do in a community; a guest sees only the threads shared with them."""

    FACILITATOR = "facilitator"
    STEWARD = "steward"
    MEMBER = "member"
    GUEST = "guest"


class ThreadKind(StrEnum):
    """What a thread is for."""

    QUESTION = "question"
    EXPERIENCE = "experience"
    DISCUSSION = "discussion"
    ANNOUNCEMENT = "announcement"


class Reaction(StrEnum):
    """What a reader may say without a post, in words that mean something in a community of practice."""

    HELPED_ME = "helped me"
    SAME_HERE = "same here"


class Level(StrEnum):
    """How much of a community or a thread a member wants to be told."""

    ALL = "all"
    MENTIONS_AND_ANSWERS = "mentions and answers"
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why somebody should know, strongest first."""

    YOU_WERE_MENTIONED = "you were mentioned"
    YOU_ASKED = "you asked"
    YOU_FACILITATE = "you facilitate"
    YOU_FOLLOW = "you follow"
    YOUR_PROFESSION_IS_NEEDED = "your profession is needed"
    YOUR_INTEREST_IS_NEEDED = "your interest is needed"
    IT_IS_ABOUT_YOU = "it is about you"


class NotificationKind(StrEnum):
    """What happened, as an inbox shows it."""

    THREAD_OPENED = "thread opened"
    POST_ADDED = "post added"
    MENTIONED = "mentioned"
    ANSWER_ACCEPTED = "answer accepted"
    THREAD_CLOSED = "thread closed"
    THREAD_REOPENED = "thread reopened"
    THREAD_SHARED = "thread shared"
    POST_REACTED = "post reacted"
    JOIN_REQUESTED = "join requested"
    JOIN_APPROVED = "join approved"
    JOIN_DECLINED = "join declined"
    WEBHOOK_DISABLED = "webhook disabled"
    AGREEMENT_MOVED = "agreement moved"
    POST_HELD = "post held"
    HELD_POST_RELEASED = "held post released"
    HELD_POST_DECLINED = "held post declined"
    POST_REPORTED = "post reported"
    APPEAL_MADE = "appeal made"
    CASE_WAITS = "case waits"
    CASE_DECIDED = "case decided"
    REPORT_DECIDED = "report decided"
    EXPORT_READY = "export ready"


class ContentKind(StrEnum):
    """What an agreement may let leave an organisation; `threads` holds `titles`, and so each thread's title."""

    TITLES = "titles"
    THREADS = "threads"
    ARTICLES = "articles"
    RESOURCES = "resources"
    SESSIONS = "sessions"


class MemberField(StrEnum):
    """What an agreement may disclose of a member, and nothing more."""

    NAME = "name"
    PROFESSION = "profession"
    ORGANISATION = "organisation"
    SECTOR = "sector"


class AgreementState(StrEnum):
    """How an agreement stands: signed by one, in force, near its end, over but still read, read no more, ended."""

    PROPOSED = "proposed"
    IN_FORCE = "in force"
    ENDING = "ending"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class CrossingReason(StrEnum):
    """Why something crosses between two organisations, or why it does not."""

    OWN = "own"
    IN_FORCE = "in force"
    READ_ON = "read on"
    NO_AGREEMENT = "no agreement"
    NOT_IN_FORCE = "not in force"
    COMMUNITY_NOT_AGREED = "community not agreed"
    KIND_NOT_AGREED = "kind not agreed"
    WRITTEN_TOO_LATE = "written too late"
    BY_A_MEMBER = "by a member"
    WITHHELD = "withheld"


class EventType(StrEnum):
    """What a webhook tells an organisation's system of."""

    THREAD_OPENED = "thread.opened"
    POST_ADDED = "post.added"
    ANSWER_ACCEPTED = "answer.accepted"
    THREAD_CLOSED = "thread.closed"
    THREAD_REOPENED = "thread.reopened"


class Confidential(StrEnum):
    """What a text may hold that should not be told, the likeliest reading first where two are possible."""

    ORGANISATION_RULE = "organisation's rule"
    EMAIL = "e-mail address"
    CHI_NUMBER = "CHI number"
    NHS_NUMBER = "NHS number"
    PHONE_NUMBER = "phone number"
    DATE_OF_BIRTH = "date of birth"
    POSTCODE = "postcode"


class ReportReason(StrEnum):
    """What a reader finds wrong with a post."""

    CONFIDENTIAL = "confidential"
    UNKIND = "unkind"
    UNSAFE_ADVICE = "unsafe advice"
    OFF_PURPOSE = "off purpose"
    ADVERTISING = "advertising"
    OTHER = "other"


class CaseOutcome(StrEnum):
    """What becomes of a reported post in its community, the mildest first."""

    KEEP = "keep"
    MEND = "mend"
    LOCK = "lock"
    WITHDRAW = "withdraw"


class MemberOutcome(StrEnum):
    """What an organisation does about its member whose post was reported."""

    NOTHING = "nothing"
    WORD = "word"
    PASSED_ON = "passed on"
