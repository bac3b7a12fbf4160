"""Ids that follow from what a thing is, so that bringing it in again finds it again."""

import hashlib


def id_of(*names: str) -> str:
    """The 24 hex digits for a thing known by `names`: its source, what it is, and its key there."""
    digest = hashlib.sha256()
    for name in names:
        encoded = name.encode()
        # With its length before each name, no two lists of names run into the same bytes.
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()[:24]
