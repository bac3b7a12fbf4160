"""Members with a life behind them, at browsers of their own, and the node's databases read raw."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from bson import json_util
from pymongo import MongoClient
from pymongo.database import Database

from tests.e2e.api.conftest import Person, Town, access_token, start_community
from tests.e2e.api.directory import GROUP, Directory
from tests.e2e.identity.browser import Browser

PATIENCE = 60.0


class Mailbox:
    """The folder into which the node lays its mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def link_for(self, email: str) -> str:
        """The newest link for an address."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            mails = sorted(self.folder.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
            for text in (file.read_text() for file in mails):
                found = re.search(r"http://\S+/sign-in/link/\S+", text)
                if f"To: {email}" in text and found:
                    return found[0]
            time.sleep(0.1)
        raise AssertionError("no mail came")


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Mailbox:
    return Mailbox(tmp_path_factory.mktemp("mail"))


@pytest.fixture(scope="module")
def module_environment_for_sign_in(module_environment: Mapping[str, str], mailbox: Mailbox) -> dict[str, str]:
    return {
        **module_environment,
        "COMMONPLACE_MAIL": f"file://{mailbox.folder}",
        "COMMONPLACE_MAIL_FROM": "node@node.example",
        "COMMONPLACE_SIGN_IN_LINKS_PER_MINUTE": "1000",
        "COMMONPLACE_DEADLINE_SECONDS": "8",
    }


@dataclass
class Databases:
    """Every database of the node, read as nobody but the operator's backup would."""

    client: MongoClient[dict[str, Any]]
    prefix: str

    def of(self, service: str) -> Database[dict[str, Any]]:
        """A service's."""
        return self.client[f"{self.prefix}_{service}"]

    def all(self) -> list[Database[dict[str, Any]]]:
        """All of them."""
        names = self.client.list_database_names()
        return [self.client[name] for name in names if name.startswith(f"{self.prefix}_")]

    def naming(self, words: list[str]) -> set[tuple[str, str, str]]:
        """Where a word stands, in whatever field and case: service, collection, word."""
        found = set()
        for database in self.all():
            for collection in database.list_collection_names():
                for row in database[collection].find():
                    text = json_util.dumps(row, ensure_ascii=False).casefold()
                    text += "".join(as_text(value) for value in row.values()).casefold()
                    found |= {
                        (database.name.removeprefix(f"{self.prefix}_"), collection, word)
                        for word in words
                        if word.casefold() in text
                    }
        return found


def as_text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


@pytest.fixture(scope="module")
def databases(module_environment_for_sign_in: dict[str, str], town: Town) -> Iterator[Databases]:
    del town
    environment = module_environment_for_sign_in
    with MongoClient[dict[str, Any]](environment["COMMONPLACE_MONGO"], tz_aware=True) as client:
        yield Databases(client, environment["COMMONPLACE_DATABASE_PREFIX"])


class Zebedee(Person):
    """Somebody whom a directory brought, with words that name nobody else."""

    def __init__(self, directory: Directory) -> None:
        mark = token_hex(4)
        self.email = f"zebedee.{mark}@quillfeather.example"
        self.words = [
            f"Zebedee {mark}",
            f"Quillfeather {mark}",
            self.email,
            f"ext-{mark}",
            f"Quillologist {mark}",
        ]
        made = directory.add(
            f"zebedee.{mark}@quillfeather.example",
            displayName=f"Zebedee {mark} Quillfeather {mark}",
            title=f"Quillologist {mark}",
            externalId=f"ext-{mark}",
            emails=[{"value": self.email, "type": "work", "primary": True}],
        )
        group = {
            "schemas": [GROUP],
            "displayName": f"Ward {mark}",
            "members": [{"value": made["id"], "display": self.words[0]}],
        }
        assert directory.http.post("Groups", json=group).status_code == 201
        member = directory.member_of(made["id"])
        super().__init__(directory.town.url, member, directory.town.token(member), "")
        self.handle = self.get("/v1/me").json()["handle"]
        self.words.append(self.handle)


class Signed:
    """Somebody at a browser, signed in."""

    def __init__(self, town: Town, mailbox: Mailbox, email: str) -> None:
        browser = Browser()
        assert browser.post(f"{town.url}/sign-in", {"email": email}).status_code == 200
        page = browser.get(mailbox.link_for(email))
        secret = re.search(r'name="secret" value="([^"]+)"', page.text)
        assert secret
        assert browser.post("/sign-in/link", {"secret": secret[1]}).status_code == 303
        cookie = browser.cookie("__Host-commonplace")
        headers = {"Cookie": f"__Host-commonplace={cookie}", "Sec-Fetch-Site": "same-origin"}
        self.http = httpx2.Client(base_url=town.url, headers=headers, timeout=15)

    def ask(self, handle: str, **more: Any) -> httpx2.Response:
        """Ask to be forgotten."""
        return self.http.post(
            "/v1/me/erasure", json={"handle": handle, **more}, headers={"Idempotency-Key": token_hex(12)}
        )


def eventually(what: Callable[[], Any], patience: float = PATIENCE) -> Any:
    until = time.monotonic() + patience
    while not (value := what()):
        assert time.monotonic() < until, "never"
        time.sleep(0.2)
    return value


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


