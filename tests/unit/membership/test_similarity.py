"""Whether two communities would be called similar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain.similarity import (
    MOST_SHOWN,
    MOST_TERMS,
    THRESHOLD,
    Described,
    findable_terms,
    likeness,
    most_alike,
    telling_terms,
)
from services.membership.domain.words import is_slip, stem, terms_of
from tests.unit.membership.things import a_community

DESCRIBED = st.builds(
    Described,
    title=st.text(min_size=1, max_size=60),
    domain=st.none() | st.text(max_size=80),
    purpose=st.none() | st.text(max_size=80),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Physiotherapy in care homes", "Care home physiotherapists"),
        ("Falls prevention", "Preventing falls in older people"),
        ("A community of practice for wound care", "Wound care network"),
        ("Dementia care", "Dementai care"),
        ("Diabetes in primary care", "Diabetic primary care"),
        ("Éducation thérapeutique", "Education therapeutique"),
        ("Teaching statistics with R", "Statistics teaching: R"),
    ],
)
def test_near_duplicates_are_similar(one: str, other: str) -> None:
    assert likeness(Described(title=one), Described(title=other)) >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wound care", "Primary care"),
        ("Community 1", "Community 2"),
        ("Community of practice for midwives", "Community of practice for librarians"),
        ("Physiotherapy in Derby", "Speech therapy in Derby"),
        ("Mental health in schools", "School meals"),
        ("Prevention of falls", "Presentation skills"),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert likeness(Described(title=one), Described(title=other)) < THRESHOLD


def test_another_title_for_the_same_purpose_is_similar() -> None:
    one = Described(
        title="The upright club", domain="Falls of older people", purpose="Fewer falls in care homes"
    )
    other = Described(
        title="Steady on", domain="Older people's falls", purpose="To have fewer falls in care homes"
    )
    assert likeness(one, other) >= THRESHOLD
    assert likeness(one, other.model_copy(update={"domain": None, "purpose": None})) == 0


@given(DESCRIBED, DESCRIBED)
def test_likeness_is_the_same_both_ways_and_between_nothing_and_all(one: Described, other: Described) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


@given(DESCRIBED)
def test_everything_with_a_word_is_like_itself(thing: Described) -> None:
    assert likeness(thing, thing) == (1 if terms_of(thing.title) or terms_of(thing.about) else 0)


@given(DESCRIBED, DESCRIBED)
def test_what_is_similar_by_its_words_shares_a_term_to_be_found_by(one: Described, other: Described) -> None:
    """Candidates are looked up by shared terms; only a title of nothing but slips could escape."""
    exact = terms_of(one.title) & terms_of(other.title) | terms_of(one.about) & terms_of(other.about)
    if exact and len(telling_terms(other)) < MOST_TERMS // 2:
        assert telling_terms(one) & set(findable_terms(other))


def test_a_community_is_found_by_a_bounded_number_of_terms_its_title_first() -> None:
    about = " ".join(f"word{number}x" for number in range(400))
    terms = findable_terms(Described(title="Wound network", purpose=about))
    assert len(terms) == MOST_TERMS
    assert terms[:2] == ["network", "wound"]


def test_the_most_alike_come_first_and_not_too_many() -> None:
    communities = [a_community(id=f"{number:024x}", title="Wound care nursing") for number in range(20)]
    best = a_community(id="f" * 24, title="Wound care")
    alike = most_alike(Described(title="Wound care"), [*communities, best, a_community(title="Choirs")])
    assert len(alike) == MOST_SHOWN
    assert alike[0] == (best, 1.0)
    assert all(likeness == 0.8 for _, likeness in alike[1:])


@pytest.mark.parametrize(
    "forms",
    [
        ("physiotherapy", "physiotherapist", "physiotherapists"),
        ("nurse", "nurses", "nursing"),
        ("prevent", "prevention", "preventing", "prevented"),
        ("home", "homes"),
        ("care", "cares"),
        ("university", "universities"),
        ("education", "educators"),
    ],
)
def test_the_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_a_slip_is_one_letter_of_a_long_word() -> None:
    assert is_slip("dementia", "dementai")
    assert is_slip("dementia", "dementa")
    assert is_slip("dementia", "dementtia")
    assert is_slip("dementia", "demantia")
    assert not is_slip("dementia", "dimentai")
    assert not is_slip("home", "hope")


@given(st.text("abc", min_size=6, max_size=9), st.text("abc", min_size=6, max_size=9))
def test_a_slip_is_a_slip_both_ways(one: str, other: str) -> None:
    assert is_slip(one, other) == is_slip(other, one)
