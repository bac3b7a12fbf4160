"""A challenge is kept as its digest, also where answers are remembered for a repetition."""

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Once
from shared.wiring.store import Store
from tests.services.test_membership.cast import Cast
from tests.services.test_membership.test_moving import just_signed_in


def test_no_remembered_answer_holds_a_challenge_and_a_repetition_gets_a_fresh_one(
    cast: Cast, store: Store
) -> None:
    person = cast.person()
    cast.community(person)
    once = Once(key=f"{person.id}:challenge", fingerprint="1" * 64)
    door = "https://node.example.org"
    call = calls.BeginPasskey(caller=just_signed_in(person.caller), once=once, door=door)
    first, again = (cast.ask(call, calls.PasskeyOptions) for _ in range(2))
    assert first.challenge != again.challenge
    assert store.database.passkey_challenges.count_documents({"member": person.id}) == 2
    for challenge in (first.challenge, again.challenge):
        assert not store.database.answers.find_one({"answer": {"$regex": challenge}})
