"""What something was found in is refused, or held, and released or declined; its text is never left behind."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from services.discussion.domain.held_post import KEPT
from services.discussion.service import held_posts
from shared.contracts.calls.call import Call, Caller, Once
from shared.contracts.calls.discussion import (
    AddPost,
    ChangeGuardRules,
    CloseThread,
    Closing,
    DecideHeldPost,
    EditPost,
    Experience,
    GetGuardRules,
    GetHeldPost,
    GetPost,
    GuardRule,
    HeldDecision,
    HeldPost,
    HoldEdit,
    HoldPost,
    HoldThread,
    ListHeldPosts,
    ListPosts,
    ListThreads,
    NewGuardRules,
    NewPost,
    NewThread,
    OpenThread,
    Search,
    WithdrawHeldPost,
)
from shared.contracts.discussion import HeldPostDecided, PostAdded, PostEdited, PostHeld, ThreadOpened
from shared.contracts.vocabulary import Confidential, Role, ThreadKind
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from shared.wiring.rpc import Repeated
from shared.wiring.store import new_id, now
from tests.services.discussion_room import Room, room

__all__ = ["room"]

FOUND = "She lives at LL57 2DG, ring 07700 900123. Heffalump."
OPERATOR = Caller(operator=True)


def ask(room: Room, call: Call) -> Any:
    return getattr(room.service, call.method())(call)


class Place:
    """A community with a facilitator, an author, another member, and a thread."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.community = room.community()
        self.facilitator = room.newcomer(self.community, Role.FACILITATOR)
        self.author, self.other = room.newcomer(self.community), room.newcomer(self.community)
        self.thread = room.open_thread(self.author, self.community).thread

    def hold(self, text: str = FOUND, by: Caller | None = None) -> HeldPost:
        call = HoldPost(caller=by or self.author, thread=self.thread, new=NewPost(text=text))
        held: HeldPost = ask(self.room, call)
        return held

    def decide(self, held: HeldPost, release: bool = True, by: Caller | None = None, **more: Any) -> HeldPost:
        decision = HeldDecision(release=release, reason=None if release else "She could be known by it.")
        decided: HeldPost = ask(
            self.room,
            DecideHeldPost(
                caller=by or self.facilitator,
                held_post=held.held_post,
                decision=decision,
                revision=more.pop("revision", held.revision),
                **more,
            ),
        )
        return decided

    def posts(self) -> list[str]:
        listing = ListPosts(caller=self.other, thread=self.thread)
        return [post.text for post in ask(self.room, listing).items]


@pytest.fixture
def place(room: Room) -> Place:
    return Place(room)


def nowhere_in_the_database(room: Room, words: str) -> bool:
    return not [
        name
        for name in room.store.database.list_collection_names()
        for row in room.store.database[name].find()
        if words in str(row)
    ]


def test_what_is_refused_says_where_and_what_and_is_kept_nowhere(room: Room, place: Place) -> None:
    words = f"LL57 2DG is {new_id()}"
    told = Experience(context=f"{words}, 943 476 5919", what_we_did="x", what_happened="y")
    opening = NewThread(kind=ThreadKind.EXPERIENCE, title="Ring 07700 900123", experience=told)
    once = Once(key=f"k{new_id()}", fingerprint="f")
    calls: list[tuple[Call, list[str]]] = [
        (
            OpenThread(caller=place.author, community=place.community, new=opening, once=once),
            [
                "title[5:17]",
                "experience.context[0:8]",
                f"experience.context[{len(words) + 2}:{len(words) + 14}]",
            ],
        ),
        (
            AddPost(caller=place.author, thread=place.thread, new=NewPost(text=words), once=once),
            ["text[0:8]"],
        ),
    ]
    post = room.add_post(place.author, place.thread).post
    edit = EditPost(caller=place.author, post=post, new=NewPost(text=words), revision=1, once=once)
    for call, where in [*calls, (edit, ["text[0:8]"])]:
        with pytest.raises(Invalid) as refused:
            ask(room, call)
        assert refused.value.code == "confidential-content"
        assert [fault[0] for fault in refused.value.faults] == where
        assert "LL57" not in str(refused.value.args)
        rebuilt = Invalid(*map(str, refused.value.args))
        assert rebuilt.faults == refused.value.faults
    assert nowhere_in_the_database(room, words)
    assert place.posts() == ["How do you do it?", "Like this."]


