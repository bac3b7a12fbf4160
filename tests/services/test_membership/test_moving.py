"""Who moves while somebody signs in or makes a token as them at the old home leaves nothing of it behind."""

import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Caller
from shared.errors import Refusal
from shared.wiring.store import Store
from tests.services.test_membership.cast import Cast
from tests.services.test_membership.test_first_sign_in import provider, provision


def just_signed_in(caller: Caller) -> Caller:
    """A caller as at a browser a moment after signing in."""
    return caller.model_copy(update={"signed_in_at": datetime.now(UTC)})


def test_no_way_in_survives_a_move_at_the_same_moment(cast: Cast, store: Store) -> None:
    old, new = cast.organisation(), cast.organisation()
    door = provider(cast, old)

    def ask(call: Call) -> object:
        try:
            return cast.switchboard.ask(call, timeout=10)
        except Refusal as refusal:
            return refusal

    for number in range(6):
        mover = provision(cast, old, f"oid-{number}")
        caller = Caller(member=mover, organisation=old, scopes=frozenset({"members:read"}))
        code = cast.ask(calls.IssueMoveCode(caller=just_signed_in(caller)), calls.MoveCode).secret
        assert code is not None
        sign_in = calls.OpenSignIn(
            caller=Caller(),
            provider=door,
            subject=f"subject of oid-{number}",
            external_id=f"oid-{number}",
            attempt=hashlib.sha256(secrets.token_bytes()).hexdigest(),
        )
        token = calls.IssueToken(caller=caller, new=calls.NewToken(name="t", scopes=("members:read",)))
        move = calls.MoveHome(caller=cast.person(new).caller, code=code)
        several: list[Call] = [move, sign_in, token]
        with ThreadPoolExecutor(len(several)) as pool:
            moved, *_ = pool.map(ask, several)
        assert isinstance(moved, calls.Member), moved
        assert moved.organisation == new
        for collection in ("tokens", "sign_ins", "identities"):
            assert not list(store.database[collection].find({"member": mover})), collection


def test_of_two_moves_with_one_code_one_happens(cast: Cast) -> None:
    mover, *accounts = cast.person(), cast.person(), cast.person()
    code = cast.ask(calls.IssueMoveCode(caller=just_signed_in(mover.caller)), calls.MoveCode).secret
    assert code is not None

    def go(caller: Caller) -> str | None:
        try:
            call = calls.MoveHome(caller=caller, code=code)
            return cast.ask(call, calls.Member).organisation
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(go, [account.caller for account in accounts]))
    assert len(outcomes) == 2 and "move-code-no-longer-good" in outcomes
