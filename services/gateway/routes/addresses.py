"""The ids that stand in addresses, and the two query keys of every page."""

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.calls.call import Limit
from shared.contracts.vocabulary import Id, Reaction


class _Address(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganisationPath(_Address):
    organisation: Id


class MemberPath(_Address):
    member: Id


class CommunityPath(_Address):
    community: Id


class MembershipPath(_Address):
    community: Id
    member: Id


class JoinRequestPath(_Address):
    community: Id
    request: Id


class InvitationPath(_Address):
    community: Id
    invitation: Id


class ThreadPath(_Address):
    thread: Id


class PostPath(_Address):
    post: Id


class ReactionPath(_Address):
    post: Id
    reaction: Reaction


class NotificationPath(_Address):
    notification: str = Field(pattern=r"^[a-z-]{1,20}\.[0-9a-f]{24}(\.[0-9a-z-]{1,40})?\.[0-9a-f]{24}$")


class TokenPath(_Address):
    token: Id


class AgreementPath(_Address):
    agreement: Id


class PageQuery(_Address):
    """Which page of a listing."""

    after: str | None = Field(
        None, min_length=1, max_length=2000, description="The cursor that the page before gave as `next`."
    )
    limit: Limit = 50
