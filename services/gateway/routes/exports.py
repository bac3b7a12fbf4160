"""A copy of all that is one's own: asked for, gathered, and fetched once by a link."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby

from flask import Blueprint, Response, current_app, request

from services.gateway.auth.allowance import Allowance
from services.gateway.door.resource import Asked, Resource
from services.gateway.door.zipping import zipped
from services.gateway.problems import Problem
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller, check_is_member
from shared.contracts.calls.discussion import GetWordsPart
from shared.contracts.calls.export_part import ExportPart
from shared.contracts.calls.membership import (
    AskForExport,
    FinishExport,
    GetExport,
    GetMembershipPart,
    MakeExportLink,
    OpenedExport,
    OpenExport,
)
from shared.contracts.calls.notifications import GetNoticesPart

SECONDS = 10.0
"""For a part; a reader who has begun to fetch would rather wait than begin again."""
PARTS: dict[str, type[GetMembershipPart] | type[GetWordsPart] | type[GetNoticesPart]] = {
    "membership": GetMembershipPart,
    "discussion": GetWordsPart,
    "notifications": GetNoticesPart,
}
README = """This is a copy of what this Commonplace node keeps of you, as it was when it was gathered.

membership/      who you are here: your profile, the communities you are or were in, requests to join,
                 invitations, where you have been signed in, your tokens (not their secrets), your
                 passkeys (not their keys), how your organisation's directory and its sign-in know you,
                 and your acts in the audit log
discussion/      what you wrote: posts with all earlier versions, posts that wait for a decision,
                 what you said of others' posts
notifications/   your inbox (also where others mentioned you, with the reason "you were mentioned"),
                 the threads you follow, your levels, and the webhooks you answer for

Each file is JSON: a list of things. Times are in UTC. Ids are 24 letters and digits; `link` says where
the thing is read on the node. What others wrote is theirs and is not in here.
"""

exports = Resource("exports", "A copy of all that is one's own.")


@exports.creates("/me/export", AskForExport, scope="members:read", at="/v1/me/export", later=True)
def ask_for_export(asked: Asked) -> AskForExport:
    """Ask for a copy of all that is one's own.

    From the browser, within five minutes of signing in there: a token is not enough. It is gathered meanwhile; an
    inbox says when it is ready. Asked again before it was fetched, it is the same one.
    """
    return AskForExport(caller=asked.caller, once=asked.once)


@exports.reads("/me/export", GetExport, scope="members:read")
def get_export(asked: Asked) -> GetExport:
    """Read how one's latest export stands."""
    check_is_member(asked.caller)
    return GetExport(caller=asked.caller)


@exports.creates("/me/export/links", MakeExportLink, scope="members:read")
def make_export_link(asked: Asked) -> MakeExportLink:
    """Make the link by which it is fetched, once, within seven days of being ready: `/exports/{secret}`.

    From the browser, within five minutes of signing in there. It ends the link before. The answer alone holds `secret`.
    """
    return MakeExportLink(caller=asked.caller, once=asked.once)


def export_routes(pace: Allowance) -> Blueprint:
    """Where an export is fetched.

    Args:
        pace: how many links one address may try in a minute.
    """
    routes = Blueprint("export-files", __name__)

    @routes.get("/exports/<secret>")
    def fetch_export(secret: str) -> Response:
        """The export as a zip. It uses the link up; once it has gone out whole, it is kept for an hour, for another link."""
        if request.method != "GET":  # a look is no fetch, and must not use it up
            raise Problem("method-not-allowed", headers={"Allow": "GET"})
        left = pace.take(request.remote_addr)
        if pace.per_minute and left.remaining < 0:
            raise Problem("too-many-requests", headers={"Retry-After": str(left.reset)})
        switchboard: Switchboard = current_app.switchboard  # type: ignore[attr-defined]
        digest = hashlib.sha256(secret.encode()).hexdigest()
        opened = switchboard.ask(OpenExport(caller=Caller(), digest=digest))
        if not isinstance(opened, OpenedExport):
            raise TypeError(type(opened).__name__)
        headers = {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "Content-Disposition": f'attachment; filename="commonplace-{opened.export}.zip"',
        }
        body = _whole(switchboard, opened, digest)
        return Response(body, content_type="application/zip", headers=headers)

    return routes


def _whole(switchboard: Switchboard, opened: OpenedExport, digest: str) -> Iterator[bytes]:
    """All of it, and then word that it was fetched; one that breaks off is kept for another link."""
    yield from zipped(_files(switchboard, opened), datetime.now(UTC))
    switchboard.ask(FinishExport(caller=Caller(), digest=digest), SECONDS)


def _files(switchboard: Switchboard, opened: OpenedExport) -> Iterator[tuple[str, Iterable[str]]]:
    yield "README.txt", [README]
    for service in PARTS:
        parts = _parts(switchboard, opened, service)
        for file, of_file in groupby(parts, key=lambda part: part.file):
            yield f"{service}/{file}.json", _list_of(of_file)


def _parts(switchboard: Switchboard, opened: OpenedExport, service: str) -> Iterator[ExportPart]:
    caller = Caller(member=opened.member)
    for number in range(opened.parts[service]):
        call: Call = PARTS[service](caller=caller, export=opened.export, number=number)
        part = switchboard.ask(call, SECONDS)
        if not isinstance(part, ExportPart):
            raise TypeError(type(part).__name__)
        yield part


def _list_of(parts: Iterable[ExportPart]) -> Iterator[str]:
    yield "[\n"
    is_first = True
    for part in parts:
        if part.items:
            yield part.items if is_first else ",\n" + part.items
            is_first = False
    yield "\n]\n"
