"""What the stream process is told from outside, besides what the gateway is told."""

from pydantic import Field

from services.gateway.settings import GatewaySettings


class StreamSettings(GatewaySettings):
    """How many streams are open, and for how long they are believed."""

    streams: int = Field(2_000, ge=1, description="How many streams one process holds open.")
    streams_per_member: int = Field(5, ge=1, description="How many of them one member may have.")
    stream_check_seconds: float = Field(
        45.0, gt=0, le=50, description="After how long an open stream's credential is looked at again."
    )
