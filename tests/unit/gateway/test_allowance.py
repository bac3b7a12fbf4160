"""So many in a minute, and the answers say how many are left."""

from collections.abc import Callable

from services.gateway.auth.allowance import MOST_KEYS, Allowance
from services.gateway.door.application import Door
from shared.contracts.calls.discussion import GetPost
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import TOKEN, PlayedSwitchboard


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_allowance_is_whole_again_a_minute_after_its_first_use() -> None:
    clock = Clock()
    allowance = Allowance(2, clock)
    assert allowance.left("a") == (2, 60)
    assert [allowance.take("a").remaining for _ in range(3)] == [1, 0, -1]
    assert allowance.take("b").remaining == 1
    clock.now = 159.5
    assert allowance.left("a") == (-1, 1)
    clock.now = 160.0
    assert allowance.left("a") == (2, 60)
    assert allowance.take("a") == (1, 60)


def test_many_keys_do_not_fill_the_memory() -> None:
    allowance = Allowance(1, Clock())
    for number in range(MOST_KEYS + 10):
        allowance.take(number)
    assert len(allowance._taken) <= MOST_KEYS


def test_a_caller_who_asks_too_much_has_to_wait(
    make_app: Callable[..., Door], switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(GetPost, answers.post())
    client = make_app(calls_per_minute=2).test_client()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    got = [client.get(f"/v1/posts/{answers.ID}", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in got] == [200, 200, 429]
    assert [answer.headers["RateLimit"][:13] for answer in got] == [
        '"minute";r=1;',
        '"minute";r=0;',
        '"minute";r=0;',
    ]
    assert got[0].headers["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert 0 < int(got[2].headers["Retry-After"]) <= 60
    assert got[2].json["type"] == "/problems/too-many-requests"  # type: ignore[index]


def test_no_end_means_no_headers(make_app: Callable[..., Door], switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetPost, answers.post())
    answer = (
        make_app(calls_per_minute=0)
        .test_client()
        .get(f"/v1/posts/{answers.ID}", headers={"Authorization": f"Bearer {TOKEN}"})
    )
    assert answer.status_code == 200 and "RateLimit" not in answer.headers
