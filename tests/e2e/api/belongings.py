"""An organisation that has one of everything that the API knows, for tests of who gets to see what of it."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, cast

from services.membership.domain.sign_in import identity_key
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import (
    AddPasskey,
    AskForErasure,
    AskForExport,
    BeginPasskey,
    Erasure,
    Export,
    IdentityProvider,
    NewErasure,
    NewIdentityProvider,
    NewPasskey,
    OpenedSignIn,
    OpenSignIn,
    Passkey,
    PasskeyOptions,
    RegisterIdentityProvider,
)
from tests.e2e.api.conftest import OPERATOR, SCOPES, Person, Town, access_token, let_in, start_community
from tests.e2e.api.directory import issue
from tests.e2e.api.partners import AGREEING, Partner
from tests.e2e.api.waiting import eventually
from tests.e2e.authenticator import Authenticator
from tests.e2e.receivers import Receiver
from tests.e2e.signatories import System, agree, terms_between

DOOR = "https://commons.example"
CONFIDENTIAL = "The clinic is at LL57 2DG."


class Belongings:
    """What is an organisation's own.

    `things` has an id for every name by which an address, a query or a body can mean a thing. `secrets` are texts that
    nobody else may read anywhere: ids of what is closed, and `word`, which is in all that its people write there.

    Args:
        town: the node.
        name: the organisation's.
        receiver: where its webhook is answered.
    """

    def __init__(self, town: Town, name: str, receiver: Receiver) -> None:
        self.town = town
        self.receiver = receiver
        self.word = f"{name.lower()}{token_hex(5)}"
        self.organisation = town.organisation(name)
        self.ana, self.mate, self.guest, self.outside = (
            town.person(self.organisation, f"{who} {name}", external_id=token_hex(8))
            for who in ("Ana", "Mate", "Guest", "Outside")
        )
        self.system = Partner(town, self.organisation, self.ana, SCOPES)
        self.signing = System(town.url, self.organisation, self.system.secret, self.ana.id)
        assert self.signing.register_key().status_code == 201
        self.third = self._third_party()
        self.things = {
            "organisation": self.organisation,
            "kid": self.signing.key.thumbprint(),
            "client": self.system.client,
            "credential": self._secret(),
            **self._signed_in(),
            **self._restricted(),
        }
        self.secrets = {self.word, *(person.id for person in (self.ana, self.mate, self.guest))}
        self.things |= {"passkey": self._passkey()}
        self.directory = issue(town, self.organisation)
        self._leaving()

    def live(self) -> None:
        """Have a closed community come about, with everything in it, as often as it is called."""
        community = start_community(self.ana, "closed", f"Closed {self.word} {token_hex(8)}")
        let_in(self.ana, community, self.mate)
        let_in(self.ana, community, self.guest, "guest")
        self.things |= {"community": community, "communities": community, **self._agreement(community)}
        self.things |= self._webhook(community)
        asking = {"kind": "question", "title": f"What of {self.word}?", "text": f"All of {self.word}."}
        thread = self.ana.made(f"/v1/communities/{community}/threads", asking)["thread"]
        post = self.mate.made(f"/v1/threads/{thread}/posts", {"text": f"This of {self.word}."})["post"]
        again = self.mate.made(f"/v1/threads/{thread}/posts", {"text": f"That of {self.word}."})
        held = self.mate.made(f"/v1/threads/{thread}/held-posts", {"text": f"{self.word}: {CONFIDENTIAL}"})
        at, of = f"/v1/threads/{thread}", f"/v1/posts/{post}"
        self._done(
            self.mate, "PATCH", of, {"text": f"Not this of {self.word}."}, self._revision(self.mate, of)
        )
        answer, revision = {"post": again["post"]}, self._revision(self.ana, at)
        self._done(self.ana, "PUT", f"{at}/accepted-answer", answer, revision)
        self._done(self.ana, "PUT", f"{of}/reactions/helped%20me")
        self.ana.made(f"/v1/threads/{thread}/shares", {"guest": self.guest.id})
        self._done(self.ana, "PUT", f"/v1/threads/{thread}/level", {"level": "nothing"})
        token = {"name": f"Of {self.word}", "scopes": ["inbox:read"], "expires_in_days": 3}
        self.things |= {
            "thread": thread,
            "post": post,
            "item": post,
            **self._reported(community, again["post"]),
            "held_post": held["held_post"],
            "member": self.mate.id,
            "guest": self.guest.id,
            "contact": self.ana.id,
            "token": self.ana.made("/v1/tokens", token)["token"],
            "invitation": self._invited(community),
            "notification": self._first(self.mate, "/v1/inbox")["notification"],
            "delivery": self._first(self.system, f"/v1/webhooks/{self.things['webhook']}/deliveries")[
                "delivery"
            ],
        }
        rules = {"rules": [{"name": "Ours", "phrase": f"guarded {self.word}"}]}
        path = f"/v1/organisations/{self.organisation}/guard-rules"
        self._done(self.system, "PUT", path, rules, self._revision(self.system, path))
        self.secrets |= set(self.things.values()) - {
            self.organisation,
            self.things["kid"],
            self.things["third"],
        }

    def _restricted(self) -> dict[str, str]:
        """Somebody waits to be let into a community of which everybody knows."""
        known = start_community(self.ana, "restricted", f"Known {token_hex(8)}")
        self.outside.made(f"/v1/communities/{known}/join-requests", {"message": "Please."})
        return {"request": self._first(self.ana, f"/v1/communities/{known}/join-requests")["request"]}

    def _leaving(self) -> None:
        """Ana has asked for a copy of all that is hers, and to be erased in a week."""
        signed_in = Caller(member=self.ana.id, organisation=self.organisation, signed_in_at=datetime.now(UTC))
        self.town.operate(AskForExport(caller=signed_in), Export)
        new = NewErasure(handle=self.ana.handle, remove_texts=True)
        self.town.operate(AskForErasure(caller=signed_in, new=new), Erasure)

    def _reported(self, community: str, post: str) -> dict[str, str]:
        """Ana has reported something, and somebody else is to decide."""
        said = {"reason": "unkind", "note": f"Of {self.word}."}
        report = self.ana.made(f"/v1/posts/{post}/reports", said)["report"]
        return {"report": report, "case": self._first(self.ana, f"/v1/communities/{community}/cases")["case"]}

    def _third_party(self) -> tuple[Person, System]:
        third = self.town.organisation(f"Third {token_hex(4)}")
        contact = self.town.person(third, "Third Party")
        token = access_token(self.town, *self.town.client(third, AGREEING)).json()["access_token"]
        return contact, System(self.town.url, third, token, contact.id)

    def _agreement(self, community: str) -> dict[str, str]:
        """What they have agreed with a third."""
        contact, other = self.third
        let_in(self.ana, community, contact)
        terms = terms_between(self.signing, other, community, purpose=f"For {self.word}")
        agree(self.signing, other, terms)
        return {"agreement": terms["agreement"], "third": other.organisation}

    def _webhook(self, community: str) -> dict[str, str]:
        made = self.system.registered(self.receiver.url, name=self.word, communities=[community])
        return {"webhook": made["webhook"]}

    def _secret(self) -> str:
        """The secret by which its system comes in; its id."""
        listed = self.system.get(f"/v1/clients/{self.system.client}/secrets").json()["secrets"]
        return cast(str, listed[0]["secret_id"])

    def _signed_in(self) -> dict[str, str]:
        issuer = f"http://127.0.0.1:1/{token_hex(4)}"
        new = NewIdentityProvider(name="Ours", issuer=issuer, client_id="commonplace")
        call = RegisterIdentityProvider(caller=OPERATOR, organisation=self.organisation, new=new)
        provider = self.town.operate(call, IdentityProvider).provider
        known_as = token_hex(8)
        self.town.person(self.organisation, "Signed In", external_id=known_as)
        opening = OpenSignIn(
            caller=Caller(), provider=provider, subject=known_as, external_id=known_as, attempt=token_hex(32)
        )
        sign_in = self.town.operate(opening, OpenedSignIn).sign_in
        return {"sign_in": sign_in, "identity": identity_key(issuer, known_as)}

    def _passkey(self) -> str:
        """Ana's, who facilitates a community and has just signed in."""
        caller = Caller(member=self.ana.id, organisation=self.organisation, signed_in_at=datetime.now(UTC))
        begun = self.town.operate(BeginPasskey(caller=caller, door=DOOR), PasskeyOptions)
        made = Authenticator(DOOR).make(begun.model_dump())
        new = NewPasskey(label=f"Of {self.word}", **made)
        return self.town.operate(AddPasskey(caller=caller, door=DOOR, new=new), Passkey).passkey

    def _invited(self, community: str) -> str:
        body = {"email": f"{token_hex(8)}@example.org", "role": "member"}
        made = self.ana.made(f"/v1/communities/{community}/invitations", body)
        return cast(str, made["invitation"])

    @staticmethod
    def _first(person: Person, path: str) -> dict[str, Any]:
        """The newest of a listing, as soon as there is one."""
        eventually(lambda: bool(person.get(path).json()["items"]), 20)
        return cast(dict[str, Any], person.get(path).json()["items"][0])

    @staticmethod
    def _revision(person: Person, path: str) -> int:
        return int(person.get(path).json()["revision"])

    @staticmethod
    def _done(person: Person, method: str, path: str, body: Any = None, revision: int | None = None) -> None:
        answer = person.change(method, path, body, revision)
        assert answer.status_code == 200, answer.text