def test_who_may_not_post_learns_nothing_of_the_guard(room: Room, place: Place) -> None:
    with pytest.raises(NotAllowed, match="join it first"):
        ask(room, AddPost(caller=room.member(), thread=place.thread, new=NewPost(text=FOUND)))


def test_what_nothing_is_found_in_is_not_held(place: Place) -> None:
    with pytest.raises(Conflict) as refused:
        place.hold("Nothing here.")
    assert refused.value.code == "nothing-found"


def test_a_held_post_is_seen_by_its_author_and_facilitators_and_nobody_else(room: Room, place: Place) -> None:
    before = len(place.posts())
    held = place.hold()
    assert {(each.what, each.count) for each in held.found} == {
        (Confidential.POSTCODE, 1),
        (Confidential.PHONE_NUMBER, 1),
    }
    (fact,) = room.told(PostHeld, held.held_post)
    assert (fact.author, fact.community) == (place.author.member, place.community)
    assert "LL57" not in fact.model_dump_json()
    steward = room.newcomer(place.community, Role.STEWARD)
    for caller in (place.other, steward, room.newcomer(place.community, Role.GUEST), room.member()):
        with pytest.raises(NotFound):
            ask(room, GetHeldPost(caller=caller, held_post=held.held_post))
        with pytest.raises(NotFound):
            place.decide(held, by=caller)
        if caller is not steward:
            assert not ask(room, ListHeldPosts(caller=caller, community=place.community)).items
        assert not ask(room, Search(caller=caller, words="heffalump", community=place.community)).items
    for caller in (place.author, place.facilitator):
        whole = ask(room, GetHeldPost(caller=caller, held_post=held.held_post))
        assert (whole.text, whole.title, whole.state) == (FOUND, None, "waiting")
        (listed,) = ask(room, ListHeldPosts(caller=caller, community=place.community)).items
        assert listed == held
    assert len(place.posts()) == before
    assert ask(room, ListThreads(caller=place.other, community=place.community)).items[0].posts == before
    assert not room.told(PostAdded, place.thread)


def test_the_answer_that_is_remembered_holds_no_text(room: Room, place: Place) -> None:
    words = f"LL57 2DG {new_id()}"
    once = Once(key=f"k{new_id()}", fingerprint="f")
    call = HoldPost(caller=place.author, thread=place.thread, new=NewPost(text=words), once=once)
    held, again = ask(room, call), ask(room, call)
    assert isinstance(again, Repeated)
    assert held.held_post in again.answer
    place.decide(held, release=False)
    assert nowhere_in_the_database(room, words)


def test_released_it_is_said_as_its_author_and_told_once(room: Room, place: Place) -> None:
    held = place.hold()
    decided = place.decide(held)
    assert decided.state == "released"
    assert place.posts()[-1] == FOUND
    (added,) = room.told(PostAdded, place.thread)
    assert (added.author, added.post) == (place.author.member, decided.made)
    (fact,) = room.told(HeldPostDecided, held.held_post)
    assert fact.released
    with pytest.raises(Conflict) as late:
        place.decide(held, revision=decided.revision)
    assert late.value.code == "already-decided"
    assert ask(room, GetHeldPost(caller=place.author, held_post=held.held_post)).text is None
    assert not ask(room, ListHeldPosts(caller=place.facilitator, community=place.community)).items


