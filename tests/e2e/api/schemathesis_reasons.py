"""For what reasons the node may answer 422 to what its document allows, each with the request that it is for.

Loaded by Schemathesis, as its hooks. Any other 422 to valid data is a rule that is stricter than the document.
"""

import re
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any, NamedTuple

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import AcceptedNegativeData, RejectedPositiveData

KEY = re.compile(r"[!-~]([ -~]{0,198}[!-~])?")
ID = re.compile("[0-9a-f]{24}")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Reason(NamedTuple):
    """One reason.

    Args:
        problem: the problem's type.
        what: what is told of a field.
        applies: whether it is one for this request; a rule that refuses others for it is too strict.
        why: why the document doesn't say it.
    """

    problem: str
    what: str
    applies: Callable[[Case], bool]
    why: str


def texts(value: Any) -> Iterator[str]:
    """Every text in what is sent."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def numbers(value: Any) -> Iterator[float]:
    """Every number in the objects that are sent."""
    for inner in value.values() if isinstance(value, dict) else ():
        if isinstance(inner, int | float):
            yield inner
        else:
            yield from numbers(inner)


def some_text(case: Case, holds: Callable[[str], object]) -> bool:
    """Whether a text in the body or the query is of that kind."""
    return any(holds(text) for text in (*texts(case.body), *texts(dict(case.query or {}))))


def tells_text_and_experience_apart(case: Case) -> bool:
    """Whether a thread's `text` and `experience` are there as its kind wants it."""
    body: Any = case.body
    text, experience = body.get("text"), body.get("experience")
    sound = text is None if body["kind"] == "experience" else experience is None and text is not None
    return sound and (body["kind"] != "experience" or experience is not None)


def guard_rules(case: Case) -> list[dict[str, Any]]:
    """The rules that are sent, when it is about an organisation's rules."""
    body: Any = case.body
    return list(body["rules"]) if case.operation.path.endswith("/guard-rules") else []


REASONS = (
    Reason(
        "invalid",
        "holds a control character; remove it",
        lambda case: some_text(case, CONTROL_CHARACTERS.search),
        "No person types one; a pattern that says so would be all that is seen of the field.",
    ),
    Reason(
        "invalid",
        "must be on one line, without line breaks or tabs",
        lambda case: some_text(case, lambda text: set("\n\t") & set(text)),
        "Likewise.",
    ),
    Reason(
        "invalid",
        "begins or ends with white space; leave it out",
        lambda case: some_text(case, lambda text: text != text.strip()),
        "What counts as white space is Unicode's to say; a pattern that did would be unreadable.",
    ),
    Reason(
        "invalid",
        "String should have at least 1 character",
        lambda case: some_text(case, lambda text: not text.strip()),
        "White space around a text is no part of it, and here nothing else is there.",
    ),
    Reason(
        "invalid",
        "give `text`, or `experience` for an experience, and not both",
        lambda case: not tells_text_and_experience_apart(case),
        "Which of two fields goes with which kind can be said by if and then, which no generator of clients reads.",
    ),
    Reason(
        "invalid",
        "an experience, and only an experience, is told in `experience`",
        lambda case: not tells_text_and_experience_apart(case),
        "Likewise.",
    ),
    Reason(
        "invalid",
        "Input should be a valid integer",
        lambda case: any(isinstance(value, float) and value.is_integer() for value in numbers(case.body)),
        "6.0 is an integer to JSON Schema and not to us: types are not guessed.",
    ),
    Reason(
        "invalid",
        "is outside the calendar, in UTC; give a moment of the years 1 to 9999",
        lambda case: some_text(case, re.compile("^(0001|9999)-").match),
        "Whether a moment is depends on its offset.",
    ),
    Reason(
        "invalid",
        "is no day of the calendar",
        lambda case: some_text(case, re.compile("-(02-(29|30|31)|(04|06|09|11)-31)T").search),
        "JSON Schema's patterns know no calendar.",
    ),
    Reason(
        "invalid",
        "`between` names the same organisation twice",
        lambda case: len({one["organisation"] for one in case.body["terms"]["between"]}) == 1,
        "What one field may be depends on another.",
    ),
    Reason(
        "invalid",
        "`review_at` must be before `expires_at`",
        lambda case: case.body["terms"]["review_at"] >= case.body["terms"]["expires_at"],
        "What one field may be depends on another.",
    ),
    Reason(
        "invalid",
        "who is declined is told why: give a `reason`",
        lambda case: not case.body.get("release") and case.body.get("reason") is None,
        "That one field is needed with one value of another can be said by if and then, which no generator reads.",
    ),
    Reason(
        "invalid",
        "give `template` or `phrase`, and not both",
        lambda case: any(
            (rule.get("template") is None) == (rule.get("phrase") is None) for rule in guard_rules(case)
        ),
        "Likewise.",
    ),
    Reason(
        "invalid",
        "must hold at least 4 letters or digits, or it is found everywhere",
        lambda case: case.operation.path.endswith("/guard-rules"),
        "What counts as a letter is Unicode's to say.",
    ),
    Reason(
        "invalid",
        "every rule needs a name of its own",
        lambda case: (
            len({str(rule.get("name")).strip().lower() for rule in guard_rules(case)})
            < len(guard_rules(case))
        ),
        "JSON Schema can compare whole items only.",
    ),
    Reason(
        "confidential-content",
        "looks like a postcode",
        lambda case: some_text(case, lambda text: "LL57 2DG" in text),
        "The example of a held post has a postcode in it, and serves for posts that are not held as well.",
    ),
    Reason(
        "guest-by-invitation",
        "A guest comes by invitation only; invite them as one.",
        lambda case: case.body == {"role": "guest"},
        "A role that one has been invited to can't be given later, and is a role all the same.",
    ),
    Reason(
        "search-too-broad",
        "These words are in too many posts; give rarer ones.",
        lambda case: case.operation.path == "/v1/search",
        "It depends on what others have written.",
    ),
)


def was_put_right(case: Case, failure: AcceptedNegativeData) -> bool:
    """Whether what was violated is an id in the address, in whose place the configuration has put one that is."""
    violated = re.search(r"parameter `(\w+)` in path", failure.message)
    return violated is not None and ID.fullmatch(str(case.path_parameters[violated.group(1)])) is not None


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Promise every request anew: a key that was drawn before would be refused as one of another request."""
    if case.headers and KEY.fullmatch(str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = token_hex(12)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Whether it is one: valid data that is refused for a good reason is none, nor an id that was put right."""
    if isinstance(failure, AcceptedNegativeData):
        return not was_put_right(case, failure)
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    problem = response.json()
    told = {one["what"] for one in problem.get("errors", ())}
    good = {
        reason.what
        for reason in REASONS
        if problem["type"] == f"/problems/{reason.problem}" and reason.what in told and reason.applies(case)
    }
    return not told or not told <= good
