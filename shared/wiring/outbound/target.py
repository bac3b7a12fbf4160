"""Reading an address that somebody gave us, by one strict reader: what it does not know, it refuses.

There is no second parser whose opinion could differ: what is read here is what is connected to.
"""

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

from shared.wiring.outbound.addresses import is_public
from shared.wiring.outbound.failures import OutboundRefused

LONGEST = 2_048
PORTS = {"https": 443, "http": 80}

_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#\\]*)(?P<target>[/?][!-~]*)?")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Target(NamedTuple):
    """Where a call goes.

    Args:
        scheme: `https`, or what the operator allowed.
        host: the name or address as it is connected to, lower case, IPv6 without brackets.
        port: the port.
        path: path and query as they are sent.
        is_allowed: whether the operator's settings name it, so that its addresses are not questioned.
    """

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if PORTS[self.scheme] == self.port else f"{host}:{self.port}"


def read_target(url: str, allowed: Collection[str] = ()) -> Target:
    """Read an address and refuse every form that is not plainly `https://host/path`.

    Args:
        url: what somebody gave us.
        allowed: origins that the operator's settings name, such as `https://login.example.internal:8443`;
            `http://127.0.0.1:*` means every port.

    Raises:
        OutboundRefused: the address is not one that is called.
    """
    if len(url) > LONGEST:
        raise OutboundRefused("url", f"The address may have {LONGEST:,} characters.")
    shape = _SHAPE.fullmatch(url)
    if shape is None or "\\" in url or "#" in url:
        raise OutboundRefused(
            "url", "Give an address of the form https://host/path: ASCII, without spaces, # or backslashes."
        )
    scheme = shape["scheme"].lower()
    if scheme not in PORTS:
        raise OutboundRefused("scheme", "Only https addresses are called.")
    if "@" in shape["authority"]:
        raise OutboundRefused("url", "Leave user name and password out of the address.")
    authority = _AUTHORITY.fullmatch(shape["authority"])
    if authority is None:
        raise OutboundRefused(
            "host", "Write the host in ASCII letters, digits and hyphens, others in their xn-- form."
        )
    host = authority["host"].lower()
    port = int(authority["port"] or PORTS[scheme])
    path = shape["target"] or "/"
    path = path if path.startswith("/") else f"/{path}"
    if f"{scheme}://{host}:{port}" in allowed or f"{scheme}://{host}:*" in allowed:
        return Target(scheme, host.strip("[]"), port, path, is_allowed=True)
    if scheme != "https":
        raise OutboundRefused("scheme", "Only https addresses are called.")
    if port != 443:
        raise OutboundRefused("port", "Only port 443 is called.")
    return Target(scheme, _public_host(host), port, path, is_allowed=False)


def _public_host(host: str) -> str:
    """A host that may be the public's: a full name or a plain address; its answers are checked later."""
    elsewhere = OutboundRefused("address", "That address is not on the public internet.")
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            raise OutboundRefused("host", "That is no IPv6 address.") from None
        if not is_public(host[1:-1]):
            raise elsewhere
        return host[1:-1]
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1] or labels[-2 if len(labels) > 1 else 0]):
        try:
            IPv4Address(host)
        except AddressValueError:
            raise OutboundRefused(
                "host", "Write an IPv4 address as four decimal numbers, such as 192.0.2.1."
            ) from None
        if not is_public(host):
            raise elsewhere
        return host
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise OutboundRefused(
            "host", "Give the host's full name, such as hooks.example.org, without a last dot."
        )
    return host
