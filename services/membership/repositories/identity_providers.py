"""Where identity providers are kept."""

from pymongo import IndexModel

from services.membership.domain.identity_provider import IdentityProvider
from services.membership.repositories.rows import row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "identity_providers"
INDEXES = [
    IndexModel(
        [("domains", 1)], name="domain", unique=True, partialFilterExpression={"domains": {"$gte": ""}}
    ),
    IndexModel([("name", 1), ("_id", 1)], name="by_name"),
    IndexModel([("organisation", 1), ("_id", 1)], name="by_organisation"),
]


class IdentityProviders:
    """The providers of all organisations; a domain leads to one of them at most."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str | None) -> IdentityProvider | None:
        """The provider, None when there is none."""
        return None if id is None else thing_of(IdentityProvider, self.rows.find_one({"_id": id}))

    def of_domain(self, domain: str) -> IdentityProvider | None:
        """The provider for addresses of that domain, None when there is none."""
        return thing_of(IdentityProvider, self.rows.find_one({"domains": domain}))

    def of_organisation(self, organisation: str | None) -> IdentityProvider | None:
        """An organisation's first provider, None when it has none."""
        row = self.rows.find_one({"organisation": organisation}, sort=[("_id", 1)])
        return thing_of(IdentityProvider, row)

    def all_of(self, organisation: str | None) -> list[IdentityProvider]:
        """An organisation's; none of nobody's."""
        if organisation is None:
            return []
        return things_of(IdentityProvider, self.rows.find({"organisation": organisation}).sort("_id", 1))

    def all(self) -> list[IdentityProvider]:
        """Every one, by name."""
        return things_of(IdentityProvider, self.rows.find().sort([("name", 1), ("_id", 1)]))

    def add(self, work: Work, provider: IdentityProvider) -> None:
        """Add a new provider to what is to happen."""
        work.insert(COLLECTION, row_of(provider))

    def remove(self, work: Work, provider: str) -> None:
        """Let a provider go."""
        work.delete(COLLECTION, {"_id": provider})
