"""The id by which caller and operator speak of one request."""

import re
import secrets

HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str) -> str:
    """The caller's own, `X-Request-ID`, when it is harmless; else a new one of 32 hex digits."""
    return given if HARMLESS.fullmatch(given) else secrets.token_hex(16)
