"""Every kind of problem, by its code: HTTP status, title, and what to do about it.

The first part is the door's own; the second is what services refuse by the rules of the business.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of problem: its HTTP status, its title, and what to do about it."""

    status: int
    title: str
    advice: str


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
        "redirect; numbers of networks that are not the public's are refused in every spelling.",
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
        "`Idempotency-Key`; what was done already is not done twice.",
    ),
    "member-needed": Kind(
        403,
        "This is done by a member",
        "A client takes part for a member: name one of its own organisation, by their id, in the header "
        "`Commonplace-Member`.",
    ),
    "systems-only": Kind(
        403,
        "This is for an organisation's own system",
        "Use a client of the organisation, and leave out the header `Commonplace-Member`.",
    ),
    "member-inactive": Kind(
        403, "This member has left", "They have left their organisation, and take part no longer."
    ),
    "operator-only": Kind(403, "This is for the operator", "Ask whoever runs this node."),
    "user-name-taken": Kind(409, "The user name is taken", "Give the user another name in your directory."),
    "two-tokens-already": Kind(409, "Two directory tokens already", "Revoke one before you issue another."),
    "handle-taken": Kind(409, "The handle is taken", "Choose another handle."),
    "id-taken": Kind(409, "The id is taken", "It stands for something else already."),
    "not-in-community": Kind(403, "Only those in the community may do this", "Join the community first."),
    "not-a-member": Kind(403, "Only those in the community take part", "Join the community first."),
    "facilitators-only": Kind(403, "This is for facilitators", "Ask a facilitator of the community."),
    "last-facilitator": Kind(
        409, "A community needs a facilitator", "Make somebody else a facilitator first."
    ),
    "similar-communities": Kind(
        409,
        "Similar communities exist",
        "Look at `GET /v1/similar-communities`. If you still want a new one, send `similar_seen: true`.",
    ),
    "community-archived": Kind(
        409,
        "The community is archived",
        "It can be read. A facilitator can renew it by giving it another stage.",
    ),
    "too-many-communities": Kind(409, "In too many communities", "Leave one before you join another."),
    "by-invitation-only": Kind(403, "Joined by invitation only", "Ask a facilitator to invite you."),
    "already-in": Kind(409, "In the community already", "There is nothing left to do."),
    "already-asked": Kind(409, "The request waits already", "A facilitator will decide; you will be told."),
    "already-decided": Kind(409, "The request is decided", "Somebody was quicker. List the requests again."),
    "guest-by-invitation": Kind(422, "A guest comes by invitation", "Invite them with the role `guest`."),
    "invitation-used": Kind(409, "The invitation has been used", "Ask for another."),
    "invitation-revoked": Kind(409, "The invitation was taken back", "Ask the facilitator why."),
    "invitation-expired": Kind(409, "The invitation has expired", "Ask for another."),
    "other-address": Kind(
        403, "The invitation is for another address", "Ask a facilitator for an invitation of your own."
    ),
    "credential-unknown": Kind(404, "The credential is not known", "Use one that has not ended."),
    "used-before": Kind(409, "This was used before", "It counts once. Make a new one."),
    "client-ended": Kind(409, "The client has ended", "Have the operator register another."),
    "too-many-secrets": Kind(409, "The client has two secrets", "End the one that is no longer used."),
    "scope-too-wide": Kind(
        403, "More than the token that asks", "Ask for no scope that the token you use does not have."
    ),
    "guest": Kind(403, "Not as a guest", "A guest reads and answers what is shared with them."),
    "not-yours": Kind(403, "It is somebody else's", "Only its author, or those `detail` names, may do this."),
    "thread-closed": Kind(409, "The thread is closed", "Ask for it to be reopened, or open another."),
    "thread-open": Kind(409, "The thread is open", "There is nothing left to do."),
    "not-a-question": Kind(409, "It is no question", "Only a question has an accepted answer."),
    "not-an-answer": Kind(409, "The question is not its own answer", "Accept a post that follows it."),
    "not-a-guest": Kind(
        409, "They are no guest", "A thread is shared with guests; everybody else in the community sees it."
    ),
    "too-many-guests": Kind(409, "Shared with too many", "Invite them into the community instead."),
    "confidential-content": Kind(
        422,
        "Something in it should perhaps not be told",
        "`errors` says where, in characters of what you sent without the white space around it, and what it looks "
        "like. Take it out. If it has to be said, send the same body to `held-posts` of the "
        "same thing, such as `POST /v1/threads/{thread}/held-posts`, and a facilitator decides.",
    ),
    "nothing-found": Kind(
        409, "Nothing in it needs to be held", "Post it in the usual way; nobody has to look at it first."
    ),
    "own-held-post": Kind(403, "It is your own", "A facilitator other than its author decides."),
    "held-post-stays": Kind(
        409,
        "It cannot be released as things are",
        "It stays held. `detail` says what stands in the way: mend that, or decline it.",
    ),
    "own-post": Kind(403, "It is your own", "Edit it, or ask a facilitator."),
    "people-only": Kind(403, "Done by people, not by systems", "Use a token that the member issued."),
    "party-to-case": Kind(
        403, "Somebody else decides", "Who wrote the post, reported it or decided before does not."
    ),
    "facilitators-decide": Kind(403, "A facilitator decides", "The operator does where none is left."),
    "post-taken-out": Kind(
        409, "Moderation has taken the post out", "It takes no edit, reaction or report while that holds."
    ),
    "thread-locked": Kind(
        409, "Moderation has locked the thread", "Only an appeal in the case about it opens it again."
    ),
    "too-many-reports": Kind(409, "Reported by many", "It waits for a decision anyway."),
    "case-decided": Kind(409, "There is nothing to decide", "Read the case: `state` says where it stands."),
    "nothing-to-appeal": Kind(
        409, "There is nothing to appeal", "`detail` says who appeals against what, and when."
    ),
    "appealed-before": Kind(409, "It was appealed before", "There is one appeal, and its ruling holds."),
    "appeal-too-late": Kind(409, "The time to appeal is over", "It was thirty days from the decision."),
    "outcome-worse": Kind(
        422, "Nobody is worse off for appealing", "`detail` says which outcomes the ruling may have."
    ),
    "client-only": Kind(
        403,
        "This is done by the organisation's system",
        "Ask with a client of the organisation, acting for itself: leave out `Commonplace-Member`.",
    ),
    "search-too-broad": Kind(
        422, "The words are in too many posts", "Give rarer words, or name a community."
    ),
    "organisation-only": Kind(
        403,
        "Done by an organisation as a whole",
        "Use an access token of the organisation's own client, without `Commonplace-Member`.",
    ),
    "key-invalid": Kind(
        422, "It is no key to sign with", "Send the public half of an Ed25519 key as a JWK (RFC 8037)."
    ),
    "key-revoked": Kind(409, "The key was revoked", "Make another key and register it."),
    "too-many-keys": Kind(409, "Too many keys", "Revoke one that nothing rests on any more."),
    "signature-invalid": Kind(
        422,
        "The signature does not stand for these terms",
        "Sign the canonical JSON (RFC 8785) of exactly these terms with a key that your organisation has "
        "registered, as a detached JWS (RFC 7515, appendix F). `commonplace agreements sign` does it.",
    ),
    "not-a-party": Kind(422, "No party of these terms", "`between` must name your own organisation."),
    "terms-invalid": Kind(
        422, "These terms cannot be agreed on", "Choose an end in the future, within five years."
    ),
    "agreement-exists": Kind(
        409,
        "The agreement or the version is there already",
        "Read the agreement; a further version has the next number, another agreement another id.",
    ),
    "agreement-revoked": Kind(409, "The agreement was revoked", "It is for good. Propose another."),
    "other-parties": Kind(409, "Between other parties", "Propose another agreement."),
    "nothing-to-countersign": Kind(
        409, "That version waits for no signature", "Read the agreement; `proposed` says which one does."
    ),
    "own-proposal": Kind(409, "Your own proposal", "The other party countersigns it."),
    "terms-over": Kind(409, "The terms are over", "Propose a version with a later end."),
    "move-code-no-longer-good": Kind(
        403,
        "The code is no longer good",
        "Ask for another at the organisation you come from: `POST /v1/me/move-codes`.",
    ),
    "not-a-move": Kind(
        409, "The code is from here", "Use it where you move to, with the account you were given there."
    ),
    "account-in-use": Kind(
        409,
        "The account has a record of its own",
        "Two records are never made one. Move with an account that was never in a community.",
    ),
    "written-elsewhere": Kind(
        403, "Written for another organisation", "It stays as it is; say what is different in a new post."
    ),
    "outsider": Kind(
        403,
        "Not as an outsider",
        "You are a guest of an organisation, in the communities that were named. Ask your sponsor.",
    ),
    "has-a-home": Kind(
        409, "At home at an organisation here", "Invite them to the community; they sign in from home."
    ),
    "too-many-outsiders": Kind(409, "Too many invitations in a day", "Go on tomorrow."),
    "persons-only": Kind(
        403,
        "Not for a system",
        "This is for members themselves, signed in or with a token that they issued. Instead of live events a system "
        "reads `/v1/inbox`.",
    ),
}
"""Every kind by its code, the last part of its address under `/problems/`."""
