"""Members of a node under test: everything they do goes over HTTP, as it does for people."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, TypeVar, cast, get_args

import httpx2
from pydantic import BaseModel
from pymongo import MongoClient
from pymongo.database import Database

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller, Done
from shared.contracts.calls.membership import (
    Charter,
    Client,
    Community,
    ImportedMember,
    ImportMembers,
    IssueToken,
    NewClient,
    NewCommunity,
    NewMember,
    NewOrganisation,
    NewToken,
    Organisation,
    RegisterClient,
    RegisterMember,
    RegisterOrganisation,
    Scope,
    StartCommunity,
    Token,
)
from shared.contracts.calls.membership import Member as RegisteredMember
from shared.contracts.vocabulary import Sector, Visibility
from tests.node import Node

OPERATOR = Caller(operator=True)
SCOPES: tuple[Scope, ...] = get_args(Scope)
CHARTER = Charter(domain="Falls", purpose="Fewer falls", audience="Everybody who lifts")
SECONDS_FOR_A_CALL = 30.0
T = TypeVar("T", bound=BaseModel)
V = TypeVar("V")


@dataclass(frozen=True)
class Member:
    """Somebody who asks and answers.

    Args:
        id, name, handle, organisation: as registered.
        credential: the headers that say who is calling.
        http: the way to a gateway, shared by many.
    """

    id: str
    name: str
    handle: str
    organisation: str
    credential: Mapping[str, str]
    http: httpx2.Client = field(repr=False)

    def at(self, http: httpx2.Client) -> "Member":
        """The same member at another gateway."""
        return replace(self, http=http)

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """Ask for something, whatever comes of it."""
        return self.http.get(f"/v1{path}", params=query or None, headers=dict(self.credential))

    def send(
        self, method: str, path: str, body: object = None, *, key: str = "", revision: int | None = None
    ) -> httpx2.Response:
        """Change something, whatever comes of it."""
        headers = {**self.credential, "Idempotency-Key": key or token_hex(12)}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        return self.http.request(method, f"/v1{path}", json=body, headers=headers)

    def read(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask for something that is there."""
        return _answered(self.get(path, **query), 200)

    def open_thread(
        self, community: str, title: str, text: str = "Words.", *, kind: str = "question", **more: Any
    ) -> dict[str, Any]:
        """Ask, discuss or announce."""
        body = {"kind": kind, "title": title, "text": text, **more}
        return _answered(self.send("POST", f"/communities/{community}/threads", body), 201)

    def post(self, thread: str, text: str, key: str = "") -> dict[str, Any]:
        """Answer, or go on with a thread."""
        return _answered(self.send("POST", f"/threads/{thread}/posts", {"text": text}, key=key), 201)

    def accept(self, thread: str, post: str) -> dict[str, Any]:
        """Say which post answered one's question."""
        revision = self.read(f"/threads/{thread}")["revision"]
        return _answered(
            self.send("PUT", f"/threads/{thread}/accepted-answer", {"post": post}, revision=revision), 200
        )

    def inbox(self, **query: Any) -> list[dict[str, Any]]:
        """Everything in the inbox, newest first, page by page."""
        items: list[dict[str, Any]] = []
        page = self.read("/inbox", limit=100, **query)
        while True:
            items += page["items"]
            if page["next"] is None:
                return items
            page = self.read("/inbox", limit=100, after=page["next"], **query)

    def unread(self) -> int:
        """How many notifications are unread."""
        return int(self.read("/inbox/unread")["unread"])


