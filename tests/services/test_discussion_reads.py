"""Every read uses an index, and no call asks the database more often than it must."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient, monitoring

from services.discussion.repositories import INDEXES
from services.discussion.service import record
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    DecideCase,
    GetCase,
    GetOrganisationCase,
    GetPost,
    GetReport,
    ImportedPost,
    ImportedThread,
    ImportThreads,
    ListCases,
    ListModerationLog,
    ListOrganisationCases,
    ListPosts,
    ListPostVersions,
    ListReports,
    ListThreads,
    ListUnanswered,
    NewCaseDecision,
    NewReport,
    ReportPost,
    Search,
)
from shared.contracts.vocabulary import CaseOutcome, ReportReason, Role, ThreadKind
from shared.wiring.store import Store, new_id, now
from tests.services.discussion_room import Room, handle_of
from tests.services.test_discussion_posts import edit, react, unreact

READS = ("find", "aggregate")
OWN = {"answers", "outbox", "heard"}


class Watch(monitoring.CommandListener):
    """Keeps every read that was sent to the server."""

    def __init__(self) -> None:
        self.reads: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in READS and event.command[event.command_name] not in OWN:
            self.reads.append(dict(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture(scope="module")
def watched(mongo_url: str, database_prefix: str) -> Iterator[tuple[Room, Watch]]:
    """A room whose every read is seen."""
    watch = Watch()
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url, tz_aware=True, event_listeners=[watch])
    store = Store(client, f"{database_prefix}_discussion_reads", "discussion", record=record)
    store.ensure(INDEXES)
    yield Room(store), watch
    client.close()


def collection_scans(plan: Any) -> bool:
    """Whether any stage of a plan, however deep, looks at a whole collection."""
    if isinstance(plan, dict):
        return plan.get("stage") == "COLLSCAN" or any(collection_scans(part) for part in plan.values())
    return isinstance(plan, list) and any(collection_scans(part) for part in plan)


@pytest.mark.parametrize(
    ("name", "most"),
    {
        "open_thread": 1,
        "open_thread, with mentions": 2,
        "add_post": 2,
        "add_post, with mentions": 3,
        "get_thread": 3,
        "list_threads": 2,
        "list_threads of a kind": 2,
        "list_threads in a state": 2,
        "list_threads of a guest": 4,
        "list_threads, second page": 2,
        "list_unanswered": 3,
        "list_unanswered of one": 3,
        "get_post": 3,
        "list_posts": 3,
        "edit_post": 3,
        "list_post_versions": 4,
        "react": 4,
        "unreact": 4,
        "search": 7,
        "search of a guest": 8,
        "report_post": 6,
        "report_post, again": 6,
        "get_report": 3,
        "list_reports": 3,
        "list_cases": 4,
        "get_case": 8,
        "decide_case": 11,
        "list_moderation_log": 2,
        "list_organisation_cases": 3,
        "get_organisation_case": 5,
        "remind_of_cases": 2,
        "import_threads": 5,
        "import_threads, grown": 6,
    }.items(),
)
def test_a_call_reads_by_index_and_no_oftener_than_this(
    watched: tuple[Room, Watch], name: str, most: int
) -> None:
    room, watch = watched
    community = room.community()
    member, other = room.newcomer(community), room.newcomer(community)
    guest = room.joins(room.newcomer(community, Role.GUEST), room.community(), Role.GUEST)
    service, mention = room.service, f"@{handle_of(other.member)}"
    opened = room.open_thread(member, community, "Numbat")
    room.open_thread(member, community)
    post = room.add_post(other, opened.thread, "Numbats!").post
    first = ListThreads(caller=member, community=community, limit=1)
    cursor = service.list_threads(first).next
    assert member.member
    old = ImportedPost(id=new_id(), author=member.member, at=now(), html="<p>x</p>")
    part = ImportedThread(
        id=new_id(), community=community, kind=ThreadKind.DISCUSSION, title="Old", posts=(old,)
    )
    grown = part.model_copy(update={"posts": (old, old.model_copy(update={"id": new_id()}))})
    operator = Caller(operator=True)
    if name.endswith("grown"):
        service.import_threads(ImportThreads(caller=operator, threads=(part,)))
    reader, facilitator = room.newcomer(community), room.newcomer(community, Role.FACILITATOR)
    reporting = ReportPost(caller=reader, post=post, new=NewReport(reason=ReportReason.OTHER))
    made = service.report_post(reporting) if name != "report_post" else None
    about = room.store.database["cases"].find_one({"post": post}) or {"_id": "", "revision": 1}
    organisation = str(other.organisation)
    system = Caller(client=new_id(), organisation=organisation)
    decision = NewCaseDecision(outcome=CaseOutcome.WITHDRAW, reason="So.")
    calls: dict[str, Any] = {
        "report_post": lambda: service.report_post(reporting),
        "report_post, again": lambda: service.report_post(reporting),
        "get_report": lambda: service.get_report(GetReport(caller=reader, report=made.report)),
        "list_reports": lambda: service.list_reports(ListReports(caller=reader, community=community)),
        "list_cases": lambda: service.list_cases(ListCases(caller=facilitator, community=community)),
        "get_case": lambda: service.get_case(GetCase(caller=facilitator, case=about["_id"])),
        "decide_case": lambda: service.decide_case(
            DecideCase(caller=facilitator, case=about["_id"], decision=decision, revision=1)
        ),
        "list_moderation_log": lambda: service.list_moderation_log(
            ListModerationLog(caller=member, community=community)
        ),
        "list_organisation_cases": lambda: service.list_organisation_cases(
            ListOrganisationCases(caller=system, organisation=organisation)
        ),
        "get_organisation_case": lambda: service.get_organisation_case(
            GetOrganisationCase(caller=system, organisation=organisation, case=about["_id"])
        ),
        "remind_of_cases": service.remind_of_cases,
        "open_thread": lambda: room.open_thread(member, community),
        "open_thread, with mentions": lambda: room.open_thread(member, community, mention),
        "add_post": lambda: room.add_post(member, opened.thread),
        "add_post, with mentions": lambda: room.add_post(member, opened.thread, mention),
        "get_thread": lambda: room.thread(member, opened.thread),
        "list_threads": lambda: service.list_threads(ListThreads(caller=member, community=community)),
        "list_threads of a kind": lambda: service.list_threads(
            ListThreads(caller=member, community=community, kind=ThreadKind.QUESTION)
        ),
        "list_threads in a state": lambda: service.list_threads(
            ListThreads(caller=member, community=community, state="open")
        ),
        "list_threads of a guest": lambda: service.list_threads(
            ListThreads(caller=guest, community=community)
        ),
        "list_threads, second page": lambda: service.list_threads(first.model_copy(update={"after": cursor})),
        "list_unanswered": lambda: service.list_unanswered(ListUnanswered(caller=member)),
        "list_unanswered of one": lambda: service.list_unanswered(
            ListUnanswered(caller=member, community=community)
        ),
        "get_post": lambda: service.get_post(GetPost(caller=member, post=post)),
        "list_posts": lambda: service.list_posts(ListPosts(caller=member, thread=opened.thread)),
        "edit_post": lambda: edit(room, other, post, "Better", 1),
        "list_post_versions": lambda: service.list_post_versions(ListPostVersions(caller=member, post=post)),
        "react": lambda: react(room, member, post),
        "unreact": lambda: unreact(room, member, post),
        "search": lambda: service.search(Search(caller=member, words="numbat")),
        "search of a guest": lambda: service.search(Search(caller=guest, words="numbat")),
        "import_threads": lambda: service.import_threads(ImportThreads(caller=operator, threads=(part,))),
        "import_threads, grown": lambda: service.import_threads(
            ImportThreads(caller=operator, threads=(grown,))
        ),
    }
    watch.reads.clear()
    calls[name]()
    reads = list(watch.reads)
    assert 0 < len(reads) <= most, reads
    for read in reads:
        assert not collection_scans(explained(room, read)), read


def explained(room: Room, read: dict[str, Any]) -> Any:
    """The server's plan for a read that was sent."""
    kept = ("find", "aggregate", "filter", "sort", "limit", "projection", "hint", "pipeline", "cursor")
    command = {name: read[name] for name in kept if name in read}
    return room.store.database.command("explain", command, verbosity="queryPlanner")


def test_a_scan_would_be_noticed(watched: tuple[Room, Watch]) -> None:
    room, _ = watched
    assert collection_scans(explained(room, {"find": "threads", "filter": {"title": "x"}}))
