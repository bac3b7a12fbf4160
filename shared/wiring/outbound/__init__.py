"""The one road out over HTTP: nothing here speaks to an address that was not checked.

An address that a partner gave us may lead anywhere: to our own database, to a cloud's metadata
service, to a server that answers one byte a second for ever. So a name is resolved once, every
answer is held against the special-purpose ranges (`addresses`), the connection goes to the address
that was checked (`backend`), no redirect is followed, no proxy is taken from the environment, and a
call has an end in seconds and in bytes (`budget`). Works in threads and under eventlet alike.
"""

from shared.wiring.outbound.client import Answer, Outbound
from shared.wiring.outbound.failures import OutboundError, OutboundFailed, OutboundRefused
from shared.wiring.outbound.resolving import Resolve
from shared.wiring.outbound.target import Target

__all__ = ["Answer", "Outbound", "OutboundError", "OutboundFailed", "OutboundRefused", "Resolve", "Target"]
