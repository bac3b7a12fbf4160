"""What the notifications service is told from outside, besides what every service is."""

from pathlib import Path

from pydantic import Field

from shared.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    """Where the key lies with which the webhooks' secrets are sealed."""

    keys: Path = Field(
        Path(".node/keys"),
        description="The folder with the node's keys; lost, the webhooks' secrets are lost too.",
    )
