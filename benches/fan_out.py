"""One post to ten thousand inboxes, and what reading an inbox costs as it grows.

The fan-out is timed from the telling of a thread to the last row. Beside it the limit: one raw
`insert_many` of the same rows into a collection with the same indexes.
"""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benches.place import Place, in_turns, place, ratio
from benches.room import Room, furnish, id_of, leave
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import CountUnread, GetInbox
from shared.contracts.discussion import ThreadOpened
from shared.contracts.envelope import Envelope
from shared.contracts.vocabulary import ThreadKind
from shared.wiring.publisher import ConfirmedPublisher, Parcel

PEOPLE = 10_000
ROUNDS = 15
HELD_TO = 0.8
SIZES = (100, 1_000, 10_000, 100_000)


def run(folder: Path) -> dict[str, object]:
    """Measure; returns rows a second by contender, the ratio, and milliseconds to read by size of inbox."""
    with place(folder) as here:
        processes = {"membership": 1, "discussion": 1, "notifications": 1}
        room = furnish(here, processes=processes, people=PEOPLE, threads=0, posts=0)
        try:
            base = here.database("notifications")
            _until(lambda: base["places"].count_documents({"role": "member"}) >= PEOPLE)
            _until(lambda: base["heard"].count_documents({}) >= 2 * PEOPLE)
            time.sleep(2)
            _fan_out(here, room)  # the first one remembers the crowd
            figures = in_turns(ROUNDS, raw=lambda: _raw(here), fan_out=lambda: _fan_out(here, room))
            reading = _reading(here, room)
        finally:
            leave(room)
    return {
        "rates": figures,
        "milliseconds to read by rows in the inbox": reading,
        "ratios": {
            "fan-out / raw": (ratio(figures, "fan_out", "raw"), HELD_TO),
            "reading 100 / reading 100,000 rows": (
                (reading["page"][str(SIZES[0])] / reading["page"][str(SIZES[-1])],) * 3,
                0.5,
            ),
        },
    }


def _until(true: Any, patience: float = 120.0) -> None:
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the copies did not arrive")
        time.sleep(0.05)


def _fan_out(here: Place, room: Room) -> float:
    base = here.database("notifications")
    inbox, heard = base["inbox"], base["heard"]
    inbox.delete_many({})
    thread, moment = id_of("fan-out", time.time_ns()), datetime.now(UTC)
    fact = ThreadOpened(
        thread=thread,
        community=room.community,
        post=id_of(thread),
        kind=ThreadKind.QUESTION,
        title="What helped on your wards?",
        author=id_of("founder"),
        author_name="Founder",
        at=moment,
    )
    body = Envelope.wrap(fact, id=thread, source="discussion", time=moment).model_dump_json().encode()
    memory = f"thread-opened.discussion.{thread}"
    publisher = ConfirmedPublisher(here.broker, "bench")
    publisher.connect()
    began = time.perf_counter()
    publisher.publish([Parcel("discussion.events", ThreadOpened.type(), body)])
    # Its memory is committed when the last row is written; asked by id, so that asking costs little.
    while heard.find_one({"_id": memory}) is None:
        time.sleep(0.005)
    rate = PEOPLE / (time.perf_counter() - began)
    publisher.close()
    rows = inbox.count_documents({})
    if rows != PEOPLE:
        raise RuntimeError(f"{rows} inboxes were reached, not {PEOPLE}")
    return rate


def _raw(here: Place) -> float:
    base = here.database("notifications")
    rows = list(base["inbox"].find())
    raw = base["raw_inbox"]
    raw.delete_many({})
    for name, index in base["inbox"].index_information().items():
        if name != "_id_":
            raw.create_index(index["key"], name=name)
    began = time.perf_counter()
    raw.insert_many(rows, ordered=False)
    return len(rows) / (time.perf_counter() - began)


def _reading(here: Place, room: Room) -> dict[str, dict[str, float]]:
    inbox = here.database("notifications")["inbox"]
    pattern = inbox.find_one() or {}
    reader = room.members[1]
    caller = Caller(member=reader, organisation=room.organisations[1])
    page: dict[str, float] = {}
    count: dict[str, float] = {}
    inbox.delete_many({"member": reader})
    there = 0
    for size in SIZES:
        for first in range(there, size, 10_000):
            numbers = range(first, min(first + 10_000, size))
            inbox.insert_many(
                [
                    {
                        **pattern,
                        "_id": f"{pattern['_id']}.{number}",
                        "member": reader,
                        "position": number + 1,
                        "unread": number % 10 == 0,
                    }
                    for number in numbers
                ]
            )
        there = size
        page[str(size)] = _milliseconds(lambda: room.switchboard.call(GetInbox(caller=caller, limit=50)))
        count[str(size)] = _milliseconds(lambda: room.switchboard.call(CountUnread(caller=caller)))
    return {"page": page, "unread count": count}


def _milliseconds(ask: Any, times: int = 40) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
