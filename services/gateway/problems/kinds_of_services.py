"""The kinds of problem that services refuse by the rules of the business."""

from services.gateway.problems.kind import Kind

OF_SERVICES: dict[str, Kind] = {
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
    "last-secret": Kind(409, "It is the client's last secret", "Make the next one first."),
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
    "passkeys-for-facilitators": Kind(
        403,
        "Passkeys are for facilitators",
        "They are for those who facilitate a community, and for organisations' contacts in agreements in force.",
    ),
    "passkey-known": Kind(
        409, "The passkey is registered already", "Choose another device or account to keep a new one on."
    ),
    "passkey-unfit": Kind(
        422,
        "The authenticator's answer is not sound",
        "Begin again at this node's own address. It must verify its user, and answer the challenge that was given.",
    ),
    "last-way-in": Kind(
        409, "It is the last way in", "Have your organisation connect another account with you first."
    ),
    "too-many-passkeys": Kind(409, "Too many passkeys", "Remove one that you no longer use."),
    "persons-only": Kind(
        403,
        "Not for a system",
        "This is for members themselves, signed in or with a token that they issued. Instead of live events a system "
        "reads `/v1/inbox`.",
    ),
}
