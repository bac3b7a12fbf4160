"""Every kind of problem, by its code: HTTP status, title, and what to do about it.

The first part is the door's own; what services refuse by the rules of the business is in `kinds_of_services`.
"""

from services.gateway.problems.kind import Kind
from services.gateway.problems.kinds_of_services import OF_SERVICES

KINDS: dict[str, Kind] = {
    "bad-request": Kind(
        400,
        "The request cannot be read",
        "The request line or a header is wrong, such as a host name that this node does not answer to.",
    ),
    "malformed-json": Kind(
        400,
        "The body is not JSON",
        "Send one JSON object in UTF-8: every name once in an object, no NaN or Infinity, "
        "nested no deeper than 100 levels.",
    ),
    "cursor-invalid": Kind(
        400,
        "The cursor is not of this listing",
        "Pass `next` of the page before as `after`, unchanged, with the same path, filters and credential; "
        "or begin again without `after`.",
    ),
    "idempotency-key-missing": Kind(
        400,
        "An Idempotency-Key is needed",
        "Send the header `Idempotency-Key` with a value that you use for this one creation and all its "
        "repetitions: 1 to 200 printable ASCII characters, such as a UUID.",
    ),
    "if-match-malformed": Kind(
        400,
        "If-Match is no entity tag",
        "An entity tag stands in quotes, and the quotes belong to it: send the `ETag` of your last reading as it "
        'came, or its `revision` in quotes, such as `If-Match: "3"`.',
    ),
    "unauthenticated": Kind(
        401,
        "Who is asking?",
        "Send `Authorization: Bearer <token>` with a personal access token or an access token from "
        "`/oauth/token`. A token that has ended, expired or been tampered with is none.",
    ),
    "insufficient-scope": Kind(
        403,
        "The token does not allow this",
        "Use a token with the scope that `detail` and the header `WWW-Authenticate` name.",
    ),
    "cross-site": Kind(
        403,
        "Not from another site",
        "A change that a browser's sign-in stands for must come from this node's own pages: send "
        "`Origin`, or use a token.",
    ),
    "sign-in-needed": Kind(
        403,
        "Sign in again first",
        "What cannot be undone is asked for from the browser, within five minutes of signing in at `/sign-in`; a token "
        "is not enough.",
    ),
    "link-used": Kind(
        410,
        "The link was used, or is too old",
        "It is good once, for seven days. Sign in and make another, or ask for another export.",
    ),
    "export-not-ready": Kind(
        409,
        "It is still being gathered",
        "Your inbox says when it is ready; `GET /v1/me/export` says so too.",
    ),
    "erasure-waits": Kind(
        409, "An erasure was asked for already", "Read it at `GET /v1/me/erasure`; `DELETE` takes it back."
    ),
    "erasure-begun": Kind(409, "It has begun", "What is erased does not come back."),
    "erased-already": Kind(409, "They have been erased", "There is nothing left to do."),
    "not-enrolled": Kind(
        403,
        "You are not known here yet",
        "Ask whoever looks after Commonplace at your organisation.",
    ),
    "invitation-no-longer-good": Kind(
        403, "The invitation is no longer good", "Ask whoever sent it for another."
    ),
    "link-no-longer-good": Kind(403, "The link is no longer good", "Ask for another."),
    "challenge-no-longer-good": Kind(403, "The challenge is no longer good", "Begin again."),
    "passkey-not-accepted": Kind(
        403,
        "The passkey was not accepted",
        "Try again, or sign in another way: at your organisation, or by mail.",
    ),
    "passkeys-not-offered": Kind(
        409, "No passkeys here", "The node needs a public address with a host name; ask its operator."
    ),
    "domain-taken": Kind(409, "A domain is another provider's", "Remove it there first."),
    "not-allowed": Kind(
        403,
        "You may not do this",
        "You may know of the thing, but your role does not allow what you asked. A facilitator can help.",
    ),
    "not-found": Kind(
        404,
        "There is no such thing",
        "Either it does not exist or you may not know of it; the answer is the same for both.",
    ),
    "no-such-address": Kind(
        404,
        "There is no operation at this address",
        "`/v1/docs` lists every address, without a slash at the end. Live events have a server of their own: "
        "the document's `servers` of `/v1/stream` says where.",
    ),
    "member-unknown": Kind(
        404,
        "There is no such member of your organisation",
        "`Commonplace-Member` must be the id of an active member of the client's own organisation.",
    ),
    "method-not-allowed": Kind(
        405, "Not with this method", "The header `Allow` lists the methods that this address takes."
    ),
    "conflict": Kind(
        409,
        "It cannot be done as things are",
        "The thing is not in a state that allows this. Read it again; `detail` says what stands in the way.",
    ),
    "gone": Kind(
        410,
        "This has been given up",
        "It was announced by the headers `Deprecation` and `Sunset`; `detail` says what to use instead.",
    ),
    "stale-revision": Kind(
        412,
        "It has changed since you read it",
        "Read it again, decide again, and send the new `ETag` as `If-Match`.",
    ),
    "too-large": Kind(413, "The body is too large", "A request body holds at most 64 kB."),
    "unsupported-media-type": Kind(
        415,
        "Not in this format",
        "Send `Content-Type: application/json`, in UTF-8 and without `Content-Encoding`.",
    ),
    "invalid": Kind(
        422,
        "A field is not right",
        "`errors` says which fields, and what is wrong with each. Unknown fields are refused too, and a body "
        "where the operation takes none.",
    ),
    "idempotency-key-reused": Kind(
        422,
        "This Idempotency-Key was used for something else",
        "A key stands for one request: same method, address and body. Use a new key for a new request.",
    ),
    "webhook-target-forbidden": Kind(
        422,
        "This address is not called",
        "Give an https address on port 443 of a host on the public internet, without user name, fragment or "
        "redirect; numbers of networks that are not the public's are refused in every spelling. To let an address of its "
        "own network or machine in, the operator of the node names it in `COMMONPLACE_OUTBOUND_ALLOWED`, such as "
        "`http://127.0.0.1:9001`, and starts the node again.",
    ),
    "if-match-missing": Kind(
        428,
        "If-Match is needed",
        "Changes need to know what they change: send the `ETag` of your last reading as `If-Match`.",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "Wait as many seconds as `Retry-After` says. `RateLimit` tells how many are left.",
    ),
    "internal-error": Kind(
        500,
        "Something broke here",
        "It is our fault. Tell the operator the `trace_id`; they can find what happened.",
    ),
    "unavailable": Kind(
        503,
        "Not just now",
        "Wait as many seconds as `Retry-After` says and send the same request again, with the same "
        "`Idempotency-Key` where it had one; what was done already is not done twice.",
    ),
    **OF_SERVICES,
}
"""Every kind by its code, the last part of its address under `/problems/`."""