@dataclass
class Household:
    """Somebody whom a directory brought, signed in at a browser, and who is nobody to them.

    Args:
        directory: which brought them.
        other: of the same organisation.
        system: of the same organisation, acting for them.
    """

    directory: Directory
    zebedee: Zebedee
    signed: Signed
    other: Zebedee
    system: Person


@pytest.fixture
def household(town: Town, mailbox: Mailbox) -> Household:
    directory = Directory(town)
    zebedee, other = Zebedee(directory), Zebedee(directory)
    bought = access_token(town, *town.client(directory.organisation)).json()["access_token"]
    system = Person(town.url, "", bought, "")
    system.http.headers["Commonplace-Member"] = zebedee.id
    return Household(directory, zebedee, Signed(town, mailbox, zebedee.email), other, system)


def let_time_pass(databases: Databases, erasure: str) -> None:
    """Let the days go by in which an erasure can be cancelled."""
    databases.of("membership").erasures.update_one(
        {"_id": erasure}, {"$set": {"due_at": datetime.now(UTC) - timedelta(seconds=1)}}
    )


def receipts(town: Town, number: str, state: str = "complete") -> dict[str, Any]:
    """An erasure's receipts, once it has come so far."""

    def look() -> Any:
        answer = httpx2.get(f"{town.url}/erasure-receipts/{number}", timeout=15)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.json()["state"] == state else None

    found: dict[str, Any] = eventually(look)
    return found


@dataclass
class Life:
    """What a member did, in two communities."""

    zebedee: Zebedee
    bob: Person
    community: str
    thread: str
    answer: str
    others: str


def a_life(town: Town) -> Life:
    """A member with posts, versions, an inbox, levels, requests, invitations and tokens, and somebody to keep theirs."""
    zebedee, bob = Zebedee(Directory(town)), town.person(town.organisation("Other"), "Bob Otherwise")
    first, second = start_community(bob, "open"), start_community(bob, "open")
    for community in (first, second):
        zebedee.made(f"/v1/communities/{community}/join-requests", {})
    third = start_community(bob, "restricted")
    asked = zebedee.post(
        f"/v1/communities/{third}/join-requests", {"message": f"I am {zebedee.words[0]}, let me in."}
    )
    assert asked.status_code == 201
    invited = bob.made(
        f"/v1/communities/{third}/invitations", {"email": zebedee.email, "role": "member", "message": "Come."}
    )
    assert invited["token"]
    thread = zebedee.made(
        f"/v1/communities/{first}/threads",
        {"kind": "question", "title": f"{zebedee.words[0]} asks", "text": f"Regards, {zebedee.words[0]}."},
    )["thread"]
    others = bob.made(f"/v1/threads/{thread}/posts", {"text": "Ring them on day three."})["post"]
    answer = zebedee.made(f"/v1/threads/{thread}/posts", {"text": f"Said {zebedee.words[1]} first."})
    edited = zebedee.change(
        "PATCH", f"/v1/posts/{answer['post']}", {"text": "Said otherwise."}, answer["revision"]
    )
    assert edited.status_code == 200, edited.text
    held = zebedee.post(f"/v1/threads/{thread}/held-posts", {"text": f"{zebedee.words[0]} is at LL57 2DG."})
    assert held.status_code == 201, held.text
    level = zebedee.change("PUT", f"/v1/communities/{second}/level", {"level": "all"})
    assert level.status_code == 200, level.text
    bob.made(f"/v1/communities/{second}/threads", {"kind": "discussion", "title": "Hello", "text": "All."})
    eventually(lambda: zebedee.get("/v1/inbox").json()["items"])
    eventually(lambda: bob.get("/v1/inbox").json()["items"])
    carol = town.person(town.organisation("Third"), "Carol Another")
    carol.made(f"/v1/communities/{first}/join-requests", {})
    eventually(lambda: carol.get(f"/v1/posts/{others}").status_code == 200)
    moderated(zebedee, bob, carol, first, others, f"Never, says {zebedee.words[1]}.")
    zebedee.made("/v1/tokens", {"name": f"{zebedee.words[0]}'s script", "scopes": ["inbox:read"]})
    return Life(zebedee, bob, first, thread, answer["post"], others)


def moderated(zebedee: Person, bob: Person, carol: Person, community: str, others: str, text: str) -> None:
    """Have a member report, and be reported: what they wrote is taken out, and they appeal."""
    body = {"reason": "unsafe advice", "note": f"{text} I mind."}
    assert zebedee.post(f"/v1/posts/{others}/reports", body).status_code == 201
    thread = zebedee.made(
        f"/v1/communities/{community}/threads", {"kind": "discussion", "title": text, "text": text}
    )["thread"]
    posts = zebedee.get(f"/v1/threads/{thread}/posts").json()["items"]
    assert carol.post(f"/v1/posts/{posts[0]['post']}/reports", {"reason": "unkind"}).status_code == 201
    cases = bob.get(f"/v1/communities/{community}/cases").json()["items"]
    (case,) = [one for one in cases if one["post"] == posts[0]["post"]]
    decision = {"outcome": "withdraw", "reason": "It is unkind.", "ask_organisation": False}
    decided = bob.change("PUT", f"/v1/cases/{case['case']}/decision", decision, case["revision"])
    assert decided.status_code == 200, decided.text
    appeal = zebedee.post(f"/v1/cases/{case['case']}/appeal", {"reason": f"{text} Really."})
    assert appeal.status_code in (200, 201), appeal.text
