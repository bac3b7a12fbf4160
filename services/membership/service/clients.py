"""Handlers for organisations' systems: their secrets, their keys, and whom they stand for."""

from services.membership.domain import client as clients
from services.membership.domain.client import Client
from services.membership.domain.operator import check_operator
from services.membership.domain.organisation import no_such_organisation
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_id, cut_by_id
from services.membership.service.secrets import FOR_CLIENTS, make_secret
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Done, Page
from shared.contracts.calls.membership import (
    AddClientSecret,
    ClientKeys,
    ClientSecret,
    ClientSecrets,
    EndClientSecret,
    GetClientKeys,
    IdentifyClient,
    IdentifyClientByAssertion,
    Identity,
    ListClients,
    ListClientSecrets,
    RegisterClient,
    RevokeClient,
    SetClientKeys,
)
from shared.contracts.membership import ClientEnded
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class ClientHandlers(Handlers):
    """Secrets are shown in the answer that makes them and kept nowhere; a repetition is answered without."""

    @rpc
    def register_client(self, call: RegisterClient) -> calls.Client:
        check_operator(call.caller)
        if self.organisations.get(call.organisation) is None:
            raise no_such_organisation()
        client = clients.register(new_id(), call.organisation, call.new)
        text = None
        if not (client.keys or client.keys_at):
            text, digest = make_secret(FOR_CLIENTS)
            client = clients.add_secret(client, new_id(), digest, call.new.expires_in_days, now())
        work = Work()
        self.clients.add(work, client)
        self.commit(work, call, client.shown())
        return client.shown(text)

    @rpc
    def revoke_client(self, call: RevokeClient) -> Done:
        was = self._for_operator(call, call.client)
        client = clients.revoke(was)
        work = Work()
        if client != was:
            self.clients.put(work, was, client)
            work.tell(ClientEnded(client=client.id, organisation=client.organisation, at=now()))
        self.tokens.end_all_by(work, client.id)
        return self.commit(work, call, Done())

    @rpc
    def list_clients(self, call: ListClients) -> Page[calls.Client]:
        check_operator(call.caller)
        found = self.clients.page(call.organisation, after_id(call), call.limit + 1)
        page, next = cut_by_id(call, found, lambda last: last.id)
        return Page[calls.Client](items=tuple(client.shown() for client in page), next=next)

    @rpc
    def add_client_secret(self, call: AddClientSecret) -> ClientSecret:
        was = clients.check_may_change_secrets(call.caller, self.clients.get(call.client))
        secret = make_secret(FOR_CLIENTS)
        client = clients.add_secret(was, new_id(), secret.digest, call.expires_in_days, now())
        work = Work()
        self.clients.put(work, was, client)
        added = client.secrets[-1]
        self.commit(work, call, added.shown())
        return added.shown(secret.text)

    @rpc
    def list_client_secrets(self, call: ListClientSecrets) -> ClientSecrets:
        client = clients.check_may_see_secrets(call.caller, self.clients.get(call.client))
        return ClientSecrets(secrets=tuple(secret.shown() for secret in client.secrets))

    @rpc
    def end_client_secret(self, call: EndClientSecret) -> Done:
        was = clients.check_may_change_secrets(call.caller, self.clients.get(call.client))
        work = Work()
        client = clients.end_secret(was, call.secret, now(), even_the_last=call.caller.operator)
        self.clients.put(work, was, client)
        return self.commit(work, call, Done())

    @rpc
    def set_client_keys(self, call: SetClientKeys) -> Done:
        was = self._for_operator(call, call.client)
        work = Work()
        self.clients.put(work, was, clients.set_keys(was, call.keys, call.keys_at))
        return self.commit(work, call, Done())

    @rpc
    def get_client_keys(self, call: GetClientKeys) -> ClientKeys:
        return clients.keys_of(self.clients.get(call.client))

    @rpc
    def identify_client(self, call: IdentifyClient) -> Identity:
        client = self.clients.get(call.client)
        member = None if call.acting_for is None else self.members.get(call.acting_for)
        return clients.identify(client, call.digest, call.acting_for, member, now(), call.secret)

    @rpc
    def identify_client_by_assertion(self, call: IdentifyClientByAssertion) -> Identity:
        at = now()
        clients.check_assertion_ends_soon(call.until, at)
        client = self.clients.get(call.client)
        clients.keys_of(client)
        identity = clients.identify(client, None, None, None, at)
        work = Work()
        self.spent.use(work, f"assertion:{call.client}:{call.assertion}", call.until)
        return self.commit(work, call, identity)

    def _for_operator(self, call: Call, id: str) -> Client:
        check_operator(call.caller)
        client = self.clients.get(id)
        if client is None:
            raise clients.no_such_client()
        return client
