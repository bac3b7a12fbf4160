"""One attempt: signed as Standard Webhooks says, sent by the guarded client, and what came of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import standardwebhooks

from services.notifications.domain.deed import Deed
from services.notifications.domain.delivery import Delivery, Reply, message
from services.notifications.domain.webhook import Webhook
from shared.wiring.outbound import Outbound, OutboundError
from shared.wiring.sealing import NotSealedHere, Seal

SECONDS = 15.0
MOST_READ = 65_536


class Sender:
    """Sends deliveries.

    Args:
        outbound: the guarded client.
        seal: opens the webhooks' secrets.
    """

    def __init__(self, outbound: Outbound, seal: Seal) -> None:
        self.outbound = outbound
        self.seal = seal

    def send(
        self, webhook: Webhook, delivery: Delivery, deed: Deed, community_title: str, at: datetime
    ) -> Reply:
        """Make one attempt."""
        body = json.dumps(message(delivery, deed, community_title), separators=(",", ":"), ensure_ascii=False)
        try:
            secrets = [self.seal.open(sealed, webhook.id) for sealed in webhook.signing(at)]
        except NotSealedHere:
            return Reply(None, "unsealed")
        headers = signed(secrets, delivery.id, at, body)
        headers["content-type"] = "application/cloudevents+json"
        try:
            answer = self.outbound.send(
                "POST", webhook.url, headers=headers.items(), content=body.encode(),
                seconds=SECONDS, most_bytes=MOST_READ,
            )  # fmt: skip
        except OutboundError as error:
            return Reply(None, error.reason)
        return Reply(answer.status, retry_after=retry_after(answer.headers, at))


def signed(secrets: list[str], id: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers of Standard Webhooks, with a signature by each of the secrets."""
    # The library takes every moment for UTC, whatever its zone says.
    moment = at.astimezone(UTC)
    signatures = [standardwebhooks.Webhook(secret).sign(id, moment, body) for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def retry_after(headers: Mapping[str, Any], at: datetime) -> timedelta | None:
    """How long a receiver asks to be left alone: `Retry-After` in seconds or as a date (RFC 9110); None for neither."""
    told = str(headers.get("retry-after", "")).strip()
    if told.isascii() and told.isdigit():
        return timedelta(seconds=min(int(told[:9]), 10**8))
    try:
        return max(parsedate_to_datetime(told) - at, timedelta(0))
    except (TypeError, ValueError):
        return None
