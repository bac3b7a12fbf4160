"""What is looked for in texts: mentions, words to search, formulas, parts of an archive."""

from hypothesis import given
from hypothesis import strategies as st

from services.discussion.domain import history, mention, search
from services.discussion.domain.formula import with_formulas_as_typed
from shared.contracts.calls.discussion import ImportedPost, ImportedThread
from shared.contracts.vocabulary import Role, ThreadKind
from tests.unit.discussion.things import ANA, BEN, CAI, COMMUNITY, MORNING, place, stay


def test_a_handle_at_the_end_of_a_sentence_is_read_both_ways() -> None:
    assert mention.candidates(["ana.", "ben", "cai-."]) == ("ana.", "ana", "ben", "cai-.", "cai-", "cai")
    both = {"ana.": ANA, "ana": BEN}
    places = {ANA: place(Role.MEMBER, ANA), BEN: place(Role.MEMBER, BEN)}
    assert mention.mentioned(["ana."], both, places, guests=(), author=CAI).members == (ANA,)
    assert mention.mentioned(["ana."], {"ana": BEN}, places, guests=(), author=CAI).members == (BEN,)


def test_what_names_nobody_here_is_told_on_in_every_reading() -> None:
    known = {"ana": ANA, "ben": BEN, "cai": CAI}
    named = mention.mentioned(
        ["ana", "ben.", "cai", "dee.", "ana"], known, {ANA: place(Role.MEMBER, ANA)}, guests=(), author=CAI
    )
    assert named.members == (ANA,)
    assert named.unknown_handles == ("ben", "dee.", "dee")


def test_guests_are_named_where_they_see_the_thread() -> None:
    def named(guests: tuple[str, ...]) -> tuple[str, ...]:
        return mention.mentioned(
            ["ana"], {"ana": ANA}, {ANA: place(Role.GUEST)}, guests=guests, author=CAI
        ).members

    assert named(()) == ()
    assert named((stay(ANA, revision=2),)) == ()
    assert named((stay(ANA),)) == (ANA,)


def test_what_may_be_searched() -> None:
    places = {ANA: place(Role.GUEST, ANA, 3), BEN: place(Role.MEMBER, BEN)}
    where = search.visible(places, {ANA, CAI})
    assert where.communities == {BEN, CAI}
    assert where.stays == {stay(ANA, 3)}


@given(st.text(alphabet='ab -"', max_size=30))
def test_a_search_excludes_nothing_and_closes_what_it_opens(words: str) -> None:
    literal = search.literal(words)
    assert literal.count('"') % 2 == 0
    assert not literal.startswith("-")
    assert " -" not in literal
    assert {*literal} - {*words, " "} == set()


@given(st.text(max_size=2_000), st.text(max_size=20))
def test_an_excerpt_is_short_and_of_the_text(text: str, words: str) -> None:
    shown = search.excerpt(text, words)
    assert len(shown) <= search.EXCERPT + 4
    assert shown.removeprefix("… ").removesuffix(" …") in " ".join(text.split())


def test_an_excerpt_shows_the_words() -> None:
    text = "before " * 100 + "the numbat " + "after " * 100
    shown = search.excerpt(text, "Numbat")
    assert "the numbat after" in shown
    assert shown.startswith("… before")
    assert shown.endswith("after …")


KATEX = (
    '<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi></mrow>'
    '<annotation encoding="application/x-tex">x &lt; 1</annotation></semantics></math></span>'
    '<span class="katex-html" aria-hidden="true"><span class="mord">x</span></span></span>'
)


def test_a_formula_is_kept_as_it_was_typed() -> None:
    html = f"<p>If {KATEX}, or {KATEX}<span>then</span>.</p>"
    kept = "<p>If <code>x &lt; 1</code>, or <code>x &lt; 1</code><span>then</span>.</p>"
    assert with_formulas_as_typed(html) == kept
    broken = '<p><span class="katex"><span>x</p>'
    assert with_formulas_as_typed(broken + KATEX) == broken + KATEX
    untyped = '<span class="katex">x</span>'
    assert with_formulas_as_typed(untyped + KATEX) == untyped + "<code>x &lt; 1</code>"
    assert with_formulas_as_typed("<p>none</p>") == "<p>none</p>"


def part(*ids: str, author: str = ANA) -> ImportedThread:
    posts = tuple(ImportedPost(id=id, author=author, at=MORNING, html="<p>x</p>") for id in ids)
    return ImportedThread(id="1" * 24, community=COMMUNITY, kind=ThreadKind.QUESTION, title="T", posts=posts)


def test_a_part_is_known_by_the_posts_it_holds() -> None:
    one, two = "2" * 24, "3" * 24
    assert history.known_by(part(one, two)) == history.known_by(part(one, two, author=BEN))
    assert len({history.known_by(part(*ids)) for ids in ((one,), (two,), (one, two), (two, one))}) == 4


def test_posts_of_one_moment_keep_their_order() -> None:
    posts = history.posts_of(part("9" * 24, "8" * 24, "7" * 24), {ANA: BEN}, {}, begins=True)
    assert [post.place for post in posts] == [0, 1, 2]
    assert [post.title for post in posts] == ["T", None, None]
    assert {post.organisation for post in posts} == {BEN}
    assert history.posts_of(part("9" * 24), {}, {}, begins=False)[0].title is None


def test_counters_are_what_the_posts_say() -> None:
    thread = history.thread_of(part("9" * 24), {}, {})
    assert thread.waiting
    counted = history.recounted(thread, posts=3, last_post_at=MORNING, authors=[ANA, BEN])
    assert (counted.posts, counted.answered, counted.waiting) == (3, True, False)
