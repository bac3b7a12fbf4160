"""What goes wrong once ends no stream's care; a process that has lost a part ends, to be started again."""

import asyncio
import threading
from typing import Any

import pytest

from services.gateway.auth.callers import Callers
from services.gateway.problems import Problem
from services.gateway.stream.__main__ import broken_before
from services.gateway.stream.door import Door
from services.gateway.stream.hub import Hub
from services.gateway.stream.stream import Stream
from shared.contracts.calls.call import Caller
from tests.unit.stream.test_stream import MEMBER, NOON, Answering


class Doubting(Callers):
    """Fails once, as nobody expected, and then says that the credential has ended."""

    def __init__(self) -> None:
        self.asked = 0

    def identify(self, *_: Any) -> Caller:
        self.asked += 1
        raise ValueError("unheard of") if self.asked == 1 else Problem("unauthenticated")


def test_a_credential_is_looked_at_again_after_a_failure() -> None:
    async def story() -> None:
        callers = Doubting()
        door = Door(Hub(Answering(), 10, 5), callers, ["127.0.0.1"], check_seconds=0.01)
        stream = Stream(MEMBER, NOON, None)
        await asyncio.wait_for(door._watch(stream, {}), 2)
        assert (stream.is_ended, callers.asked) == (True, 2)

    asyncio.run(story())


@pytest.mark.parametrize("ending", ["is told to", "fails", "just ends"])
def test_a_process_ends_with_its_parts(ending: str) -> None:
    async def part() -> None:
        if ending == "fails":
            raise ValueError("unheard of")
        if ending == "is told to":
            await asyncio.sleep(60)

    async def story() -> None:
        stopping = asyncio.Event()
        if ending == "is told to":
            asyncio.get_running_loop().call_later(0.05, stopping.set)
        parts = [asyncio.create_task(part()), asyncio.create_task(asyncio.sleep(60))]
        is_broken = await asyncio.wait_for(broken_before(stopping, *parts), 2)
        assert is_broken == (ending != "is told to")
        for one in parts:
            one.cancel()

    asyncio.run(story())


class Slow(Callers):
    """Takes its time."""

    def __init__(self) -> None:
        self.told = threading.Event()

    def identify(self, *_: Any) -> Caller:
        self.told.wait(5)
        return Caller(member=MEMBER, scopes=frozenset({"inbox:read"}))


def test_slow_identities_do_not_keep_streams_from_catching_up() -> None:
    async def story() -> None:
        callers, hub = Slow(), Hub(Answering(), 10, 5)
        door = Door(hub, callers, ["127.0.0.1"], check_seconds=1)
        identifying = [asyncio.create_task(door._identify({})) for _ in range(100)]
        keeping = asyncio.create_task(hub.run())
        await asyncio.sleep(0.1)
        stream = Stream(MEMBER, NOON, None)
        hub.add(stream)
        await asyncio.wait_for(stream.caught_up.wait(), 2)
        assert not any(one.done() for one in identifying)
        callers.told.set()
        await asyncio.gather(*identifying)
        keeping.cancel()

    asyncio.run(story())
