"""The secrets of an organisation's systems: the next one is made while the old one is still good, by the organisation itself."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import ClientPath, ClientSecretPath
from shared.contracts.calls.call import Body
from shared.contracts.calls.membership import AddClientSecret, EndClientSecret, ListClientSecrets

client_secrets = Resource("client-secrets", "The secrets by which an organisation's systems come in.")


class NewClientSecret(Body):
    """For how long the next secret is good."""

    expires_in_days: int | None = Field(
        None, ge=1, le=1_100, description="For how many days it is good; no end when left out."
    )


@client_secrets.reads("/clients/<client>/secrets", ListClientSecrets, scope="clients:write")
def list_client_secrets(asked: Asked, path: ClientPath) -> ListClientSecrets:
    """List the secrets that one of your organisation's clients has: when each was added and when it ends, never the text.

    By a client of the organisation, for itself or another of its clients.
    """
    return ListClientSecrets(caller=asked.caller, client=path.client)


@client_secrets.creates(
    "/clients/<client>/secrets", AddClientSecret, scope="clients:write", example={"expires_in_days": 90}
)
def add_client_secret(asked: Asked, path: ClientPath, body: NewClientSecret) -> AddClientSecret:
    """Make another secret.

    The one before stays good, so that the system can change over in its own time; two are good at most. The answer alone
    holds it. The token that asks must have every scope that the client has.
    """
    return AddClientSecret(
        caller=asked.caller, once=asked.once, client=path.client, expires_in_days=body.expires_in_days
    )


@client_secrets.changes(
    "DELETE", "/clients/<client>/secrets/<credential>", EndClientSecret, scope="clients:write"
)
def end_client_secret(asked: Asked, path: ClientSecretPath) -> EndClientSecret:
    """Retire a secret, and every token that it has bought; gateways stop believing them within a minute.

    The last one that is good stays: make the next one first.
    """
    return EndClientSecret(caller=asked.caller, once=asked.once, client=path.client, secret=path.credential)
