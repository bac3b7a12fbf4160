"""Cases, their reports, and the log of what was decided."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.database import Database

from services.discussion.domain.case import Case, Decision
from services.discussion.domain.report import Report
from shared.contracts.calls.discussion import LogEntry
from shared.wiring.store import Work

CASES = "cases"
REPORTS = "reports"
LOG = "moderation_log"

_BY_WAIT = [("waits_since", 1), ("_id", 1)]
_NEWEST = [("at", DESCENDING), ("_id", DESCENDING)]
CASE_INDEXES = [
    IndexModel([("post", 1)], name="open", unique=True, partialFilterExpression={"state": "open"}),
    IndexModel([("post", 1), ("waits", 1)], name="post"),
    IndexModel([("author", 1), ("_id", 1)], name="author"),
    IndexModel(
        [("appeal.member", 1)], name="appellant", partialFilterExpression={"appeal.member": {"$gte": ""}}
    ),
    IndexModel([("community", 1), *_BY_WAIT], name="waiting", partialFilterExpression={"waits": True}),
    IndexModel(
        [("waits", 1), ("reminded", 1), ("waits_since", 1)],
        name="long",
        partialFilterExpression={"waits": True},
    ),
    IndexModel([("organisation", 1), ("opened_at", DESCENDING), ("_id", DESCENDING)], name="organisation"),
]
REPORT_INDEXES = [
    IndexModel([("post", 1), ("by", 1)], name="of_post"),
    IndexModel([("by", 1), ("_id", 1)], name="by"),
    IndexModel([("case", 1), ("at", 1)], name="of_case"),
    IndexModel([("community", 1), ("by", 1), *_NEWEST], name="own"),
]
LOG_INDEXES = [IndexModel([("community", 1), *_NEWEST], name="newest")]

Place = tuple[datetime, str]
"""Where a page ended: the moment and id of its last thing."""


class Cases:
    """The cases of all communities.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[CASES]

    def find(self, id: str) -> Case | None:
        """The case, if there is one."""
        row = self._rows.find_one({"_id": id})
        return _case(row) if row else None

    def among(self, ids: Iterable[str]) -> dict[str, Case]:
        """Those of these cases that are there, by id."""
        return {row["_id"]: _case(row) for row in self._rows.find({"_id": {"$in": list(ids)}})}

    def about(self, posts: Iterable[str]) -> list[Case]:
        """All cases about these posts, the oldest first."""
        return [_case(row) for row in self._rows.find({"post": {"$in": sorted(set(posts))}}).sort("_id", 1)]

    def waiting(self, community: str, *, but_of: str | None, after: Place | None, limit: int) -> list[Case]:
        """Those that wait in a community, longest wait first, except about what `but_of` wrote."""
        which: dict[str, Any] = {"community": community, "waits": True}
        if but_of is not None:
            which["author"] = {"$ne": but_of}
        if after is not None:
            moment, id = after
            which["$or"] = [{"waits_since": {"$gt": moment}}, {"waits_since": moment, "_id": {"$gt": id}}]
        return [_case(row) for row in self._rows.find(which).sort(_BY_WAIT).limit(limit)]

    def of_organisation(self, organisation: str, *, after: Place | None, limit: int) -> list[Case]:
        """Those about what an organisation's members wrote, newest first."""
        which: dict[str, Any] = {"organisation": organisation}
        if after is not None:
            moment, id = after
            which["$or"] = [{"opened_at": {"$lt": moment}}, {"opened_at": moment, "_id": {"$lt": id}}]
        order = [("opened_at", DESCENDING), ("_id", DESCENDING)]
        return [_case(row) for row in self._rows.find(which).sort(order).limit(limit)]

    def waiting_for_long(self, since: datetime, limit: int) -> list[Case]:
        """Those that have waited since before `since`, of which nobody was reminded."""
        which = {"waits": True, "reminded": False, "waits_since": {"$lte": since}}
        return [_case(row) for row in self._rows.find(which).sort("waits_since", 1).limit(limit)]

    def count_waiting(self, most: int) -> int:
        """How many wait, counted up to `most`."""
        return self._rows.count_documents({"waits": True}, limit=most, hint="long")

    @staticmethod
    def add(work: Work, case: Case) -> None:
        """Keep a new case."""
        work.insert(CASES, _document(case))

    @staticmethod
    def put(work: Work, before: Case, after: Case) -> None:
        """Keep a changed case, unless it was changed meanwhile; it may be brought to mind at the same time."""
        old, new = _document(before), _document(after)
        changes: dict[str, Any] = {
            "$set": {name: value for name, value in new.items() if old.get(name) != value}
        }
        if gone := [name for name in old if name not in new]:
            changes["$unset"] = dict.fromkeys(gone, True)
        work.update(CASES, {"_id": before.id, "revision": before.revision}, changes, must_match=True)

    @staticmethod
    def post_changed(work: Work, posts: list[str]) -> None:
        """Let whoever has seen cases about these posts see first what these say now, before anything is decided."""
        work.update_many(CASES, {"post": {"$in": posts}}, {"$inc": {"revision": 1}})

    @staticmethod
    def remind(work: Work, case: Case) -> None:
        """Keep that those who decide were reminded, unless something was done meanwhile; it is no change of the case."""
        which = {"_id": case.id, "revision": case.revision, "reminded": False}
        work.update(CASES, which, {"$set": {"reminded": True}}, must_match=True)


