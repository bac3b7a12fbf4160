"""Moves: a member goes to another organisation and takes their record along."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from shared.contracts.calls.call import Body
from shared.contracts.calls.membership import IssueMoveCode, ListHomes, MoveHome

moves = Resource("moves", "Going to another organisation with one's record.")


class Moving(Body):
    """What proves who one was."""

    code: str = Field(
        min_length=1, max_length=200, pattern=r"^[!-~]+$", description="The `secret` of the move code."
    )


@moves.creates("/me/move-codes", IssueMoveCode, scope="tokens:write")
def issue_move_code(asked: Asked) -> IssueMoveCode:
    """Ask for a code to move with.

    By the member, at the organisation they come from, within five minutes of signing in at `/sign-in`: a token is not
    enough, because whoever found one could take the member's place for good. The answer alone holds the secret, which is good once, for a
    day; another one ends it.
    """
    return IssueMoveCode(caller=asked.caller, once=asked.once)


@moves.changes(
    "PUT", "/me/home", MoveHome, scope="tokens:write", example={"code": "the-secret-of-the-move-code"}
)
def move_home(asked: Asked, body: Moving) -> MoveHome:
    """Move to the organisation where one is signed in now.

    By the account that the new organisation has given to the same person, which was never in a community. The member whose
    code it is keeps their id, record, places and inbox, and is at home here from now on; the account and the code end,
    and so does everything by which either was signed in: sign in again.
    """
    return MoveHome(caller=asked.caller, once=asked.once, code=body.code)


@moves.reads("/me/homes", ListHomes, scope="members:read")
def list_homes(asked: Asked) -> ListHomes:
    """List the organisations where one is at home and was before."""
    return ListHomes(caller=asked.caller)
