"""Sign-ins: where a member is signed in with a browser; and the invitations that connect an account with a member."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import MemberPath, PageQuery, SignInPath
from shared.contracts.calls.call import Body
from shared.contracts.calls.membership import EndSignIn, InviteToSignIn, ListSignIns

sign_ins = Resource("sign-ins", "Where a member is signed in with a browser.")


class NewSignInInvitation(Body):
    """For how long it is good."""

    expires_in_days: int = Field(7, ge=1, le=30, description="How many days it is good for.")


@sign_ins.reads("/sign-ins", ListSignIns, scope="tokens:write")
def list_sign_ins(asked: Asked, query: PageQuery) -> ListSignIns:
    """List where one is signed in."""
    return ListSignIns(caller=asked.caller, after=query.after, limit=query.limit)


@sign_ins.changes("DELETE", "/sign-ins/<sign_in>", EndSignIn, scope="tokens:write")
def end_sign_in(asked: Asked, path: SignInPath) -> EndSignIn:
    """Sign out elsewhere.

    The gateways stop believing that browser within ten seconds.
    """
    return EndSignIn(caller=asked.caller, once=asked.once, sign_in=path.sign_in)


@sign_ins.creates(
    "/members/<member>/sign-in-invitations",
    InviteToSignIn,
    scope="members:write",
    example={"expires_in_days": 7},
)
def invite_to_sign_in(asked: Asked, path: MemberPath, body: NewSignInInvitation) -> InviteToSignIn:
    """Invite a member to connect their account at the organisation's identity provider.

    By the organisation's own system. The answer alone holds the secret; the address to send them is
    `/sign-in/invitation/` and the secret. Not needed for those whom the directory names by `external_id`.
    """
    return InviteToSignIn(
        caller=asked.caller, once=asked.once, member=path.member, expires_in_days=body.expires_in_days
    )
