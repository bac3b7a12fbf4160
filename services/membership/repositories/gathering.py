"""What membership tells a member of themselves: all that is theirs, without secrets and their digests."""

from services.membership.repositories import (
    acts,
    credentials,
    directory,
    invitations,
    join_requests,
    members,
    memberships,
    passkeys,
    sign_ins,
)
from shared.wiring.gathering import Section, documents, fields
from shared.wiring.store import Store

PROFILE = (
    "name",
    "handle",
    "profession",
    "interests",
    "email",
    "former_addresses",
    "external_id",
    "organisation",
    "since",
    "homes",
    "sponsorship",
    "active",
)
REQUEST = (
    "community", "message", "state", "asked_at", "decision_message", "decided_by", "decided_at",
)  # fmt: skip
INVITATION = (
    "community", "email", "role", "message", "state", "invited_by", "invited_at", "expires_at", "accepted_by",
)  # fmt: skip
ACT = ("id", "act", "at", "client", "organisations", "concerns")


def sections(store: Store, member: str) -> list[Section]:
    """The files, in their order."""
    own = {"member": member}

    def section(file: str, collection: str, which: dict[str, str], *names: str) -> Section:
        return Section(file, documents(store, collection, which, fields(*names)))

    return [
        section("profile", members.COLLECTION, {"_id": member}, *PROFILE),
        section("memberships", memberships.COLLECTION, own, "community", "role", "since", "reason"),
        section("join-requests", join_requests.COLLECTION, own, *REQUEST),
        section("invitations-accepted", invitations.COLLECTION, {"accepted_by": member}, *INVITATION),
        section("invitations-sent", invitations.COLLECTION, {"invited_by": member}, *INVITATION),
        section(
            "tokens", credentials.TOKENS, own, "name", "scopes", "client", "issued_at", "expires_at"
        ),
        section(
            "sign-ins", sign_ins.SIGN_INS, own, "way", "provider", "signed_in_at", "seen_at", "ends_at"
        ),
        section("passkeys", passkeys.PASSKEYS, own, "label", "created_at", "used_at", "backed_up"),
        section("identities", sign_ins.IDENTITIES, own, "issuer", "subject", "how", "linked_at"),
        section(
            "directory-entries", directory.ENTRIES, own,
            "organisation", "kind", "document", "external_id", "created_at", "changed_at", "removed_at",
        ),
        section("acts", acts.LOG, own, *ACT),
    ]  # fmt: skip
