"""The confidentiality guard: what of a person should not be in a post, found before it is stored.

People who ask each other about their work slip: a number is pasted with the line of a spreadsheet, a
patient is "born 3 May 1950", a colleague's phone number is quoted. What has been told to forty people
in nine organisations cannot be called back. So a text is looked at before it is kept, and its writer is
shown what was found and where; they mend it, or insist, and a facilitator decides.

What is found, each kind in a file beside this one:

    NHS and CHI numbers      ten digits with the right check digit; one in eleven of any ten digits has it
    dates of birth           a date near a word for birth
    postcodes                a whole UK postcode of an area that exists
    phone numbers            what could be dialled from Britain
    e-mail addresses         not links, not members' handles
    an organisation's rules  templates such as `RXA ######`, and phrases

What it cannot catch, and nobody should think that it did: names; addresses without a postcode; "the only
man on Bardsey with that disease"; numbers in words, in pictures, in attachments, behind links; a digit
mistyped, so that the check digit is wrong; a date of birth that nothing calls so; an age; phone numbers that are
short or of a country's own writing; numbers taken apart on purpose. It looks at one text at a time, and never at what two of them tell
together. It knows nothing of medicine. It is a hand on the sleeve, not a wall.

Only kinds and counts are ever kept, counted or logged; the text that was found never is. A look takes
time in proportion to the text: every pattern here looks a bounded way ahead and behind.
"""

from services.discussion.domain.guard import (
    dates_of_birth,
    emails,
    health_numbers,
    phone_numbers,
    postcodes,
    rules,
)
from services.discussion.domain.guard.crossing import Marks, may_cross
from services.discussion.domain.guard.finding import Finding, Found, counted, strongest
from services.discussion.domain.guard.plain import Plain
from services.discussion.domain.guard.rules import NONE, Rules

__all__ = ["NONE", "Finding", "Found", "Marks", "Rules", "counted", "findings", "marks_of", "may_cross"]

_KINDS = (health_numbers, dates_of_birth, emails, phone_numbers, postcodes)


def findings(text: str, own: Rules = NONE) -> tuple[Finding, ...]:
    """Everything in `text` that looks confidential, in the order of the text.

    Args:
        text: as written.
        own: the writer's organisation's own rules.
    """
    plain = Plain(text)
    found = [finding for kind in _KINDS for finding in kind.find(plain.text)]
    found += rules.find(plain.text, own)
    return tuple(
        finding._replace(start=start, end=end)
        for finding in strongest(found)
        for start, end in [plain.written(finding.start, finding.end)]
    )


def marks_of(text: str, own: Rules = NONE) -> Marks:
    """What is to be kept of a look at a text, which nobody has released."""
    return Marks(rules=own.version, found=counted(findings(text, own)))
