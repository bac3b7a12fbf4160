"""What a directory can tell us, and nothing more: a member has a name, a profession and an address for invitations.

The schemas are RFC 7643's with what is of no use here left out, so that a telephone number, a home address,
a photograph or a password that a directory sends is passed over and never kept.
"""

from typing import Annotated, ClassVar

from scim2_models import (
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Email,
    ETag,
    Extension,
    Filter,
    Group,
    Name,
    Pagination,
    Patch,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models import ComplexAttribute as Complex
from scim2_models.urn import URN

MOST_OPERATIONS = 1_000
LARGEST_BULK = 1_048_576
MOST_RESULTS = 1_000
CURSOR_SECONDS = 3_600


class User(Resource[AnyExtension]):
    """A person of the organisation."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """What the directory calls them, one in the directory."""

    name: Name | None = None
    """Their name in parts."""

    Name: ClassVar[type[Complex]] = Name

    display_name: str | None = None
    """Their name as others see it."""

    title: str | None = None
    """Their profession."""

    active: bool | None = None
    """Whether they are with the organisation; false bars them at once."""

    emails: list[Email] | None = None
    """Where invitations are sent to; shown to nobody."""

    Emails: ClassVar[type[Complex]] = Email


class EnterpriseUser(Extension):
    """What the organisation needs to find its people again."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: str | None = None
    """The organisation's number for them."""

    department: str | None = None
    """Where they work in it."""


CONFIG = ServiceProviderConfig(
    documentation_uri=None,
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=MOST_OPERATIONS, max_payload_size=LARGEST_BULK),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    pagination=Pagination(
        cursor=True,
        index=True,
        default_pagination_method=Pagination.DefaultPaginationMethod.index,
        default_page_size=100,
        max_page_size=MOST_RESULTS,
        cursor_timeout=CURSOR_SECONDS,
    ),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Directory token",
            description="`Authorization: Bearer` with a directory token from the operator of this node, or with an "
            "access token of one of the organisation's systems that has the scope directory:write.",
            primary=True,
        )
    ],
)

TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Entra ID sends attributes of its own, removes group members by value, and sets what isn't there by a filtered path."""


def make_provider() -> ScimProvider:
    """The service as it describes itself."""
    return ScimProvider(
        models=(User, EnterpriseUser, Group),
        resource_types=(
            ResourceType.from_resource(User[EnterpriseUser]),
            ResourceType.from_resource(Group),
        ),
        config=CONFIG,
        policy=TOLERANT,
    )