def _answered(response: httpx2.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, f"{response.request.url}: {response.status_code} {response.text}"
    return cast(dict[str, Any], response.json())


class Town:
    """A node, and what its operator arranges there; the rest is done by members.

    Args:
        node: its processes.
        settings: the COMMONPLACE_ variables that they share.
    """

    def __init__(self, node: Node, settings: Mapping[str, str]) -> None:
        self.node = node
        self.settings = settings
        self.broker = broker = settings["COMMONPLACE_BROKER"]
        self.switchboard = Switchboard(broker, SECONDS_FOR_A_CALL, name="tests")
        self.http = door(node.url)
        assert self.switchboard.wait_until_open(10)

    def close(self) -> None:
        """Hang up."""
        self.switchboard.close()
        self.http.close()

    def database(self, service: str) -> Database[dict[str, Any]]:
        """A service's database, to look at what no member may see."""
        client: MongoClient[dict[str, Any]] = MongoClient(self.settings["COMMONPLACE_MONGO"], tz_aware=True)
        return client[f"{self.settings['COMMONPLACE_DATABASE_PREFIX']}_{service}"]

    def operate(self, call: Call, expected: type[T]) -> T:
        """Make a call as the operator."""
        answer = self.switchboard.ask(call, SECONDS_FOR_A_CALL)
        assert isinstance(answer, expected)
        return answer

    def organisation(self, name: str, sector: Sector = Sector.HEALTH, geography: str = "Wales") -> str:
        """Register an organisation; its id."""
        new = NewOrganisation(name=name, sector=sector, geography=geography)
        call = RegisterOrganisation(caller=OPERATOR, id=id_of("organisation", name), new=new)
        return self.operate(call, Organisation).organisation

    def member(
        self,
        organisation: str,
        name: str,
        profession: str = "nurse",
        *interests: str,
        email: str | None = None,
    ) -> Member:
        """Register somebody, with a token of their own."""
        new = new_member(name, profession, *interests, email=email)
        call = RegisterMember(caller=OPERATOR, organisation=organisation, id=id_of("member", name), new=new)
        id = self.operate(call, RegisteredMember).member
        token = NewToken(name="tests", scopes=SCOPES, expires_in_days=1)
        secret = self.operate(IssueToken(caller=OPERATOR, member=id, new=token), Token).secret
        return Member(id, name, new.handle, organisation, {"Authorization": f"Bearer {secret}"}, self.http)

    def community(
        self, facilitator: Member, title: str, visibility: Visibility = Visibility.OPEN, id: str | None = None
    ) -> str:
        """Start a community; its id."""
        new = NewCommunity(title=title, charter=CHARTER, visibility=visibility, similar_seen=True)
        caller = Caller(operator=True, member=facilitator.id, organisation=facilitator.organisation)
        call = StartCommunity(caller=caller, id=id or id_of("community", title), new=new)
        return self.operate(call, Community).community

    def bring(self, community: str, members: Iterable[Member]) -> None:
        """Put members into a community, as from now."""
        people = tuple(
            ImportedMember(id=member.id, organisation=member.organisation, new=new_member(member.name))
            for member in members
        )
        for start in range(0, len(people), 500):
            self.operate(
                ImportMembers(
                    caller=OPERATOR,
                    community=community,
                    since=datetime.now(UTC),
                    members=people[start : start + 500],
                ),
                Done,
            )

    def wait_until_known(self, community: str, members: Sequence[Member]) -> None:
        """Return when those who keep threads and inboxes have heard that these members are in.

        A mention of somebody whom the discussion service has not heard of yet is no mention.
        """
        ids = [member.id for member in members]
        copies, places = self.database("discussion")["copies"], self.database("notifications")["places"]
        heard = [f"member:{id}" for id in ids] + [f"membership:{community}:{id}" for id in ids]
        told = {"_id": {"$in": [f"{community}:{id}" for id in ids]}, "profession": {"$exists": True}}
        eventually(lambda: copies.count_documents({"_id": {"$in": heard}}) == len(heard), 60, 0.1)
        eventually(lambda: places.count_documents(told) == len(ids), 60, 0.1)

    def crowd(self, community: str, organisation: str, names: Sequence[str]) -> list[Member]:
        """Many members of one organisation, new and in a community, for whom their organisation's system acts."""
        system = NewClient(name="Staff directory", scopes=SCOPES)
        client = self.operate(RegisterClient(caller=OPERATOR, organisation=organisation, new=system), Client)
        response = self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "scope": " ".join(SCOPES)},
            auth=(client.client, client.secret or ""),
        )
        token = _answered(response, 200)["access_token"]
        members = [
            Member(
                (id := id_of("member", name)),
                name,
                new_member(name).handle,
                organisation,
                {"Authorization": f"Bearer {token}", "Commonplace-Member": id},
                self.http,
            )
            for name in names
        ]
        self.bring(community, members)
        return members


def new_member(name: str, profession: str = "nurse", *interests: str, email: str | None = None) -> NewMember:
    """A member as registered, with a handle like their name."""
    handle = name.lower().replace(" ", ".")
    return NewMember(name=name, handle=handle, profession=profession, interests=interests, email=email)


def id_of(*words: str) -> str:
    """The same id for the same words."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:24]


def door(url: str) -> httpx2.Client:
    """A way to a gateway, for any number of threads."""
    limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
    return httpx2.Client(base_url=url, timeout=30, limits=limits, trust_env=False)


def by_many(action: Callable[[V], T], things: Sequence[V], threads: int = 6) -> list[T]:
    """Do something with each of many things, a few at a time; results in the order of the things."""
    with ThreadPoolExecutor(threads) as doers:
        return list(doers.map(action, things))


def eventually(condition: Callable[[], V], seconds: float = 20.0, pause: float = 0.02) -> V:
    """Return what a condition gives as soon as it holds; fail when it still does not in time."""
    until = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < until, f"this did not come true in {seconds:.0f} s"
        time.sleep(pause)
    return result
