"""A partner's system at the door: an OAuth client of an organisation, and its webhooks."""

from secrets import token_hex
from typing import Any, cast

import httpx2

from shared.contracts.calls.membership import Scope
from tests.e2e.api.conftest import Person, Town, access_token, let_in, start_community
from tests.e2e.api.waiting import eventually
from tests.e2e.signatories import System, agree, terms_between

AGREEING: tuple[Scope, ...] = ("agreements:read", "agreements:write", "inbox:read")
EVENTS = ["thread.opened", "post.added", "answer.accepted", "thread.closed", "thread.reopened"]


class Partner(Person):
    """A system that acts for its organisation."""

    def __init__(
        self,
        town: Town,
        organisation: str,
        contact: Person,
        scopes: tuple[Scope, ...] = ("webhooks:read", "webhooks:write"),
    ) -> None:
        self.client, secret = town.client(organisation, scopes)
        token = access_token(town, self.client, secret).json()["access_token"]
        super().__init__(town.url, contact.id, token, contact.handle)
        self.organisation = organisation
        self.contact = contact

    def new(self, url: str, **more: Any) -> dict[str, Any]:
        """A body that registers a webhook."""
        return {"name": "Feed", "url": url, "events": EVENTS, "contact": self.contact.id, **more}

    def registered(self, url: str, **more: Any) -> dict[str, Any]:
        """Register a webhook."""
        return self.made("/v1/webhooks", self.new(url, **more))

    def rotate(self, webhook: dict[str, Any]) -> httpx2.Response:
        """Ask for a new secret."""
        path = f"/v1/webhooks/{webhook['webhook']}/secret"
        return self.http.post(path, headers={"Idempotency-Key": token_hex(12)})

    def read(self, webhook: dict[str, Any]) -> dict[str, Any]:
        """A webhook as it is now."""
        return cast(dict[str, Any], self.get(f"/v1/webhooks/{webhook['webhook']}").json())

    def changed(self, webhook: dict[str, Any], **changes: Any) -> httpx2.Response:
        """Change a webhook as it is now."""
        revision = self.read(webhook)["revision"]
        return self.change("PATCH", f"/v1/webhooks/{webhook['webhook']}", changes, revision)

    def deliveries(self, webhook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        """What it was told, newest first."""
        answer = self.get(f"/v1/webhooks/{webhook['webhook']}/deliveries", **query)
        return cast(list[dict[str, Any]], answer.json()["items"])


def system_of(town: Town, organisation: str, contact: Person) -> System:
    """Another client of an organisation, which signs for it."""
    client, secret = town.client(organisation, AGREEING)
    token = access_token(town, client, secret).json()["access_token"]
    return System(town.url, organisation, token, contact.id)


class Place:
    """A closed community of two organisations that have an agreement about it, and a system of the second."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.ours, self.theirs = (
            town.organisation(f"Ours {token_hex(4)}"),
            town.organisation(f"Theirs {token_hex(4)}"),
        )
        self.ana, self.ben = town.person(self.ours, "Ana Ker"), town.person(self.theirs, "Ben Der")
        self.community = start_community(self.ana, "closed")
        let_in(self.ana, self.community, self.ben)
        self.partner = Partner(town, self.theirs, self.ben)
        self.systems = system_of(town, self.ours, self.ana), system_of(town, self.theirs, self.ben)
        terms = terms_between(*self.systems, self.community)
        agree(*self.systems, terms)
        self.agreement = terms["agreement"]
        self.asks("Before any webhook")
        eventually(lambda: self.systems[1].get("/v1/inbox", self.ben.id).json()["items"])

    def asks(self, title: str = "What works for falls?") -> str:
        """Ana opens a thread; its id."""
        body = {"kind": "question", "title": title, "text": "A text that goes nowhere."}
        return cast(str, self.ana.made(f"/v1/communities/{self.community}/threads", body)["thread"])

    def answers(self, thread: str, text: str = "Another text.") -> str:
        """Ben posts; the post's id."""
        return cast(str, self.ben.made(f"/v1/threads/{thread}/posts", {"text": text})["post"])
