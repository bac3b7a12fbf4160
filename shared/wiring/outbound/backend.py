"""The sockets under the client: connected to an address that was checked, and held to the budget."""

from collections.abc import Iterable

import httpcore2

from shared.wiring.outbound.addresses import is_public
from shared.wiring.outbound.budget import budget
from shared.wiring.outbound.failures import OutboundFailed, OutboundRefused
from shared.wiring.outbound.resolving import Resolve
from shared.wiring.outbound.streams import PlainStream


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to checked addresses only.

    The check is here, where the connection is made: what a name was resolved to for any earlier check
    may have changed since (DNS rebinding).

    Args:
        resolve: how names are resolved.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve once, check every answer, connect to the first that takes us.

        Raises:
            OutboundRefused: one of the addresses is not the public's.
            OutboundFailed: the name has no address, or nobody takes us.
        """
        addresses = checked_addresses(self._resolve, host, port)
        for behind, address in enumerate(addresses):
            share = budget().seconds_left() / (len(addresses) - behind)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, timeout=share, socket_options=socket_options or ()
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            return PlainStream(stream)
        budget().seconds_left()  # where time has run out, that is what is wrong
        raise OutboundFailed("unreachable", "Nobody took the connection.")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Refuse: a partner's address never leads to a socket of this machine."""
        raise OutboundRefused("scheme", "Only https addresses are called.")


def checked_addresses(resolve: Resolve, host: str, port: int) -> list[str]:
    """Every address of a host, all of them the public's, unless the budget in hand may go anywhere.

    Raises:
        OutboundRefused: one of them is not; the sentence doesn't say which, nor what it is.
        OutboundFailed: the name has no address.
    """
    addresses = resolve(host, port, budget().seconds_left())
    if not budget().anywhere and not all(is_public(address) for address in addresses):
        raise OutboundRefused("address", "That address is not on the public internet.")
    return addresses
