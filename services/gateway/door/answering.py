"""From a service's reply to an HTTP answer; the body passes through as the bytes it came in."""

import hashlib
import re
from urllib.parse import urlencode

from flask import Request, Response
from pydantic_core import from_json
from werkzeug.http import unquote_etag

from services.gateway.door.operation import Operation
from services.gateway.switchboard import Reply

JSON = "application/json"
NEXT = re.compile(rb'"next":\s*("(?:[^"\\]|\\.)*")\s*\}\s*\Z')


def answer(operation: Operation, reply: Reply, request: Request) -> Response:
    """Wrap a reply: status, entity tag, where it is, whether it is a repetition, and what follows it.

    Answers 304 without a body when the caller holds the very same bytes already.
    """
    tag = entity_tag(reply)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache" if operation.method == "GET" else "no-store"}
    if operation.method == "GET" and "HTTP_IF_NONE_MATCH" in request.environ and _held(tag, request):
        return _empty(Response(status=304, headers=headers))
    if operation.is_listing:
        following = next_page(reply.body, request)
        if following:
            headers["Link"] = f'<{following}>; rel="next"'
    if operation.creates and operation.location:
        headers["Location"] = operation.location.format_map(from_json(reply.body))
    if reply.repeated:
        headers["Idempotency-Replayed"] = "true"
    return Response(reply.body, status=operation.status, headers=headers, content_type=JSON)


def entity_tag(reply: Reply) -> str:
    """The tag of an answer: `"<revision>-<digest>"` of one thing, a weak one by digest alone of a listing.

    The digest is there because an answer also shows what has no part in the revision, such as a thread's
    number of posts or the caller's own role. `If-Match` looks at the revision only.
    """
    digest = hashlib.blake2b(reply.body, digest_size=8).hexdigest()
    return f'W/"{digest}"' if reply.revision is None else f'"{reply.revision}-{digest}"'


def next_page(body: bytes, request: Request) -> str | None:
    """The address of the page after this one, read from the end of the page's bytes; None on the last."""
    found = NEXT.search(body, max(0, len(body) - 4096))
    if found is None:
        return None
    query = {**request.args.to_dict(), "after": from_json(found.group(1))}
    return f"{request.path}?{urlencode(query)}"


def _held(tag: str, request: Request) -> bool:
    raw, _weak = unquote_etag(tag)
    return request.if_none_match.contains_weak(raw)


def _empty(response: Response) -> Response:
    response.headers.pop("Content-Type", None)
    return response