class Reports:
    """The reports of all cases.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[REPORTS]

    def find(self, id: str) -> Report | None:
        """The report, if there is one."""
        row = self._rows.find_one({"_id": id})
        return _report(row) if row else None

    def by_member(self, post: str, member: str) -> list[Report]:
        """What a member has reported of a post."""
        return [_report(row) for row in self._rows.find({"post": post, "by": member})]

    def of_case(self, case: str) -> list[Report]:
        """The reports of a case, oldest first."""
        return [_report(row) for row in self._rows.find({"case": case}).sort("at", 1)]

    def own(self, community: str, member: str, *, after: Place | None, limit: int) -> list[Report]:
        """What a member has reported in a community, newest first."""
        which: dict[str, Any] = {"community": community, "by": member, **_before(after)}
        return [_report(row) for row in self._rows.find(which).sort(_NEWEST).limit(limit)]

    @staticmethod
    def add(work: Work, report: Report) -> None:
        """Keep a new report."""
        work.insert(REPORTS, {"_id": report.id, **report.model_dump(mode="python", exclude={"id"})})


class ModerationLog:
    """What was decided in communities; rows are only added.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[LOG]

    def page(self, community: str, *, after: Place | None, limit: int) -> list[tuple[str, LogEntry]]:
        """Entries of a community with their ids, newest first."""
        which: dict[str, Any] = {"community": community, **_before(after)}
        return [_entry(row) for row in self._rows.find(which).sort(_NEWEST).limit(limit)]

    @staticmethod
    def add(work: Work, case: Case, decision: Decision, *, id: str) -> None:
        """Log a decision, or the ruling on an appeal."""
        work.insert(
            LOG,
            {
                "_id": id,
                "community": case.community,
                "case": case.id,
                "step": "decision" if case.appeal is None else "appeal",
                "outcome": decision.outcome.value,
                "reasons": [reason.value for reason in case.reasons],
                "decided_as": decision.decided_as,
                "at": decision.at,
            },
        )


def _before(after: Place | None) -> dict[str, Any]:
    """What follows a page that ended at `after`, newest first."""
    if after is None:
        return {}
    moment, id = after
    return {"$or": [{"at": {"$lt": moment}}, {"at": moment, "_id": {"$lt": id}}]}


def _document(case: Case) -> dict[str, Any]:
    row = case.model_dump(mode="python", exclude={"id"})
    return {"_id": case.id, **row, **({"waits": True} if case.waits else {})}


def _case(row: dict[str, Any]) -> Case:
    return Case(id=row.pop("_id"), **row)


def _report(row: dict[str, Any]) -> Report:
    return Report(id=row.pop("_id"), **row)


def _entry(row: dict[str, Any]) -> tuple[str, LogEntry]:
    return row["_id"], LogEntry(
        case=row["case"],
        step=row["step"],
        outcome=row["outcome"],
        reasons=row["reasons"],
        decided_as=row["decided_as"],
        decided_at=row["at"],
    )
