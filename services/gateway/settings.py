"""What the gateway is told from outside, by environment variables that begin with COMMONPLACE_."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.settings import ProcessSettings


class GatewaySettings(ProcessSettings):
    """Where the gateway listens, what it believes, and how much it takes."""

    host: str = Field("127.0.0.1", description="The address on which the public port listens.")
    port: int = Field(8800, description="The public port.")
    public_url: str = Field(
        "", description="The address under which partners reach this gateway; also the issuer of its tokens."
    )
    stream_port: int = Field(8801, description="The port on which streams are opened.")
    stream_public_url: str = Field(
        "",
        description="The address under which streams are reached, when it is not the public one's with that port.",
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names under which it may be reached besides its public address, with commas between.",
    )
    keys: Path = Field(
        Path(".node/keys"), description="The folder with the signing keys, shared by all gateways of a node."
    )
    threads: int = Field(32, ge=1, le=1000, description="How many requests are in hand at a time.")
    backlog: int = Field(1024, ge=128, description="How many connections wait to be taken.")
    deadline_seconds: float = Field(1.5, gt=0, description="How long a call to a service may take.")
    largest_body: int = Field(65_536, description="The largest request body, in bytes.")
    calls_per_minute: int = Field(
        6_000, ge=0, description="Requests one caller may make in a minute; 0 for no end."
    )
    bad_secrets_per_minute: int = Field(
        5, ge=1, description="Wrong secrets the token endpoint takes in a minute, by client and address."
    )

    bad_credentials_per_minute: int = Field(
        60,
        ge=0,
        description="Credentials that are none, which one address may send in a minute; 0 for no end.",
    )
    sign_in_requests_per_minute: int = Field(
        600,
        ge=0,
        description="Requests to the sign-in pages that one address may send in a minute; 0 for no end.",
    )
    sign_in_links_per_minute: int = Field(
        30, ge=1, description="Links by mail that one address may ask for in a minute."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many proxies in a row stand before it, and write `X-Forwarded-For`."
    )

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def with_commas(cls, value: object) -> object:
        """Take `a.example,b.example` from the environment."""
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @property
    def issuer(self) -> str:
        """The public address without a trailing slash: who issues the tokens, and for whom."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def stream_address(self) -> str:
        """Where partners open streams, as the document tells them."""
        own = urlsplit(self.issuer)
        default = f"{own.scheme}://{own.hostname or self.host}:{self.stream_port}"
        return self.stream_public_url.rstrip("/") or default

    @property
    def hosts(self) -> list[str]:
        """Every host name that a request may name."""
        own = urlsplit(self.issuer).hostname or self.host
        return sorted({own, "127.0.0.1", "localhost", *self.trusted_hosts})
