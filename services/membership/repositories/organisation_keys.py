"""Where the public keys of organisations are kept, the revoked ones too."""

from collections.abc import Iterable

from pymongo import IndexModel

from services.membership.domain.organisation_key import OrganisationKey, key_id
from services.membership.repositories.rows import TimePosition, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "organisation_keys"
NEWEST = [("registered_at", -1), ("_id", -1)]
INDEXES = [IndexModel([("organisation", 1), *NEWEST], name="newest")]


class OrganisationKeys:
    """The keys by which organisations sign."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, organisation: str, kid: str) -> OrganisationKey | None:
        """That key, None when the organisation has none such."""
        return thing_of(OrganisationKey, self.rows.find_one({"_id": key_id(organisation, kid)}))

    def all_of(self, organisations: Iterable[str]) -> dict[str, OrganisationKey]:
        """All keys of these organisations, by `<organisation>:<kid>`."""
        rows = self.rows.find({"organisation": {"$in": list(organisations)}})
        return {key.id: key for key in things_of(OrganisationKey, rows)}

    def page(self, organisation: str, position: TimePosition, limit: int) -> list[OrganisationKey]:
        """At most `limit` of an organisation's keys, newest first, after a position."""
        which = {"organisation": organisation, **before("registered_at", position)}
        return things_of(OrganisationKey, self.rows.find(which).sort(NEWEST).limit(limit))

    @staticmethod
    def put(work: Work, was: OrganisationKey | None, now: OrganisationKey) -> None:
        """Add a new or changed key to what is to happen."""
        if was is None:
            work.insert(COLLECTION, row_of(now))
        else:
            work.replace(COLLECTION, row_of(now), was=was.revision)
