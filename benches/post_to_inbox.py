"""From a post to the asker's open stream, at a quarter, half and three quarters of what the node can take.

Each of three rounds at a quarter has the raw hops beside it.

Twenty members have asked and have a stream open each; the posts answer them in turn. Open loop: posts begin at their times whether or not the ones before are done, and the waiting counts.
Split by hop, on one clock: the door (sent → 201), the inbox (201 → row written) and the stream (row
written → event received). Beside it the sum of the raw hops, one after another on the same servers and at the same
rate, because whatever was asleep a moment ago is slower than in a loop: a transaction of the same
writes, a confirmed publish, an insert.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx2
from bson import ObjectId

from benches.place import Place, percentile, place, ratio
from benches.room import Room, furnish, leave
from shared.wiring.publisher import ConfirmedPublisher, Parcel

SECONDS = 12.0
ROUNDS = 3
SHARES = (0.25, 0.5, 0.75)
CALIBRATION = 6.0
CLIENTS = 16
ASKERS = 20
AT_A_QUARTER = 0.25
"""Seconds that the 99th percentile may be at a quarter of capacity."""
TIMES_RAW = 5.0
BUSY = 503


@dataclass
class Journey:
    """One post's moments, in seconds of one clock."""

    due: float
    answered: float = 0.0
    written: float = 0.0
    received: float = 0.0


def run(folder: Path) -> dict[str, object]:
    """Measure; returns capacity, percentiles by share of it, and the ratios the project holds itself to."""
    with place(folder) as here:
        processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1, "stream": 1}
        room = furnish(here, processes=processes, people=100, threads=50, posts=2)
        try:
            return asyncio.run(_measure(here, room))
        finally:
            leave(room)


async def _measure(here: Place, room: Room) -> dict[str, object]:
    writer, askers = room.members[0], room.members[1 : ASKERS + 1]
    writing = {"Authorization": f"Bearer {room.token(writer)}"}
    asking = [{"Authorization": f"Bearer {room.token(asker)}"} for asker in askers]
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(base_url=room.node.url, timeout=30, limits=limits) as client:
        threads = []
        for headers in asking:
            opened = await client.post(
                f"/v1/communities/{room.community}/threads",
                json={"kind": "question", "title": "What helped?", "text": "We would like to know."},
                headers={**headers, "Idempotency-Key": "question"},
            )
            opened.raise_for_status()
            threads.append(opened.json()["thread"])
        journeys: dict[str, Journey] = {}
        receiving = [asyncio.create_task(_receive(room, headers, journeys)) for headers in asking]
        await asyncio.sleep(2)
        capacity = await _capacity(client, threads, writing)
        await asyncio.sleep(4)
        raws, quarters = [], []
        for round in range(ROUNDS):
            raws.append(await asyncio.to_thread(_raw_hops, here, f"raw{round}", capacity * SHARES[0]))
            quarters.append(await _at(client, threads, writing, journeys, capacity * SHARES[0]))
            await asyncio.sleep(2)
        shares = {str(SHARES[0]): quarters[-1]}
        for share in SHARES[1:]:
            shares[str(share)] = await _at(client, threads, writing, journeys, capacity * share)
            await asyncio.sleep(2)
        for each in receiving:
            each.cancel()
    figures = {
        "p50": [quarter["whole"]["p50"] for quarter in quarters],
        "p99": [quarter["whole"]["p99"] for quarter in quarters],
        "raw": [sum(raw.values()) for raw in raws],
        "bound": [AT_A_QUARTER] * ROUNDS,
    }
    return {
        "posts a second at capacity": capacity,
        "raw hops in seconds": raws[-1],
        "seconds by share of capacity": shares,
        "ratios": {
            "p99 at a quarter / 250 ms": (ratio(figures, "p99", "bound"), 1.0),
            "p50 at a quarter / raw hops": (ratio(figures, "p50", "raw"), TIMES_RAW),
        },
    }


async def _post(client: httpx2.AsyncClient, thread: str, headers: dict[str, str]) -> str:
    """Post as a client should: again under the same key when the node says that it cannot just now."""
    key = str(ObjectId())
    while True:
        answer = await client.post(
            f"/v1/threads/{thread}/posts",
            json={"text": "It helped us too."},
            headers={**headers, "Idempotency-Key": key},
        )
        if answer.status_code != BUSY:
            break
        await asyncio.sleep(0.2)
    answer.raise_for_status()
    return str(answer.json()["post"])


