"""notifications is killed in the middle of delivering: every delivery arrives, under one id, and in order.

What a killed process had heard comes again, behind what others have heard meanwhile; see
test_notifications_webhook_order.py for the ways in which that may happen.
"""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from services.gateway.switchboard import Switchboard
from tests.conftest import StartNode
from tests.e2e.api.conftest import Town
from tests.e2e.api.partners import Place
from tests.e2e.api.waiting import eventually
from tests.e2e.receivers import Headers, Received, receiver

THREADS = 8
POSTS = 20


def test_nothing_is_lost_when_the_courier_is_killed(
    node: StartNode, fresh_environment: dict[str, str]
) -> None:
    environment = fresh_environment | {
        "COMMONPLACE_CALLS_PER_MINUTE": "0",
        "COMMONPLACE_DEADLINE_SECONDS": "8",
        "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*",
    }
    running = node(environment, {"membership": 1, "discussion": 1, "notifications": 2, "gateway": 1})
    switchboard = Switchboard(environment["COMMONPLACE_BROKER"], name="tests")
    assert switchboard.wait_until_open(10)

    def slowly(before: int, received: Received) -> tuple[int, Headers]:
        time.sleep(0.03)
        return 204, {}

    try:
        place = Place(Town(running, switchboard))
        with receiver(slowly) as there:
            place.partner.registered(there.url, events=["post.added"])
            threads = [place.asks(f"Thread {number}") for number in range(THREADS)]

            def write(thread: str) -> list[str]:
                return [place.answers(thread) for _ in range(POSTS)]

            with ThreadPoolExecutor(THREADS) as writers:
                writing = [writers.submit(write, thread) for thread in threads]
                for share, victim in ((0.2, "notifications"), (0.5, "notifications-2")):
                    eventually(lambda share=share: len(there.received) > share * THREADS * POSTS, seconds=90)
                    running[victim].kill()
                    running[victim].start()
                    running[victim].wait_ready()
                written = {thread: each.result() for thread, each in zip(threads, writing, strict=True)}
            everything = {post for posts in written.values() for post in posts}
            eventually(
                lambda: {one.event["data"]["post"] for one in there.received} == everything, seconds=120
            )
            time.sleep(1)
        ids: dict[str, set[str]] = defaultdict(set)
        for one in there.received:
            ids[one.event["data"]["post"]].add(one.id)
        assert all(len(each) == 1 for each in ids.values()) and set(ids) == everything
        assert len(set().union(*ids.values())) == len(everything)
        for thread, posts in written.items():
            told = [one.event["data"]["post"] for one in there.received if one.event["subject"] == thread]
            assert list(dict.fromkeys(told)) == posts, "each thread's, by their first arrival"
    finally:
        switchboard.close()
