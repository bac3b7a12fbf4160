"""The ids that stand in addresses, and the two query keys of every page."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.calls.call import Limit
from shared.contracts.calls.membership import IdentityKey
from shared.contracts.calls.notifications.webhooks import DELIVERY
from shared.contracts.vocabulary import Id, Reaction

OrganisationId = Annotated[Id, Field(description="The id of the organisation.")]
MemberId = Annotated[Id, Field(description="The id of the member.")]
CommunityId = Annotated[Id, Field(description="The id of the community.")]
RequestId = Annotated[Id, Field(description="The id of the request to join.")]
InvitationId = Annotated[Id, Field(description="The id of the invitation.")]
ThreadId = Annotated[Id, Field(description="The id of the thread.")]
PostId = Annotated[Id, Field(description="The id of the post.")]
HeldPostId = Annotated[Id, Field(description="The id of the held post.")]
ReportId = Annotated[Id, Field(description="The id of the report.")]
CaseId = Annotated[Id, Field(description="The id of the case.")]
TokenId = Annotated[Id, Field(description="The id of the token, which is not its secret.")]


class _Address(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganisationPath(_Address):
    organisation: OrganisationId


class MemberPath(_Address):
    member: MemberId


class CommunityPath(_Address):
    community: CommunityId


class MembershipPath(_Address):
    community: CommunityId
    member: MemberId


class JoinRequestPath(_Address):
    community: CommunityId
    request: RequestId


class InvitationPath(_Address):
    community: CommunityId
    invitation: InvitationId


class ThreadPath(_Address):
    thread: ThreadId


class PostPath(_Address):
    post: PostId


class HeldPostPath(_Address):
    held_post: HeldPostId


class ReportPath(_Address):
    report: ReportId


class CasePath(_Address):
    case: CaseId


class OrganisationCasePath(_Address):
    organisation: OrganisationId
    case: CaseId


class ReactionPath(_Address):
    post: PostId
    reaction: Reaction = Field(description="What the reader says of the post.")


class NotificationPath(_Address):
    notification: str = Field(
        pattern=r"^[a-z-]{1,20}\.[0-9a-f]{24}(\.[0-9a-z-]{1,40})?\.[0-9a-f]{24}$",
        description="The name of the notification, as the inbox gives it.",
    )


class TokenPath(_Address):
    token: TokenId


class AgreementPath(_Address):
    agreement: Id = Field(description="The agreement.")


class SignInPath(_Address):
    sign_in: Id = Field(description="The sign-in's id.")


class ClientPath(_Address):
    client: Id = Field(description="The client, an organisation's system.")


class ClientSecretPath(ClientPath):
    credential: Id = Field(description="The id of the secret, which is not its text.")


class IdentityPath(_Address):
    identity: IdentityKey = Field(description="The account at a provider, as `GET /v1/me/ways-in` names it.")


class PasskeyPath(_Address):
    passkey: Id = Field(description="The passkey.")


class WebhookPath(_Address):
    webhook: Id = Field(description="The webhook.")


class WebhookDeliveryPath(_Address):
    webhook: Id = Field(description="The webhook.")
    delivery: str = Field(pattern=DELIVERY, description="The delivery, as the header `webhook-id` has it.")


class PageQuery(_Address):
    """Which page of a listing."""

    after: str | None = Field(
        None, min_length=1, max_length=2000, description="The cursor that the page before gave as `next`."
    )
    limit: Limit = 50
