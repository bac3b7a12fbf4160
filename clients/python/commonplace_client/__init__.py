"""A client of Commonplace's API, typed: `v1` is made from the OpenAPI document, the rest makes it pleasant to use.

`connect` says who is asking, `answered` gives what was asked for or raises `Refused`, `pages` follows a listing.
"""

from commonplace_client.answers import Refused, Unchanged, answered, pages
from commonplace_client.connecting import ClientCredentials, CredentialsRefused, connect

__all__ = [
    "ClientCredentials",
    "CredentialsRefused",
    "Refused",
    "Unchanged",
    "answered",
    "connect",
    "pages",
]
