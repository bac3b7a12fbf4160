"""Webhooks: an organisation's systems are told what happens, at an address of theirs."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import PageQuery, WebhookDeliveryPath, WebhookPath
from shared.contracts.calls.notifications.webhooks import (
    ChangeWebhook,
    DeleteWebhook,
    DeliveryState,
    GetWebhook,
    ListWebhookDeliveries,
    ListWebhooks,
    NewWebhook,
    RegisterWebhook,
    ReplayWebhookDelivery,
    RotateWebhookSecret,
    WebhookChanges,
)

webhooks = Resource("webhooks", "What an organisation's systems are told, and whether they took it.")

EXAMPLE = {
    "name": "Intranet feed",
    "url": "https://hooks.example.org/commonplace",
    "events": ["thread.opened", "answer.accepted"],
    "communities": [],
    "contact": "6a0000000000000000000001",
}


class DeliveriesQuery(PageQuery):
    state: DeliveryState | None = Field(None, description="Only those in this state.")


@webhooks.creates(
    "/webhooks", RegisterWebhook, scope="webhooks:write", at="/v1/webhooks/{webhook}", example=EXAMPLE
)
def register_webhook(asked: Asked, body: NewWebhook) -> RegisterWebhook:
    """Register a webhook for one's organisation.

    By a client for itself. The answer alone holds the secret that deliveries are signed with (Standard Webhooks).
    """
    return RegisterWebhook(caller=asked.caller, once=asked.once, new=body)


@webhooks.reads("/webhooks", ListWebhooks, scope="webhooks:read")
def list_webhooks(asked: Asked, query: PageQuery) -> ListWebhooks:
    """List the webhooks of one's organisation."""
    return ListWebhooks(caller=asked.caller, after=query.after, limit=query.limit)


@webhooks.reads("/webhooks/<webhook>", GetWebhook, scope="webhooks:read")
def get_webhook(asked: Asked, path: WebhookPath) -> GetWebhook:
    """Read a webhook: its state, and since when it fails."""
    return GetWebhook(caller=asked.caller, webhook=path.webhook)


@webhooks.changes(
    "PATCH", "/webhooks/<webhook>", ChangeWebhook, scope="webhooks:write", example={"state": "paused"}
)
def change_webhook(asked: Asked, path: WebhookPath, body: WebhookChanges) -> ChangeWebhook:
    """Change a webhook, pause it, or let it go on."""
    return ChangeWebhook(
        caller=asked.caller, once=asked.once, webhook=path.webhook, revision=asked.revision, changes=body
    )


@webhooks.creates("/webhooks/<webhook>/secret", RotateWebhookSecret, scope="webhooks:write")
def rotate_webhook_secret(asked: Asked, path: WebhookPath) -> RotateWebhookSecret:
    """Make a new secret.

    For a day deliveries are signed with both; the answer alone holds the new one.
    """
    return RotateWebhookSecret(caller=asked.caller, once=asked.once, webhook=path.webhook)


@webhooks.changes("DELETE", "/webhooks/<webhook>", DeleteWebhook, scope="webhooks:write")
def delete_webhook(asked: Asked, path: WebhookPath) -> DeleteWebhook:
    """Delete a webhook, with what waits for it and its log."""
    return DeleteWebhook(caller=asked.caller, once=asked.once, webhook=path.webhook)


@webhooks.reads("/webhooks/<webhook>/deliveries", ListWebhookDeliveries, scope="webhooks:read")
def list_webhook_deliveries(asked: Asked, path: WebhookPath, query: DeliveriesQuery) -> ListWebhookDeliveries:
    """List what a webhook was told or is to be told, with every attempt."""
    return ListWebhookDeliveries(
        caller=asked.caller, webhook=path.webhook, state=query.state, after=query.after, limit=query.limit
    )


@webhooks.changes(
    "PUT", "/webhooks/<webhook>/deliveries/<delivery>/replay", ReplayWebhookDelivery, scope="webhooks:write"
)
def replay_webhook_delivery(asked: Asked, path: WebhookDeliveryPath) -> ReplayWebhookDelivery:
    """Deliver something again, under the same id."""
    return ReplayWebhookDelivery(
        caller=asked.caller, once=asked.once, webhook=path.webhook, delivery=path.delivery
    )
