"""The collections of the membership service, each behind a small class; nobody else opens them."""

from services.membership.repositories import (
    acts,
    agreements,
    communities,
    credentials,
    headcounts,
    invitations,
    join_requests,
    members,
    memberships,
    organisation_keys,
    organisations,
)
from services.membership.repositories.acts import Acts
from services.membership.repositories.agreements import Agreements
from services.membership.repositories.communities import Communities
from services.membership.repositories.credentials import Clients, Tokens
from services.membership.repositories.headcounts import Headcounts
from services.membership.repositories.invitations import Invitations
from services.membership.repositories.join_requests import JoinRequests
from services.membership.repositories.members import Members
from services.membership.repositories.memberships import Memberships
from services.membership.repositories.organisation_keys import OrganisationKeys
from services.membership.repositories.organisations import Organisations

__all__ = [
    "INDEXES",
    "Acts",
    "Agreements",
    "Clients",
    "Communities",
    "Headcounts",
    "Invitations",
    "JoinRequests",
    "Members",
    "Memberships",
    "OrganisationKeys",
    "Organisations",
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
    credentials.CLIENTS: [],
    organisation_keys.COLLECTION: organisation_keys.INDEXES,
    agreements.COLLECTION: agreements.INDEXES,
    acts.WAITING: acts.WAITING_INDEXES,
    acts.LOG: acts.LOG_INDEXES,
}
