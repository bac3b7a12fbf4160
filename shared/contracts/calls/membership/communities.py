"""What membership may be asked about communities."""

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Id, Line, Moment, Note, Role, Stage, Visibility

VISIBILITY = (
    "Who may know of it and come in: `open`, everybody; `restricted`, known to all and joined by approval; "
    "`closed`, known only to those in it."
)
STAGE = "Where it is in its life, from `potential` to `archived`."


class Charter(Body):
    """Why a community is, in four short texts."""

    domain: Note = Field(description="What the community is about.")
    purpose: Note = Field(description="What it wants to get better at.")
    audience: Note = Field(description="For whom it is.")
    intended_output: Note | None = Field(None, description="What it wants to have made when it is done.")


class NewCommunity(Body):
    """A community as its founder imagines it."""

    title: Line = Field(description="What it is called.")
    charter: Charter = Field(description="Why it is.")
    visibility: Visibility = Field(Visibility.OPEN, description=VISIBILITY)
    stage: Stage = Field(Stage.POTENTIAL, description=STAGE)
    similar_seen: bool = Field(
        False,
        description="True once the founder has looked at the similar communities and still wants this one.",
    )


class CommunityChanges(Body):
    """What a facilitator may change; what is left out stays as it is."""

    title: Line | None = Field(None, description="What it is to be called.")
    charter: Charter | None = Field(None, description="Why it is, from now on; all of it at once.")
    visibility: Visibility | None = Field(None, description=VISIBILITY)
    stage: Stage | None = Field(None, description=f"{STAGE} An archived one is renewed by another stage.")


class Community(Answer):
    """A community as the caller may know it; `role` is the caller's own, None when they are not in it."""

    community: Id
    title: str
    charter: Charter
    visibility: Visibility
    stage: Stage
    members: int
    role: Role | None
    created_at: Moment
    revision: int


class SimilarCommunity(Answer):
    community: Id
    title: str
    purpose: str
    members: int
    likeness: float = Field(description="How alike, from 0 to 1.")


class SimilarCommunities(Answer):
    items: tuple[SimilarCommunity, ...]


class FindSimilarCommunities(MembershipCall):
    """Does one already exist? Asked before a community is made; shows only what the caller may see."""

    answer = SimilarCommunities
    title: Line
    purpose: Note | None = None
    domain: Note | None = None


class StartCommunity(MembershipCall):
    """The caller becomes its first facilitator.

    Refused with `Conflict` (`similar-communities`) when similar ones exist that the caller may see and
    `similar_seen` is false.
    """

    answer = Community
    audited = True
    new: NewCommunity
    id: Id | None = None


class GetCommunity(MembershipCall):
    answer = Community
    community: Id


class ListCommunities(MembershipListing):
    """Communities the caller may know of, by title; `mine` keeps those they are in."""

    answer = Page[Community]
    mine: bool = False
    words: Line | None = None


class ChangeCommunity(MembershipCall):
    answer = Community
    audited = True
    community: Id
    changes: CommunityChanges
    revision: int
