"""Reading a thread, listing threads and posting, through the gateway and beside a bare Flask view.

Also the call's own share: the same reading asked of the service through the switchboard alone.
"""

import json
import secrets
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from benches.place import Place, in_turns, place, ratio
from benches.room import Room, furnish, leave
from benches.wrk import Load, load, posting, reading
from deploy.node.ports import free_ports
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import GetThread

ROUNDS = 3
THREADS_OF_SERVER = 32
HELD_TO = 0.4


def run(folder: Path) -> dict[str, object]:
    """Measure; returns rates, 99th percentiles and the ratios the project holds itself to."""
    with place(folder) as here:
        processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1}
        room = furnish(here, processes=processes, people=200, threads=200, posts=10)
        bare = _bare(here)
        try:
            return _measure(here, room, bare)
        finally:
            leave(room)


def _bare(here: Place) -> str:
    (port,) = free_ports(1)
    here.spawn("-m", "benches.bare", BARE_PORT=str(port), BARE_THREADS=str(THREADS_OF_SERVER))
    time.sleep(3)
    return f"http://127.0.0.1:{port}"


def _measure(here: Place, room: Room, bare: str) -> dict[str, object]:
    reader = room.members[0]
    headers = {"Authorization": f"Bearer {room.token(reader)}"}
    p99: dict[str, list[float]] = {}

    def one(name: str, script: str, url: str) -> float:
        seen: Load = load(script, url, here.folder)
        if seen.bad:
            raise RuntimeError(f"{name}: {seen.bad} answers were not 2xx")
        p99.setdefault(name, []).append(seen.p99)
        return seen.rate

    ours, as_reader = room.node.url, f"?reader={reader}"
    listing, posts = (
        f"/v1/communities/{room.community}/threads",
        [f"/v1/threads/{id}/posts" for id in room.threads],
    )
    figures = in_turns(
        ROUNDS,
        bare_read=lambda: one(
            "bare_read", reading([f"/threads/{id}{as_reader}" for id in room.threads], {}), bare
        ),
        read=lambda: one("read", reading([f"/v1/threads/{id}" for id in room.threads], headers), ours),
        call_read=partial(_calls, room, reader),
        bare_list=lambda: one(
            "bare_list", reading([f"/communities/{room.community}/threads{as_reader}"], {}), bare
        ),
        list=lambda: one("list", reading([listing], headers), ours),
        bare_post=lambda: one(
            "bare_post",
            posting([f"/threads/{id}/posts{as_reader}" for id in room.threads], {}, secrets.token_hex(4)),
            bare,
        ),
        post=lambda: one("post", posting(posts, headers, secrets.token_hex(4)), ours),
    )
    return {
        "rates": figures,
        "p99 in seconds": p99,
        "ratios": {
            "reading a thread / bare": (ratio(figures, "read", "bare_read"), HELD_TO),
            "listing threads / bare": (ratio(figures, "list", "bare_list"), HELD_TO),
            "posting / bare": (ratio(figures, "post", "bare_post"), HELD_TO),
            "the call alone / bare": (ratio(figures, "call_read", "bare_read"), None),
        },
    }


def _calls(room: Room, reader: str, seconds: float = 6.0, callers: int = 16) -> float:
    counts = [0] * callers
    end = time.monotonic() + seconds

    def ask(number: int) -> None:
        caller = Caller(member=reader, organisation=room.organisations[0])
        while time.monotonic() < end:
            thread = room.threads[(counts[number] * callers + number) % len(room.threads)]
            room.switchboard.call(GetThread(caller=caller, thread=thread))
            counts[number] += 1

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(callers)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return sum(counts) / seconds


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
