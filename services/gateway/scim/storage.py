"""Where scim2-server reads and writes: membership, asked through the switchboard, for the directory that is calling.

Membership finds entries by id, user name and external id, and pages them by id. Whatever else a directory filters or
sorts by is worked out here by scim2-server's own evaluator, over all entries of that one directory up to a bound.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from scim2_models import (
    InvalidCursorException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimProvider,
    SearchRequest,
    TooManyException,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import ScimStorage, SearchPage

from services.gateway.scim.away import Away
from services.gateway.scim.content import content_of, kind_of, resource_of, revision_of
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.membership import (
    AddDirectoryEntry,
    ChangeDirectoryEntry,
    DirectoryEntries,
    DirectoryEntry,
    EntryKind,
    FindDirectoryEntries,
    GetDirectoryEntry,
    RemoveDirectoryEntry,
)
from shared.errors import Conflict, NotFound, Unavailable

A = TypeVar("A", bound=BaseModel)

MOST_LOOKED_AT = 2_000
"""Entries that are looked through for a filter or an order that membership has no index for."""

MOST_AT_ONCE = 1_000
ID = re.compile(r"[0-9a-f]{24}")
INDEXED = {"username": "user_name", "externalid": "external_id", "id": "entry"}


class DirectoryStorage(ScimStorage):
    """One directory's users and groups.

    Args:
        switchboard: makes the calls.
        provider: says which model a resource type has.
        caller: whose directory is calling just now.
    """

    supports_cursors = True

    def __init__(
        self, switchboard: Switchboard, provider: ScimProvider, caller: Callable[[], Caller]
    ) -> None:
        self.switchboard = switchboard
        self.provider = provider
        self._caller = caller

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """The user or group of that id, in this directory."""
        call = GetDirectoryEntry(**self._who(), kind=kind_of(resource_type), entry=_id(resource_id))
        return self._resource(resource_type, self._ask(call, DirectoryEntry))

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Add a user, who becomes a member, or a group."""
        call = AddDirectoryEntry(**self._who(), content=content_of(resource))
        return self._resource(resource_type, self._ask(call, DirectoryEntry))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Put a user or group in the place of what was there."""
        call = ChangeDirectoryEntry(
            **self._who(),
            entry=_id(resource.id),
            content=content_of(resource),
            revision=revision_of(expected_version),
        )
        return self._resource(resource_type, self._ask(call, DirectoryEntry))

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Let go of a user, who is barred from everything, or of a group."""
        call = RemoveDirectoryEntry(
            **self._who(),
            kind=kind_of(resource_type),
            entry=_id(resource_id),
            revision=revision_of(expected_version),
        )
        self._ask(call, BaseModel)

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """One page of what matches, by index or by cursor."""
        if search_request.filter is None and search_request.sort_by is None:
            if search_request.cursor is None:
                return self._page_by_index(resource_types, search_request)
            return self._page_by_cursor(resource_types, search_request, position)
        memory = InMemoryStorage()
        memory.resources = self._candidates(resource_types, search_request)
        return memory.search(resource_types, search_request, position=position)

    def _page_by_index(self, types: list[ResourceType], search: SearchRequest[Any]) -> SearchPage:
        left = search.count
        found: list[DirectoryEntry] = []
        while True:
            at_once = MOST_AT_ONCE if left is None else min(left, MOST_AT_ONCE)
            page = self._find(types, skip=(search.start_index_0 or 0) + len(found), limit=at_once)
            found += page.items
            left = None if left is None else left - len(page.items)
            if len(page.items) < at_once or left == 0:
                return SearchPage(page.total, self._resources(types, found))

    def _page_by_cursor(
        self, types: list[ResourceType], search: SearchRequest[Any], position: Any
    ) -> SearchPage:
        limit = MOST_AT_ONCE if search.count is None else min(search.count, MOST_AT_ONCE)
        if limit == 0:
            return SearchPage(self._find(types, limit=0).total, [])
        back, anchor = _read(position)
        bound = {"before" if back else "after": anchor} if anchor else {}
        page = self._find(types, limit=limit + 1, **bound)
        is_more = len(page.items) > limit
        items = page.items[-limit:] if back else page.items[:limit]
        found = SearchPage(page.total, self._resources(types, items))
        if items and (back or is_more):
            found.next = {"after": items[-1].entry}
        if items and (is_more if back else anchor is not None):
            found.previous = {"before": items[0].entry}
        return found

    def _candidates(self, types: list[ResourceType], search: SearchRequest[Any]) -> list[Resource[Any]]:
        """The entries among which the evaluator looks: few, when the filter names one by an index."""
        narrowed = _narrowed(search.filter.ast) if search.filter is not None else {}
        page = self._find(types, limit=MOST_LOOKED_AT, **narrowed)
        if page.total > MOST_LOOKED_AT:
            raise TooManyException(
                detail=f"Your directory has more than {MOST_LOOKED_AT} entries here; "
                "filter by userName, externalId or id with eq, or page through all of them without filter and order."
            )
        return self._resources(types, page.items)

    def _find(self, types: list[ResourceType], **how: Any) -> DirectoryEntries:
        kinds: tuple[EntryKind, ...] = tuple({kind_of(resource_type): None for resource_type in types})
        return self._ask(FindDirectoryEntries(**self._who(), kinds=kinds, **how), DirectoryEntries)

    def _resources(self, types: list[ResourceType], entries: Any) -> list[Resource[Any]]:
        by_kind = {kind_of(resource_type): resource_type for resource_type in types}
        return [self._resource(by_kind[entry.kind], entry) for entry in entries]

    def _resource(self, resource_type: ResourceType, entry: DirectoryEntry) -> Resource[Any]:
        return resource_of(entry, cast(type[Resource[Any]], self.provider.model_for(resource_type)))

    def _who(self) -> dict[str, Any]:
        caller = self._caller()
        return {"caller": caller, "organisation": caller.organisation}

    def _ask(self, call: Call, answer: type[A]) -> A:
        with _refusals():
            return cast(A, self.switchboard.ask(call))


@contextmanager
def _refusals() -> Iterator[None]:
    """Membership's refusals, as SCIM says them (RFC 7644, 3.12)."""
    try:
        yield
    except NotFound:
        raise _nothing() from None
    except Conflict as refusal:
        if refusal.code == "stale-revision":
            raise PreconditionFailedException(detail=refusal.sentence) from None
        raise UniquenessException(detail=refusal.sentence) from None
    except Unavailable as refusal:
        raise Away(refusal.retry_after or "2") from None


def _nothing() -> NotFoundException:
    return NotFoundException(detail="There is no such user or group in your directory.")


def _id(resource_id: str | None) -> str:
    if resource_id is None or not ID.fullmatch(resource_id):
        raise _nothing()
    return resource_id


def _narrowed(node: FilterNode) -> dict[str, str]:
    """How membership can narrow a filter by one of its indexes; empty when it can't."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        return next(filter(None, map(_narrowed, node.terms)), {})
    if not (isinstance(node, Comparison) and node.op == CompareOperator.eq and isinstance(node.value, str)):
        return {}
    by = INDEXED.get(str(node.attr_path).casefold())
    return {"by": by, "value": node.value} if by and len(node.value) <= 1_000 else {}


def _read(position: Any) -> tuple[bool, str | None]:
    """Whether a cursor leads back, and from which entry on; the first page has none."""
    match position:
        case None:
            return False, None
        case {"after": str(entry)}:
            return False, entry
        case {"before": str(entry)}:
            return True, entry
        case _:
            raise InvalidCursorException