async def _capacity(client: httpx2.AsyncClient, threads: list[str], headers: dict[str, str]) -> float:
    """Posts a second when every client posts again as soon as it is answered."""
    done = 0
    end = time.perf_counter() + CALIBRATION

    async def post_on(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await _post(client, threads[number % len(threads)], headers)
            done += 1

    await asyncio.gather(*(post_on(number) for number in range(CLIENTS)))
    return done / CALIBRATION


async def _at(
    client: httpx2.AsyncClient,
    threads: list[str],
    headers: dict[str, str],
    journeys: dict[str, Journey],
    rate: float,
) -> dict[str, dict[str, float]]:
    """Post at `rate` a second for a while; percentiles of every hop, in seconds."""
    journeys.clear()
    begin = time.time() + 0.2
    count = int(rate * SECONDS)
    ours: set[str] = set()

    async def one(number: int) -> None:
        journey = Journey(begin + number / rate)
        await asyncio.sleep(max(0.0, journey.due - time.time()))
        post = await _post(client, threads[number % len(threads)], headers)
        journey.answered = time.time()
        ours.add(post)
        seen = journeys.setdefault(post, journey)
        seen.due, seen.answered = journey.due, journey.answered

    await asyncio.gather(*(one(number) for number in range(count)))
    patience = time.time() + 15
    while any(not journeys[post].received for post in ours) and time.time() < patience:
        await asyncio.sleep(0.05)
    missing = count - sum(journeys[post].received > 0 for post in ours)
    if missing:
        raise RuntimeError(f"{missing} of {count} posts never came down the stream")
    # What is left of the calibration may still come down the stream; only these posts count.
    whole = [journeys[post] for post in ours]
    hops = {
        "whole": [each.received - each.due for each in whole],
        "door": [each.answered - each.due for each in whole],
        "inbox": [max(0.0, each.written - each.answered) for each in whole],
        "stream": [each.received - each.written for each in whole],
    }
    return {
        name: {"p50": median(values), "p99": percentile(values, 0.99), "rate": rate}
        for name, values in hops.items()
    }


async def _receive(room: Room, headers: dict[str, str], journeys: dict[str, Journey]) -> None:
    async for notification in _events(f"{room.node.stream_url}/v1/stream", headers):
        received = time.time()
        post = notification["notification"].split(".")[1]
        journey = journeys.setdefault(post, Journey(received, received))
        journey.received = received
        journey.written = datetime.fromisoformat(notification["at"]).timestamp()


async def _events(url: str, headers: dict[str, str]) -> AsyncIterator[dict[str, str]]:
    """The stream's notifications; gone on with where it was whenever the stream ends, as a browser does."""
    last: dict[str, str] = {}
    async with httpx2.AsyncClient(timeout=None) as client:
        while True:
            async with client.stream("GET", url, headers={**headers, **last}) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    if line.startswith("id:"):
                        last = {"Last-Event-ID": line.removeprefix("id:").strip()}
                    elif line.startswith("data:") and "notification" in line:
                        yield json.loads(line.removeprefix("data:"))
            await asyncio.sleep(0.1)


def _raw_hops(here: Place, database: str, rate: float, times: int = 200) -> dict[str, float]:
    """Medians, in seconds, of what no design could leave out, at `rate` a second in a database of their own."""
    base = here.database(database)
    for name in ("posts", "threads", "answers", "outbox", "inbox"):
        base[name].insert_one({"_id": "first"})
    base["threads"].insert_one({"_id": "one", "posts": 0})
    publisher = ConfirmedPublisher(here.broker, "bench")
    publisher.connect()
    text = "It helped us too." * 20
    took: dict[str, list[float]] = {"a transaction": [], "a confirmed publish": [], "an insert": []}
    for number in range(times):
        began = time.perf_counter()
        with base.client.start_session() as session, session.start_transaction():
            base["posts"].insert_one({"_id": number, "text": text}, session=session)
            base["threads"].update_one({"_id": "one"}, {"$inc": {"posts": 1}}, session=session)
            base["answers"].insert_one({"_id": number, "text": text}, session=session)
            base["outbox"].insert_one({"_id": number, "text": text}, session=session)
        committed = time.perf_counter()
        publisher.publish([Parcel("discussion.events", "nobody", text.encode(), must_arrive=False)])
        published = time.perf_counter()
        base["inbox"].insert_one({"_id": number, "at": datetime.now(UTC), "text": text})
        took["a transaction"].append(committed - began)
        took["a confirmed publish"].append(published - committed)
        inserted = time.perf_counter()
        took["an insert"].append(inserted - published)
        time.sleep(max(0.0, 1 / rate - (inserted - began)))
    publisher.close()
    return {name: median(values) for name, values in took.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
