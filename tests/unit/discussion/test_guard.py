"""What the guard finds, where, and what it leaves alone; every person and number here is made up."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.discussion.domain.gate import findings_in, parts_of
from services.discussion.domain.guard import (
    NONE,
    Marks,
    Rules,
    findings,
    marks_of,
    may_cross,
)
from services.discussion.domain.guard.postcodes import AREAS
from shared.contracts.calls.discussion import Experience, GuardRule, NewThread
from shared.contracts.vocabulary import Confidential, ThreadKind

NHS, CHI, BORN = Confidential.NHS_NUMBER, Confidential.CHI_NUMBER, Confidential.DATE_OF_BIRTH
POSTCODE, PHONE, EMAIL = Confidential.POSTCODE, Confidential.PHONE_NUMBER, Confidential.EMAIL
OWN = Confidential.ORGANISATION_RULE


def found(text: str, own: Rules = NONE) -> list[tuple[Confidential, str]]:
    return [(finding.kind, text[finding.start : finding.end]) for finding in findings(text, own)]


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("See 943 476 5919, ward 3", NHS, "943 476 5919"),
        ("NHS9434765919", NHS, "9434765919"),
        ("no. 943-476-5919.", NHS, "943-476-5919"),
        ("**943** 476 5919", NHS, "943** 476 5919"),
        ("CHI 010101 0001?", CHI, "010101 0001"),
        ("CHI 0101010001", CHI, "0101010001"),
        ("She was born 3 May 1950.", BORN, "3 May 1950"),
        ("born on the 3rd of May, 1950", BORN, "3rd of May, 1950"),
        ("DOB: 03/05/50", BORN, "03/05/50"),
        ("d.o.b. 1950-05-03", BORN, "1950-05-03"),
        ("03.05.1950 (date of birth)", BORN, "03.05.1950"),
        ("Date of birth\n\nMay 3rd, 1950", BORN, "May 3rd, 1950"),
        ("ganwyd 3/5/1950", BORN, "3/5/1950"),
        ("lives at LL57 2DG now", POSTCODE, "LL57 2DG"),
        ("ll572dg", POSTCODE, "ll572dg"),
        ("near sw1a 1aa", POSTCODE, "sw1a 1aa"),
        ("ring 07700 900123", PHONE, "07700 900123"),
        ("ring 020 7946 0958 or", PHONE, "020 7946 0958"),
        ("+44 (0)20 7946 0958", PHONE, "+44 (0)20 7946 0958"),
        ("(01632) 960123", PHONE, "(01632) 960123"),
        ("from +1 650 253 0000", PHONE, "+1 650 253 0000"),
        ("write to jo.price@example.org.", EMAIL, "jo.price@example.org"),
        ("[me](mailto:jo@example.org)", EMAIL, "jo@example.org"),
        ("<o'neill+ward@sub.example.nhs.uk>", EMAIL, "o'neill+ward@sub.example.nhs.uk"),
    ],
)
def test_it_is_found_where_it_stands(text: str, kind: Confidential, what: str) -> None:
    assert found(text) == [(kind, what)]


@pytest.mark.parametrize(
    "text",
    [
        "943 476 5918",  # the check digit is wrong
        "0000000000",
        "a94347659190f hash, r9434765919, 12345678901234567890, 0.9434765919",
        "On 3 May 1950 the ward opened.",
        "It is reborn. A newborn clinic on 3/5/2020.",
        "45/67/1950 born",
        "LL57, QQ1 1AA, ZZ9 9ZZ, 2DG",
        "the proof of h1 2nd, and e1 3rd",
        "version 1.2.3.4, 2020-2021, 1 000 000, 10 20 30 40 50",
        "@carys.evans and @mair.rees, please",
        "https://example.org/@jo@example.org/12 and ssh://git@example.org/a.git",
        "git@example.org:team/project.git and lean@4.2.1",
        "a@b, @example.org, x@.org, x@localhost",
        "ring 111, 999 or extension 4432",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("９４３ ４７６ ５９１９", (0, 12)),
        ("x 943\u00a0476\u20115919", (2, 14)),
        ("94\u200b3\u200d476\u00ad5919!", (0, 13)),
        ("٩٤٣٤٧٦٥٩١٩", (0, 10)),
        ("ﬃ ﷺ 943 476 5919", (4, 16)),  # what becomes several characters moves nothing
        ("𝟗𝟒𝟑𝟒𝟕𝟔𝟓𝟗𝟏𝟗", (0, 10)),
    ],
)
def test_other_characters_hide_nothing_and_the_place_is_that_of_the_text_as_sent(
    text: str, what: tuple[int, int]
) -> None:
    (finding,) = findings(text)
    assert (finding.kind, finding.start, finding.end) == (NHS, *what)


def test_full_width_addresses_and_hidden_spaces_are_seen_through() -> None:
    assert [
        finding.kind for finding in findings("jo＠example．org, LL57\u20072DG, 07700\u2009900\u2009123")
    ] == [
        EMAIL,
        POSTCODE,
        PHONE,
    ]


def check_digit(nine: str) -> str | None:
    """The other way round than the guard has it: by the remainder of eleven."""
    rest = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
    return {11: "0", 10: None}.get(rest, str(rest))


nines = some.text("0123456789", min_size=9, max_size=9).filter(lambda nine: check_digit(nine) and int(nine))
around = some.text("abc xyz,;:!?()éß\n—\u200b\u00a0", max_size=60)


@given(nines, some.sampled_from(("", " ", "-", "\u00a0", "\u2011", " - ")), around, around)
def test_every_number_with_its_check_digit_is_found_and_no_other(
    nine: str, between: str, before: str, after: str
) -> None:
    last = check_digit(nine)
    assert last
    number = between.join((nine[:3], nine[3:6], nine[6:] + last))
    text = f"{before} {number} {after}"
    start = len(before) + 1
    hits = [each for each in findings(text) if each.kind in (NHS, CHI)]
    assert [(each.start, each.end) for each in hits] == [(start, start + len(number))]
    wrong = number[:-1] + str((int(last) + 1) % 10)
    assert not [each for each in findings(f"{before} {wrong} {after}") if each.kind in (NHS, CHI)]


@given(some.integers(1, 28), some.integers(1, 12), some.integers(0, 99), some.integers(0, 999), around)
def test_a_number_that_begins_with_a_date_is_a_chi_number(
    day: int, month: int, year: int, serial: int, before: str
) -> None:
    nine = f"{day:02}{month:02}{year:02}{serial:03}"
    if (last := check_digit(nine)) is None:
        return
    for number in (nine + last, f"{nine[:6]} {nine[6:]}{last}"):
        assert found(f"{before} {number}") == [(CHI, number)]


letters = some.sampled_from("ABDEFGHJLNPQRSTUWXYZ")


@given(some.sampled_from(sorted(AREAS)), some.integers(0, 99), some.integers(0, 9), letters, letters, around)
def test_every_postcode_is_found(
    area: str, district: int, sector: int, one: str, two: str, before: str
) -> None:
    for between in (" ", "", "\u00a0"):
        code = f"{area}{district}{between}{sector}{one}{two}"
        for written in (code, code.lower()):
            if between and written[-3:] in ("1st", "2nd", "3rd"):
                continue
            assert (POSTCODE, written) in found(f"{before} {written}.")


WORST = (
    "1 ", "1/2/3 ", "07 ", "01 23 45 ", "0 ", "+44 ", "07700 900 ", "a@", "a.b-", "3/5/", "dob 3 may ", "born ",
    "943 476 591 ", "AB1 ", "٣٣ ", "\u200b", "(0)", "012 345/67 ", "+", "1 may ", "x@a.b.c.d-", "https://a@",
)  # fmt: skip


@pytest.mark.parametrize("piece", WORST)
def test_the_worst_texts_take_time_in_proportion(piece: str) -> None:
    """Forty thousand characters made to go wrong; ten times as many as a tenth of them, and no more than twice that."""
    own = Rules(rules=tuple(GuardRule(name=f"r{n}", template="@@@@ ######") for n in range(40)))

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        best = 9.0
        for _ in range(2):
            began = time.process_time()
            findings(text, own)
            best = min(best, time.process_time() - began)
        return best

    whole = seconds(40_000)
    assert whole < 3
    assert whole < 0.1 or whole < 10 * seconds(4_000) * 2.5


def rule(name: str = "Hospital number", **how: str) -> Rules:
    return Rules(rules=(GuardRule.model_validate({"name": name, **how}),), revision=3)


@pytest.mark.parametrize(
    ("own", "text", "what"),
    [
        (rule(template="RXA ######"), "patient rxa 123456, and", "rxa 123456"),
        (rule(template="RXA ######"), "RXA-123456", "RXA-123456"),
        (rule(template="@#@#-##"), "no. a1B2-34.", "a1B2-34"),
        (rule(template="X.+(####"), "X.+(1234", "X.+(1234"),  # a template is no pattern
        (rule(phrase="Project Bluebell"), "on project\n bluebell today", "project\n bluebell"),
    ],
)
def test_an_organisation_s_own_rules_are_followed(own: Rules, text: str, what: str) -> None:
    (finding,) = findings(text, own)
    assert (finding.kind, text[finding.start : finding.end], finding.rule) == (OWN, what, own.rules[0].name)
    assert own.rules[0].name in finding.in_words
    assert findings(text) == ()


@pytest.mark.parametrize("text", ["RXA 12345", "RXA 1234567", "BRXA 123456", "R.A 123456", "Bluebell"])
def test_an_organisation_s_rule_finds_whole_things_only(text: str) -> None:
    assert findings(text, rule(template="RXA ######")) == ()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"template": "####", "phrase": "Bluebell"},
        {"template": "##"},
        {"template": "- . - . -"},
        {"phrase": "abc"},
        {"phrase": "x" * 101},
        {"template": "#" * 41},
    ],
)
def test_a_rule_that_would_find_everything_is_none(how: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        GuardRule.model_validate({"name": "R", **how})


def test_every_part_of_an_experience_is_looked_at() -> None:
    told = Experience(
        context="Ring 07700 900123",
        what_we_did="LL57 2DG",
        what_happened="Nothing",
        what_we_would_change="jo@example.org",
    )
    new = NewThread(kind=ThreadKind.EXPERIENCE, title="About 943 476 5919", experience=told)
    assert {
        part: [each.kind for each in hits] for part, hits in findings_in(parts_of(new), Rules()).items()
    } == {
        "title": [NHS],
        "experience.context": [PHONE],
        "experience.what_we_did": [POSTCODE],
        "experience.what_we_would_change": [EMAIL],
    }


def test_what_was_found_crosses_only_once_it_is_released() -> None:
    clean = marks_of("Nothing here", rule(phrase="Bluebell"))
    assert clean == Marks(rules="1.3")
    assert may_cross(clean)
    marks = marks_of("943 476 5919 and 943 476 5919 at LL57 2DG")
    assert marks.found == {NHS: 2, POSTCODE: 1}
    assert not may_cross(marks)
    assert may_cross(marks.model_copy(update={"released_by": "f" * 24}))