def test_two_who_release_at_the_same_moment_release_it_once(
    room: Room, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without turns, as two processes: they meet in the database.
    monkeypatch.setattr(held_posts.TURNS, "run", lambda _thing, decide: decide())
    second = room.newcomer(place.community, Role.FACILITATOR)
    for _ in range(5):
        held = place.hold()
        before = len(place.posts())
        outcomes = at_once(place, held, (place.facilitator, second))
        assert sorted(outcomes) == ["already-decided", "released"]
        assert len(place.posts()) == before + 1
        assert len(room.told(HeldPostDecided, held.held_post)) == 1


def at_once(place: Place, held: HeldPost, deciders: tuple[Caller, ...]) -> list[str]:
    """What each of several hears who release at the same moment."""
    outcomes: list[str] = []
    barrier = threading.Barrier(len(deciders))

    def release(by: Caller) -> None:
        barrier.wait()
        try:
            outcomes.append(place.decide(held, by=by).state)
        except Refusal as refusal:
            outcomes.append(refusal.code)

    all_of_them = [threading.Thread(target=release, args=(by,)) for by in deciders]
    for each in all_of_them:
        each.start()
    for each in all_of_them:
        each.join()
    return outcomes


def test_a_thread_and_an_edit_are_held_and_released(room: Room, place: Place) -> None:
    told = Experience(context="At LL57 2DG", what_we_did="x", what_happened="y")
    new = NewThread(kind=ThreadKind.EXPERIENCE, title="Ring 07700 900123", experience=told)
    held = ask(room, HoldThread(caller=place.author, community=place.community, new=new))
    whole = ask(room, GetHeldPost(caller=place.facilitator, held_post=held.held_post))
    assert (whole.title, whole.text) == (
        new.title,
        "## Context\n\nAt LL57 2DG\n\n## What we did\n\nx\n\n## What happened\n\ny",
    )
    made = place.decide(held).made
    (opened,) = [fact for fact in room.told(ThreadOpened, place.community) if fact.post == made]
    assert opened.title == new.title

    post = room.add_post(place.author, place.thread).post
    edit = HoldEdit(caller=place.author, post=post, new=NewPost(text=FOUND), revision=1)
    held = ask(room, edit)
    assert ask(room, GetPost(caller=place.author, post=post)).text == "Like this."
    place.decide(held)
    assert ask(room, GetPost(caller=place.other, post=post)).text == FOUND
    assert len(room.told(PostEdited, post)) == 1


def test_what_its_author_could_not_say_now_stays_held(room: Room, place: Place) -> None:
    post = room.add_post(place.author, place.thread).post
    edit = ask(room, HoldEdit(caller=place.author, post=post, new=NewPost(text=FOUND), revision=1))
    ask(room, EditPost(caller=place.author, post=post, new=NewPost(text="Better."), revision=1))
    held = place.hold()
    closing = Closing(reason="Done.")
    ask(room, CloseThread(caller=place.author, thread=place.thread, closing=closing, revision=1))
    by_another = ask(
        room,
        HoldThread(
            caller=place.other,
            community=place.community,
            new=NewThread(kind=ThreadKind.QUESTION, title="T", text=FOUND),
        ),
    )
    room.joins(place.other, place.community, None)
    for stuck, why in ((edit, "edited meanwhile"), (held, "closed"), (by_another, "no longer takes part")):
        with pytest.raises(Conflict, match=why) as refused:
            place.decide(stuck)
        assert refused.value.code == "held-post-stays"
        whole = ask(room, GetHeldPost(caller=place.facilitator, held_post=stuck.held_post))
        assert (whole.state, whole.text) == ("waiting", FOUND)
    assert place.decide(held, release=False).state == "declined"


def test_declined_or_withdrawn_its_text_is_gone_and_kind_and_count_stay(room: Room, place: Place) -> None:
    words = f"LL57 2DG {new_id()}"
    declined = place.decide(place.hold(words), release=False)
    assert (declined.state, declined.reason) == ("declined", "She could be known by it.")
    held = place.hold(words)
    with pytest.raises(NotAllowed):
        ask(room, WithdrawHeldPost(caller=place.facilitator, held_post=held.held_post, revision=1))
    withdrawn = ask(room, WithdrawHeldPost(caller=place.author, held_post=held.held_post, revision=1))
    assert withdrawn.state == "withdrawn"
    assert nowhere_in_the_database(room, words)
    for gone in (declined, withdrawn):
        whole = ask(room, GetHeldPost(caller=place.author, held_post=gone.held_post))
        assert (whole.text, [each.what for each in whole.found]) == (None, [Confidential.POSTCODE])


def test_after_thirty_days_it_has_lapsed(room: Room, place: Place) -> None:
    held = place.hold()
    rows = room.store.database["held_posts"]
    rows.update_one({"_id": held.held_post}, {"$set": {"held_at": now() - KEPT - timedelta(seconds=1)}})
    whole = ask(room, GetHeldPost(caller=place.author, held_post=held.held_post))
    assert (whole.state, whole.text) == ("lapsed", None)
    assert not ask(room, ListHeldPosts(caller=place.facilitator, community=place.community)).items
    with pytest.raises(Conflict, match="doesn't wait"):
        place.decide(held)
    kept = room.store.database["held_texts"].index_information()["kept"]
    assert kept["expireAfterSeconds"] == KEPT.total_seconds()


def test_its_author_does_not_decide_and_a_steward_does_where_there_is_nobody_else(
    room: Room, place: Place
) -> None:
    steward = room.newcomer(place.community, Role.STEWARD)
    own = place.hold(by=place.facilitator)
    with pytest.raises(NotAllowed, match="Somebody else decides"):
        place.decide(own)
    held = place.hold()
    with pytest.raises(NotFound):
        place.decide(held, by=steward)
    listed = ask(room, ListHeldPosts(caller=steward, community=place.community)).items
    assert [each.held_post for each in listed] == [own.held_post]
    assert place.decide(own, by=steward).state == "released"
    assert place.decide(held, by=OPERATOR).state == "released"
    second = room.newcomer(place.community, Role.FACILITATOR)
    again = place.hold(by=place.facilitator)
    with pytest.raises(NotFound):
        place.decide(again, by=steward)
    assert place.decide(again, by=second).state == "released"


def test_a_decision_is_on_what_was_read(place: Place) -> None:
    with pytest.raises(Conflict) as stale:
        place.decide(place.hold(), revision=7)
    assert stale.value.code == "stale-revision"


def test_an_organisation_s_rules_hold_for_its_members_at_once(room: Room) -> None:
    place = Place(room)
    client = Caller(organisation=place.author.organisation, client=new_id())
    assert client.organisation
    assert ask(room, GetGuardRules(caller=client, organisation=client.organisation)).revision == 0
    new = NewGuardRules(rules=(GuardRule(name="Hospital number", template="RXA ######"),))
    room.add_post(place.author, place.thread, "RXA 123456")
    change = ChangeGuardRules(caller=client, organisation=client.organisation, new=new, revision=0)
    assert ask(room, change).revision == 1
    with pytest.raises(Invalid) as refused:
        room.add_post(place.author, place.thread, "See rxa 123456.")
    assert refused.value.faults == (
        ("text[4:14]", "looks like what your organisation guards as “Hospital number”"),
    )
    room.add_post(place.other, place.thread, "RXA 123456")
    with pytest.raises(Conflict):
        ask(room, change)
    for other in (
        Caller(organisation=new_id(), client=new_id()),
        place.other,
        Caller(organisation=new_id(), client=new_id(), member=new_id()),
    ):
        with pytest.raises(NotFound):
            ask(room, change.model_copy(update={"caller": other}))
    for own in (place.author, client.model_copy(update={"member": place.author.member})):
        with pytest.raises(NotAllowed):
            ask(room, GetGuardRules(caller=own, organisation=client.organisation))
    cleared = ChangeGuardRules(
        caller=OPERATOR, organisation=client.organisation, new=NewGuardRules(rules=()), revision=1
    )
    assert ask(room, cleared).revision == 2
    room.add_post(place.author, place.thread, "RXA 123456")
