"""Making secrets, which are shown once and never kept."""

from secrets import token_urlsafe
from typing import NamedTuple

from services.membership.domain.credential import digest_of

FOR_TOKENS = "cop_"
FOR_CLIENTS = "cop_client_"
FOR_INVITATIONS = "cop_invite_"
FOR_DIRECTORIES = "cop_directory_"
FOR_SIGN_INS = "cop_signin_"
FOR_SIGN_IN_INVITATIONS = "cop_connect_"
FOR_MOVES = "cop_move_"
FOR_OUTSIDERS = "cop_guest_"
FOR_SIGN_IN_LINKS = "cop_link_"
FOR_ERASURES = "cop_erasure_"
FOR_EXPORTS = "cop_export_"


class Secret(NamedTuple):
    """A secret of 256 random bits as its owner gets it, and the digest that is kept of it."""

    text: str
    digest: str


def make_secret(prefix: str) -> Secret:
    """A new secret; its prefix lets scanners of published code find it."""
    text = prefix + token_urlsafe(32)
    return Secret(text, digest_of(text))
