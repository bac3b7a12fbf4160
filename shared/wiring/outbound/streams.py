"""Two streams that ask the budget before every read and write: plain bytes, and TLS on top of them."""

import ssl
from collections.abc import Callable
from typing import Any, TypeVar

import httpcore2

from shared.wiring.outbound.budget import budget
from shared.wiring.outbound.failures import OutboundFailed

RECORD = 16_384
"""Bytes that are read at once: the most that a TLS record holds."""

Result = TypeVar("Result")


class PlainStream(httpcore2.NetworkStream):
    """A connected socket.

    Args:
        inner: httpcore's stream, whose timeouts are for one read each.
    """

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, within what is left."""
        received = self._inner.read(min(max_bytes, RECORD), budget().seconds_left())
        budget().take(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it, a part at a time, so that a receiver that takes little by little is cut off too."""
        for start in range(0, len(buffer), RECORD):
            self._inner.write(buffer[start : start + RECORD], budget().seconds_left())

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Speak TLS from now on, and only with whoever can prove to be the host that was asked for."""
        return TlsStream(self, ssl_context, server_hostname)

    def get_extra_info(self, info: str) -> Any:
        """What the socket knows."""
        return self._inner.get_extra_info(info)


class TlsStream(httpcore2.NetworkStream):
    """TLS over a plain stream.

    The standard library's own wrapping of sockets has a timeout for each wait only, and eventlet replaces
    it by another; this one does its waiting where the budget is asked.

    Args:
        plain: the connected stream.
        context: whom we believe.
        host: whom the certificate has to name, and who is asked for (SNI).
    """

    def __init__(self, plain: PlainStream, context: ssl.SSLContext, host: str | None) -> None:
        self._plain = plain
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
            self._through(self._tls.do_handshake)
        except (ssl.SSLError, ValueError) as error:
            self.close()
            raise OutboundFailed("tls", f"No secure connection: {_why(error)}.") from error
        except BaseException:
            self.close()
            raise

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, in the clear."""
        try:
            return self._through(lambda: self._tls.read(max_bytes))
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as error:
            raise OutboundFailed("tls", f"The secure connection broke: {_why(error)}.") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it, encrypted."""
        rest = memoryview(buffer)
        try:
            while rest:
                part = rest[:RECORD]
                rest = rest[self._through(lambda part=part: self._tls.write(part)) :]  # type: ignore[misc]
        except ssl.SSLError as error:
            raise OutboundFailed("tls", f"The secure connection broke: {_why(error)}.") from error

    def close(self) -> None:
        """Close the socket."""
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        """What TLS and the socket know."""
        return self._tls if info == "ssl_object" else self._plain.get_extra_info(info)

    def _through(self, step: Callable[[], Result]) -> Result:
        """Do a step of TLS, sending and receiving for it as long as it asks."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._send()
                received = self._plain.read(RECORD)
                if received:
                    self._incoming.write(received)
                else:
                    self._incoming.write_eof()
            else:
                self._send()
                return result

    def _send(self) -> None:
        if waiting := self._outgoing.read():
            self._plain.write(waiting)


def _why(error: Exception) -> str:
    """OpenSSL's words without the place in its source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return str(getattr(error, "reason", None) or "it was broken off").replace("_", " ").lower()
