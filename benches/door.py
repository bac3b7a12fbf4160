"""What authentication and policy add to a request, each beside the same request without it.

Authentication: reading a thread at the gateway's own application in this process, over real services; with a
member's token, with a system's access token, with either as it is met for the first time (the gateway remembers
it for ten seconds), and with nobody asked who is calling. Policy: the discussion service's own handlers over
MongoDB, for a person, who reads by membership alone, and for a partner's system, to which all that it
sees crosses by an agreement.
"""

import base64
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient

from benches.place import Place, in_turns, place, ratio
from benches.room import LONG, SCOPES, furnish, leave
from benches.room import Room as Node
from services.discussion.repositories import INDEXES
from services.gateway.app import create_app
from services.gateway.auth.callers import Callers
from services.gateway.settings import GatewaySettings
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.discussion import ListPosts, Post
from shared.contracts.calls.membership import Client, NewClient, RegisterClient
from shared.wiring import logs
from shared.wiring.store import Store
from tests.services.discussion_room import Room

ROUNDS = 7
REQUESTS = 400
READS = 150
POSTS = 20
OWN = (0, 7, 14)
OPERATOR = Caller(operator=True)
HELD_TO = 0.9
"""What is left of the rate when who is calling is remembered; meeting somebody is a call more."""
CROSSING_HELD_TO = 0.7


def run(folder: Path) -> dict[str, object]:
    """Measure; returns requests and reads a second, and ratios."""
    with place(folder) as here:
        asked, read = _authentication(here), _policy(here)
    return {
        "rates": {**asked, **read},
        "ratios": {
            "a member's token / nobody asked": (ratio(asked, "member", "nobody"), HELD_TO),
            "a system's token / nobody asked": (ratio(asked, "system", "nobody_system"), HELD_TO),
            "a member's token, first met / nobody asked": (ratio(asked, "member_first", "nobody"), None),
            "a system's token, first met / nobody asked": (
                ratio(asked, "system_first", "nobody_system"),
                None,
            ),
            "a system's reading / a person's": (ratio(read, "crossing", "person"), CROSSING_HELD_TO),
        },
    }


def _authentication(here: Place) -> dict[str, list[float]]:
    processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1}
    node = furnish(here, processes=processes, people=20, threads=20, posts=2)
    try:
        logs.configure("bench", "warning")
        with patch.dict(os.environ, {**here.environment, "COMMONPLACE_CALLS_PER_MINUTE": "0"}):
            app = create_app(GatewaySettings(), node.switchboard)
        reader, organisation = node.members[0], node.organisations[0]
        caller = Caller(member=reader, organisation=organisation, scopes=frozenset(SCOPES))
        token, access, client = node.token(reader), *_access_token(app.test_client(), node, organisation)
        # Those that the system's own people opened; what an agreement costs is the other half.
        threads = [node.threads[number] for number in OWN]
        member = {"Authorization": f"Bearer {token}"}
        system = {"Authorization": f"Bearer {access}", "Commonplace-Member": reader}

        def asking(headers: dict[str, str]) -> Callable[[], float]:
            def ask() -> float:
                client = app.test_client()
                began = time.perf_counter()
                for number in range(REQUESTS):
                    answer = client.get(f"/v1/threads/{threads[number % len(threads)]}", headers=headers)
                    assert answer.status_code == 200, answer.text
                return REQUESTS / (time.perf_counter() - began)

            return ask

        def unasked(known: Caller, headers: dict[str, str]) -> Callable[[], float]:
            def ask() -> float:
                with patch.object(Callers, "identify", lambda *_: known):
                    return asking(headers)()

            return ask

        def first_met(headers: dict[str, str]) -> Callable[[], float]:
            def ask() -> float:
                with patch("services.gateway.auth.remembered.Remembered.get", lambda *_: None):
                    return asking(headers)()

            return ask

        nobody = unasked(caller, member)
        nobody()
        return in_turns(
            ROUNDS,
            nobody=nobody,
            nobody_system=unasked(caller.model_copy(update={"client": client}), system),
            member=asking(member),
            system=asking(system),
            member_first=first_met(member),
            system_first=first_met(system),
        )
    finally:
        leave(node)


def _access_token(client: FlaskClient, node: Node, organisation: str) -> tuple[str, str]:
    """An access token of a new client's, and the client."""
    new = NewClient(name="bench", scopes=SCOPES)  # type: ignore[arg-type]
    made = node.switchboard.ask(RegisterClient(caller=OPERATOR, organisation=organisation, new=new), LONG)
    assert isinstance(made, Client)
    secret = base64.b64encode(f"{made.client}:{made.secret}".encode()).decode()
    answer = client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {secret}"},
    )
    given: Any = answer.json
    return str(given["access_token"]), made.client


def _policy(here: Place) -> dict[str, list[float]]:
    database = here.database("policy")
    store = Store(database.client, database.name, "discussion")
    store.ensure(INDEXES)
    room = Room(store)
    community = room.community()
    author, reader = room.newcomer(community), room.newcomer(community)
    reader = reader.model_copy(update={"organisation": room.organisation("Southern Trust")})
    assert reader.member and reader.organisation
    room.change_member(reader.member, "Ben Okoro", reader.organisation)
    thread = room.open_thread(author, community).thread
    for _ in range(POSTS - 1):
        room.add_post(author, thread)
    room.agree(author.organisation, reader.organisation, community)
    system = reader.model_copy(update={"client": "c" * 24})

    def reading(caller: Caller) -> Callable[[], float]:
        def read() -> float:
            began = time.perf_counter()
            for _ in range(READS):
                page: Page[Post] = room.service.list_posts(ListPosts(caller=caller, thread=thread))
                assert len(page.items) == POSTS
            return READS / (time.perf_counter() - began)

        return read

    reading(reader)()
    return in_turns(ROUNDS, person=reading(reader), crossing=reading(system))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
