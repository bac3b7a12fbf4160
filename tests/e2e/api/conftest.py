"""A whole node with two organisations and a few people, shared by all tests of the API."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, TypeVar, cast

import httpx2
import pytest
from pydantic import BaseModel

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller, Page
from shared.contracts.calls.discussion import Case, ListCases
from shared.contracts.calls.membership import (
    Client,
    IssueMoveCode,
    IssueToken,
    Member,
    MoveCode,
    NewClient,
    NewMember,
    NewOrganisation,
    NewToken,
    Organisation,
    RegisterClient,
    RegisterMember,
    RegisterOrganisation,
    Scope,
    Token,
)
from shared.contracts.vocabulary import Sector
from tests.node import Node

OPERATOR = Caller(operator=True)
SCOPES: tuple[Scope, ...] = (
    "communities:read",
    "communities:write",
    "threads:read",
    "threads:write",
    "inbox:read",
    "inbox:write",
    "members:read",
    "members:write",
    "tokens:write",
    "agreements:read",
    "agreements:write",
    "webhooks:read",
    "webhooks:write",
    "audit:read",
    "guard:read",
    "guard:write",
    "cases:read",
    "cases:decide",
    "clients:write",
)
T = TypeVar("T", bound=BaseModel)


class Person:
    """Somebody at the door: requests under their own token."""

    def __init__(self, url: str, member: str, secret: str, handle: str) -> None:
        self.id = member
        self.secret = secret
        self.handle = handle
        self.http = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {secret}"}, timeout=10)

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """Read."""
        return self.http.get(path, params=query or None)

    def post(self, path: str, body: Any, key: str | None = None) -> httpx2.Response:
        """Create, under a key of its own unless one is given."""
        return self.http.post(path, json=body, headers={"Idempotency-Key": key or token_hex(12)})

    def change(
        self, method: str, path: str, body: Any = None, revision: int | str | None = None
    ) -> httpx2.Response:
        """Change, of the revision that is given."""
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        if body is None:
            return self.http.request(method, path, headers=headers)
        return self.http.request(method, path, json=body, headers=headers)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Create, and be sure that it was."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        return cast(dict[str, Any], answer.json())


@dataclass
class Town:
    """A node and what the operator can do in it.

    Args:
        node: the processes.
        switchboard: makes the operator's calls.
    """

    node: Node
    switchboard: Switchboard

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.node.url

    def operate(self, call: Call, expected: type[T]) -> T:
        """Make a call as the operator."""
        answer = self.switchboard.ask(call, timeout=10)
        assert isinstance(answer, expected)
        return answer

    def organisation(self, name: str, sector: Sector = Sector.HEALTH) -> str:
        """Register an organisation."""
        new = NewOrganisation(name=name, sector=sector, geography="Wales", home_node=None)
        return self.operate(RegisterOrganisation(caller=OPERATOR, new=new), Organisation).organisation

    def person(self, organisation: str, name: str, scopes: tuple[Scope, ...] = SCOPES, **more: Any) -> Person:
        """Register a member and give them a token."""
        handle = f"{name.lower().replace(' ', '.')}.{token_hex(4)}"
        new = NewMember(name=name, handle=handle, profession="Physiotherapist", **more)
        member = self.operate(RegisterMember(caller=OPERATOR, organisation=organisation, new=new), Member)
        return Person(self.url, member.member, self.token(member.member, scopes), handle)

    def token(self, member: str, scopes: tuple[Scope, ...] = SCOPES) -> str:
        """Issue a personal access token for a member."""
        new = NewToken(name="test", scopes=scopes, expires_in_days=1)
        secret = self.operate(IssueToken(caller=OPERATOR, member=member, new=new), Token).secret
        assert secret is not None
        return secret

    def move_code(self, member: str, organisation: str) -> str:
        """A code to move with, as a member has it who has just signed in."""
        signed_in = Caller(member=member, organisation=organisation, signed_in_at=datetime.now(UTC))
        secret = self.operate(IssueMoveCode(caller=signed_in), MoveCode).secret
        assert secret is not None
        return secret

    def client(self, organisation: str, scopes: tuple[Scope, ...] = SCOPES) -> tuple[str, str]:
        """Register a partner's system; its id and secret."""
        new = NewClient(name="Staff directory", scopes=scopes)
        client = self.operate(RegisterClient(caller=OPERATOR, organisation=organisation, new=new), Client)
        assert client.secret is not None
        return client.client, client.secret


