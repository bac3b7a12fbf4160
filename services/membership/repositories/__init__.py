"""The collections of the membership service, each behind a small class; nobody else opens them."""

from services.membership.repositories import (
    acts,
    agreements,
    communities,
    credentials,
    directory,
    erasures,
    exports,
    headcounts,
    identity_providers,
    invitations,
    join_requests,
    members,
    memberships,
    move_codes,
    organisation_keys,
    organisations,
    outsider_letters,
    passkeys,
    sign_in_links,
    sign_ins,
    spent,
)
from services.membership.repositories.acts import Acts
from services.membership.repositories.agreements import Agreements
from services.membership.repositories.communities import Communities
from services.membership.repositories.credentials import Clients, Tokens
from services.membership.repositories.directory import DirectoryEntries, DirectoryTokens
from services.membership.repositories.erasures import Erasures
from services.membership.repositories.exports import Exports
from services.membership.repositories.headcounts import Headcounts
from services.membership.repositories.identity_providers import IdentityProviders
from services.membership.repositories.invitations import Invitations
from services.membership.repositories.join_requests import JoinRequests
from services.membership.repositories.members import Members
from services.membership.repositories.memberships import Memberships
from services.membership.repositories.move_codes import MoveCodes
from services.membership.repositories.organisation_keys import OrganisationKeys
from services.membership.repositories.organisations import Organisations
from services.membership.repositories.outsider_letters import OutsiderLetters
from services.membership.repositories.passkeys import PasskeyChallenges, Passkeys
from services.membership.repositories.sign_in_links import SignInLinks
from services.membership.repositories.sign_ins import Identities, SignInInvitations, SignIns
from services.membership.repositories.spent import Spent
from shared.wiring.erasing import ERASING
from shared.wiring.erasing import INDEXES as ERASING_INDEXES
from shared.wiring.gathering import INDEXES as GATHERING_INDEXES

__all__ = [
    "INDEXES",
    "Acts",
    "Agreements",
    "Clients",
    "Communities",
    "DirectoryEntries",
    "DirectoryTokens",
    "Erasures",
    "Exports",
    "Headcounts",
    "Identities",
    "IdentityProviders",
    "Invitations",
    "JoinRequests",
    "Members",
    "Memberships",
    "MoveCodes",
    "OrganisationKeys",
    "Organisations",
    "OutsiderLetters",
    "PasskeyChallenges",
    "Passkeys",
    "SignInInvitations",
    "SignInLinks",
    "SignIns",
    "Spent",
    "Tokens",
]

INDEXES = {
    organisations.COLLECTION: organisations.INDEXES,
    members.COLLECTION: members.INDEXES,
    communities.COLLECTION: communities.INDEXES,
    memberships.COLLECTION: memberships.INDEXES,
    headcounts.COLLECTION: headcounts.INDEXES,
    join_requests.COLLECTION: join_requests.INDEXES,
    invitations.COLLECTION: invitations.INDEXES,
    credentials.TOKENS: credentials.TOKEN_INDEXES,
    credentials.CLIENTS: credentials.CLIENT_INDEXES,
    organisation_keys.COLLECTION: organisation_keys.INDEXES,
    agreements.COLLECTION: agreements.INDEXES,
    directory.ENTRIES: directory.ENTRY_INDEXES,
    directory.TOKENS: directory.TOKEN_INDEXES,
    spent.COLLECTION: spent.INDEXES,
    identity_providers.COLLECTION: identity_providers.INDEXES,
    move_codes.COLLECTION: move_codes.INDEXES,
    outsider_letters.COLLECTION: outsider_letters.INDEXES,
    sign_in_links.COLLECTION: sign_in_links.INDEXES,
    sign_ins.SIGN_INS: sign_ins.SIGN_IN_INDEXES,
    sign_ins.IDENTITIES: sign_ins.IDENTITY_INDEXES,
    sign_ins.INVITATIONS: sign_ins.INVITATION_INDEXES,
    passkeys.PASSKEYS: passkeys.PASSKEY_INDEXES,
    passkeys.CHALLENGES: passkeys.CHALLENGE_INDEXES,
    erasures.COLLECTION: erasures.INDEXES,
    exports.COLLECTION: exports.INDEXES,
    ERASING: ERASING_INDEXES,
    **GATHERING_INDEXES,
    acts.WAITING: acts.WAITING_INDEXES,
    acts.LOG: acts.LOG_INDEXES,
}
