"""The membership service as nameko runs it: the handlers of every noun on one store."""

from services.membership.repositories import INDEXES, Acts
from services.membership.service.agreements import AgreementHandlers
from services.membership.service.audit import AuditHandlers
from services.membership.service.clients import ClientHandlers
from services.membership.service.communities import CommunityHandlers
from services.membership.service.credentials import CredentialHandlers
from services.membership.service.directory import DirectoryHandlers
from services.membership.service.directory_groups import DirectoryGroupHandlers
from services.membership.service.directory_tokens import DirectoryTokenHandlers
from services.membership.service.erasures import ErasureHandlers
from services.membership.service.exports import ExportHandlers
from services.membership.service.history import HistoryHandlers
from services.membership.service.identity_providers import IdentityProviderHandlers
from services.membership.service.invitations import InvitationHandlers
from services.membership.service.joining import JoiningHandlers
from services.membership.service.keys import KeyHandlers
from services.membership.service.members import MemberHandlers
from services.membership.service.memberships import MembershipHandlers
from services.membership.service.moving import MovingHandlers
from services.membership.service.organisations import OrganisationHandlers
from services.membership.service.passkeys import PasskeyHandlers
from services.membership.service.sign_in_links import SignInLinkHandlers
from services.membership.service.sign_ins import SignInHandlers
from services.membership.service.stays import StayHandlers
from services.membership.service.ways_in import WaysInHandlers
from shared.wiring.store import Store, StoreProvider

__all__ = ["MembershipService"]


class MembershipService(
    OrganisationHandlers,
    MemberHandlers,
    CommunityHandlers,
    JoiningHandlers,
    InvitationHandlers,
    MembershipHandlers,
    CredentialHandlers,
    DirectoryHandlers,
    DirectoryGroupHandlers,
    DirectoryTokenHandlers,
    ClientHandlers,
    IdentityProviderHandlers,
    SignInHandlers,
    SignInLinkHandlers,
    PasskeyHandlers,
    WaysInHandlers,
    MovingHandlers,
    StayHandlers,
    HistoryHandlers,
    KeyHandlers,
    AgreementHandlers,
    AuditHandlers,
    ErasureHandlers,
    ExportHandlers,
):
    """WHO is here, and on what terms."""

    name = "membership"
    store: Store = StoreProvider(INDEXES, Acts.record)