@pytest.fixture(scope="session")
def town(
    node_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Town]:
    """The node, started once for all tests of the API."""
    environment = {
        **os.environ,
        **node_environment,
        "COMMONPLACE_CALLS_PER_MINUTE": "1000000",
        "COMMONPLACE_BAD_CREDENTIALS_PER_MINUTE": "1000000",
        # Under a full test run two cores are shared by everything; what is tested here is not speed.
        "COMMONPLACE_DEADLINE_SECONDS": "8",
        # Where tests receive what the node sends out.
        "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*",
    }
    processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1}
    node = Node(environment, tmp_path_factory.mktemp("town"), processes)
    switchboard = Switchboard(node_environment["COMMONPLACE_BROKER"], name="tests")
    try:
        node.start()
        assert switchboard.wait_until_open(10)
        yield Town(node, switchboard)
    finally:
        switchboard.close()
        node.kill()
        if request.session.testsfailed:
            print(node.logs())


@dataclass
class Neighbours:
    """Two organisations, their people, and a closed community with a thread that spans both.

    `carys` (first organisation) facilitates, `mair` (second) takes part, `gwen` is its guest;
    `huw` (first) and `ivor` (second) are not in it and may not know of it.
    """

    first: str
    second: str
    carys: Person
    huw: Person
    mair: Person
    ivor: Person
    gwen: Person
    community: str
    thread: str
    post: str
    held_post: str
    report: str
    case: str


@pytest.fixture(scope="session")
def neighbours(town: Town) -> Neighbours:
    """The people that most tests are about; what is theirs is not changed by tests."""
    first = town.organisation("Betsi Cadwaladr")
    second = town.organisation("Bangor University", Sector.HIGHER_EDUCATION)
    carys, huw = town.person(first, "Carys Evans"), town.person(first, "Huw Jones")
    mair, ivor = town.person(second, "Mair Rees"), town.person(second, "Ivor Pugh")
    gwen = town.person(second, "Gwen Ellis")
    community = start_community(carys, "closed")
    for person, role in ((mair, "member"), (gwen, "guest")):
        let_in(carys, community, person, role)
    thread = carys.made(
        f"/v1/communities/{community}/threads",
        {"kind": "question", "title": "What works for falls?", "text": "Tell us what helped."},
    )
    post = mair.made(f"/v1/threads/{thread['thread']}/posts", {"text": "Ring them on day three."})
    opening = thread["first_posts"][0]["post"]
    report = mair.made(f"/v1/posts/{opening}/reports", {"reason": "off purpose"})
    case = town.operate(ListCases(caller=OPERATOR, community=community), Page[Case]).items[0].case
    held = mair.made(f"/v1/threads/{thread['thread']}/held-posts", {"text": "The clinic is at LL57 2DG."})
    return Neighbours(
        first,
        second,
        carys,
        huw,
        mair,
        ivor,
        gwen,
        community,
        thread["thread"],
        post["post"],
        held["held_post"],
        report["report"],
        case,
    )


def start_community(facilitator: Person, visibility: str, title: str = "") -> str:
    """Start a community; its id."""
    charter = {"domain": "Falls", "purpose": "Fewer falls", "audience": "Everybody who lifts"}
    title = title or f"Community {token_hex(12)}"
    body = {"title": title, "charter": charter, "visibility": visibility, "similar_seen": True}
    return cast(str, facilitator.made("/v1/communities", body)["community"])


def let_in(facilitator: Person, community: str, person: Person, role: str = "member") -> None:
    """Invite somebody, and have them accept."""
    email = f"{token_hex(12)}@example.org"
    invitation = facilitator.made(f"/v1/communities/{community}/invitations", {"email": email, "role": role})
    person.made("/v1/invitations/accept", {"token": invitation["token"]})


def access_token(town: Town, client: str, secret: str, scope: str = "") -> httpx2.Response:
    """Trade a client's secret for an access token."""
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    return httpx2.post(f"{town.url}/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
