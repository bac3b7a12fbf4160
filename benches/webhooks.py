"""Webhooks delivered per second by one notifications process, and what a dead receiver costs the others.

Beside it the limit: the same bodies, signed, posted by bare httpx2 to the same receiver from as many threads
as a webhook has calls at a time. A delivery is more than its post: who is still there is asked
again, and what came of it is written to disk before the next of its thread.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2

from benches.place import Place, in_turns, place, rate_until, ratio
from benches.room import id_of
from deploy.node.folder import CHECKOUT
from services.notifications.domain.deed import Deed
from services.notifications.domain.delivery import deliver, message
from services.notifications.domain.webhook import Secret, Webhook
from services.notifications.repositories import INDEXES, CrowdMemory, Repositories
from services.notifications.repositories.webhooks import Webhooks
from services.notifications.service.courier import WIDTH
from services.notifications.service.sending import signed
from shared.contracts.vocabulary import EventType, NotificationKind
from shared.wiring.sealing import Seal
from shared.wiring.store import Store, Work, connect

DELIVERIES = 2_000
ROUNDS = 5
SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"  # noqa: S105 - opens nothing
NOW = datetime.now(UTC).replace(microsecond=0)
COMMUNITY, MEMBER, ORGANISATION = id_of("community"), id_of("member"), id_of("organisation")
HELD_TO = 0.9
"""What the others still do beside a dead receiver, of what they do without: the goal is all of it."""


def run(folder: Path) -> dict[str, object]:
    """Measure; returns rates by contender and ratios."""
    with place(folder) as here, _receiver("quick") as quick, _receiver("dead") as dead:
        figures = in_turns(
            ROUNDS,
            raw=lambda: _raw(quick),
            one_webhook=lambda: _delivered(here, [quick]),
            ten_webhooks=lambda: _delivered(here, [quick] * 10),
            ten_beside_a_dead_one=lambda: _delivered(here, [quick] * 10, [dead]),
            ten_beside_ten_dead_ones=lambda: _delivered(here, [quick] * 10, [dead] * 10),
        )
    return {
        "rates": figures,
        "ratios": {
            "ten webhooks / raw": (ratio(figures, "ten_webhooks", "raw"), None),
            "beside a dead receiver / without": (
                ratio(figures, "ten_beside_a_dead_one", "ten_webhooks"), HELD_TO,
            ),
            "beside ten dead receivers / without": (
                ratio(figures, "ten_beside_ten_dead_ones", "ten_webhooks"), None,
            ),
        },
    }  # fmt: skip


@contextmanager
def _receiver(kind: str) -> Iterator[str]:
    running = subprocess.Popen(
        [sys.executable, "-m", "benches.receiver", kind], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    assert running.stdout is not None
    try:
        yield f"http://127.0.0.1:{running.stdout.readline().strip()}/"
    finally:
        running.terminate()
        running.wait()


def _deeds() -> list[Deed]:
    return [
        Deed(
            id=f"post.{id_of('post', number)}", thing=f"post.{id_of('post', number)}", kind=NotificationKind.POST_ADDED,
            community=COMMUNITY, thread=id_of("thread", number), title="What works for falls?",
            link=f"/v1/posts/{id_of('post', number)}", by=MEMBER, by_name="Ana", at=NOW,
            organisation=ORGANISATION, thread_organisation=ORGANISATION,
        )
        for number in range(DELIVERIES)
    ]  # fmt: skip


def _webhook(seal: Seal, url: str, number: int) -> Webhook:
    id = id_of("webhook", number)
    return Webhook(
        id=id, organisation=ORGANISATION, client=id_of("client"), name="Bench", url=url, events=tuple(EventType),
        communities=(), contact=MEMBER, secrets=(Secret(sealed=seal.seal(SECRET, id)),),
        registered_at=NOW - timedelta(hours=1),
    )  # fmt: skip


def _delivered(here: Place, quick: list[str], dead: list[str] | None = None) -> float:
    """Deliveries a second to the quick receivers, each of which gets its share of them."""
    database = here.database("notifications")
    database.client.drop_database(database.name)
    store = Store(connect(here.mongo), database.name, "notifications")
    store.ensure(INDEXES)
    repositories = Repositories(store, CrowdMemory())
    store.database["places"].insert_one(
        {
            "_id": f"{COMMUNITY}:{MEMBER}", "community": COMMUNITY, "member": MEMBER, "role": "member", "active": True,
            "since": NOW - timedelta(days=1), "organisation": ORGANISATION, "revision": 1,
        }
    )  # fmt: skip
    deeds = _deeds()
    repositories.deeds.add(deeds)
    seal = Seal(here.folder / "keys")
    webhooks = [_webhook(seal, url, number) for number, url in enumerate([*quick, *(dead or [])])]
    work = Work()
    for webhook in webhooks:
        Webhooks.add(work, webhook)
    store.commit(work)
    fast, stuck = webhooks[: len(quick)], webhooks[len(quick) :]
    made = [deliver(fast[number % len(fast)], deed, NOW) for number, deed in enumerate(deeds)]
    made += [deliver(webhook, deed, NOW) for webhook in stuck for deed in deeds[:50]]
    repositories.deliveries.add(made)
    here.spawn("-m", "shared.wiring.run", "notifications", COMMONPLACE_OUTBOUND_ALLOWED="http://127.0.0.1:*")
    which = {"webhook": {"$in": [webhook.id for webhook in fast]}, "state": "delivered"}
    try:
        return rate_until(lambda: store.database["deliveries"].count_documents(which), DELIVERIES)
    finally:
        for child in here.children:
            child.kill()  # a dead receiver would hold an orderly end up for fifteen seconds
        here.end_children()
        store.client.close()


def _raw(url: str) -> float:
    webhook = Webhook(
        id=id_of("webhook"), organisation=ORGANISATION, client=id_of("client"), name="Raw", url=url, events=tuple(EventType),
        communities=(), contact=MEMBER, secrets=(Secret(sealed=""),), registered_at=NOW,
    )  # fmt: skip
    deeds = _deeds()
    with httpx2.Client() as client, ThreadPoolExecutor(WIDTH) as threads:

        def post(deed: Deed) -> None:
            delivery = deliver(webhook, deed, NOW)
            body = json.dumps(message(delivery, deed, "Falls"), separators=(",", ":"))
            answer = client.post(url, content=body, headers=signed([SECRET], delivery.id, NOW, body))
            assert answer.status_code == 204

        began = time.monotonic()
        list(threads.map(post, deeds))
        return DELIVERIES / (time.monotonic() - began)
