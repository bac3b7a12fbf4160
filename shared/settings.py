"""What every process is told from outside, by environment variables that begin with COMMONPLACE_."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def with_commas(value: object) -> object:
    """Take `a, b` from the environment."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def origin(value: str) -> str:
    """Write an origin as `scheme://host:port`; the port may be `*`.

    Raises:
        ValueError: it is no origin.
    """
    match = re.fullmatch(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}|\*))?/?", value.lower())
    if match is None:
        raise ValueError(f"{value!r} is no origin such as https://login.example.internal:8443")
    return f"{match[1]}://{match[2]}:{match[3] or {'https': '443', 'http': '80'}[match[1]]}"


Origins = Annotated[
    tuple[Annotated[str, AfterValidator(origin)], ...], BeforeValidator(with_commas), NoDecode
]


class ProcessSettings(BaseSettings):
    """What every process of a node needs to know."""

    model_config = SettingsConfigDict(env_prefix="COMMONPLACE_", extra="ignore")

    broker: str = Field(
        "amqp://guest:guest@127.0.0.1:5672/",
        description="Where RabbitMQ is: amqp://user:password@host:port/vhost.",
    )
    admin_host: str = Field(
        "127.0.0.1", description="The address on which /metrics, /healthz and /readyz answer."
    )
    admin_port: int = Field(0, description="Their port; 0 leaves them out.")
    log_level: str = Field("info", description="debug, info, warning or error.")
    outbound_allowed: Origins = Field(
        (),
        description="Origins that may be called although they are not https on port 443 of a public address, "
        "with commas between: https://login.example.internal:8443. A port of * means every port.",
    )
    outbound_authorities: Path | None = Field(
        None,
        description="A PEM file of certificate authorities to believe besides the system's when calling out.",
    )


class ServiceSettings(ProcessSettings):
    """What a service needs besides: its database."""

    mongo: str = Field(
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        description="Where MongoDB is; transactions need a replica set.",
    )
    database_prefix: str = Field("commonplace", description="A service's database is <prefix>_<service>.")
    workers: int = Field(16, ge=1, le=200, description="How many calls a service process answers at a time.")
