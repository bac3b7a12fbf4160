"""What these pages ask membership."""

import re
from typing import cast

from services.gateway.auth.callers import ID, NOBODY
from services.gateway.auth.relying_party import Proven
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.membership import (
    AddPasskey,
    AskForSignInLink,
    BeginPasskeySignIn,
    ComeAsOutsider,
    ConfirmOutsiderByLink,
    FindIdentityProvider,
    GetMember,
    IdentityProvider,
    ListPasskeys,
    Member,
    NewPasskey,
    OpenedSignIn,
    OpenSignIn,
    OpenSignInByLink,
    OpenSignInByPasskey,
    Outsider,
    Passkey,
    PasskeyAssertion,
    PasskeySignInOptions,
    RemovePasskey,
    SignedOut,
    SignOut,
)
from shared.errors import NotFound

DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class Directory:
    """Providers and sign-ins, as membership keeps them.

    Args:
        switchboard: makes the calls.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    def provider(self, id: str) -> IdentityProvider:
        """The provider of that id; raises `NotFound`."""
        if not ID.fullmatch(id):
            raise NotFound("There is no such identity provider.")
        return self._found(FindIdentityProvider(caller=NOBODY, provider=id))

    def of_domain(self, domain: str) -> IdentityProvider:
        """The provider for addresses of that domain; raises `NotFound`."""
        if not DOMAIN.fullmatch(domain):
            raise NotFound("There is no such identity provider.")
        return self._found(FindIdentityProvider(caller=NOBODY, domain=domain))

    def of_invitation(self, digest: str) -> IdentityProvider:
        """The provider at which an invitation is accepted; raises `NotFound`."""
        return self._found(FindIdentityProvider(caller=NOBODY, invitation=digest))

    def sign_in(self, provider: IdentityProvider, proven: Proven, invitation: str | None) -> OpenedSignIn:
        """Sign somebody in who has proved who they are; raises what membership refuses."""
        call = OpenSignIn(
            caller=NOBODY,
            provider=provider.provider,
            subject=proven.subject,
            external_id=proven.external_id,
            attempt=proven.attempt,
            invitation=invitation,
        )
        return cast(OpenedSignIn, self._switchboard.ask(call))

    def ask_for_link(self, email: str, door: str) -> None:
        """Ask for a link; nobody learns whether it is sent. Raises `NotFound` where the node sends none."""
        self._switchboard.ask(AskForSignInLink(caller=NOBODY, email=email, door=door))

    def sign_in_by_link(self, digest: str) -> OpenedSignIn:
        """Sign somebody in who has a link; raises what membership refuses."""
        return cast(OpenedSignIn, self._switchboard.ask(OpenSignInByLink(caller=NOBODY, digest=digest)))

    def come_as_outsider(self, digest: str) -> OpenedSignIn:
        """Sign somebody in who has an invitation as an outsider; raises what membership refuses."""
        return cast(OpenedSignIn, self._switchboard.ask(ComeAsOutsider(caller=NOBODY, digest=digest)))

    def confirm_outsider(self, digest: str) -> Outsider:
        """Let an outsider stay, by whoever was asked; raises what membership refuses."""
        return cast(Outsider, self._switchboard.ask(ConfirmOutsiderByLink(caller=NOBODY, digest=digest)))

    def sign_out(self, digest: str) -> IdentityProvider | None:
        """End a sign-in; the provider that they came by, None when there is none (any more)."""
        told = cast(SignedOut, self._switchboard.ask(SignOut(caller=NOBODY, digest=digest)))
        if told.provider is None:
            return None
        try:
            return self.provider(told.provider)
        except NotFound:
            return None

    def name_of(self, caller: Caller) -> str | None:
        """The name of whoever is signed in; None when they are nobody any more."""
        try:
            member = self._switchboard.ask(GetMember(caller=caller, member=caller.member or ""))
        except NotFound:
            return None
        return cast(Member, member).name

    def begin_passkey_sign_in(self, door: str) -> PasskeySignInOptions:
        """A challenge for whoever would like to sign in by a passkey; raises what membership refuses."""
        asked = self._switchboard.ask(BeginPasskeySignIn(caller=NOBODY, door=door))
        return cast(PasskeySignInOptions, asked)

    def sign_in_by_passkey(self, challenge: str, assertion: PasskeyAssertion, door: str) -> OpenedSignIn:
        """Sign somebody in who has a passkey; raises what membership refuses."""
        call = OpenSignInByPasskey(caller=NOBODY, challenge=challenge, assertion=assertion, door=door)
        return cast(OpenedSignIn, self._switchboard.ask(call))

    def passkeys_of(self, caller: Caller) -> tuple[Passkey, ...]:
        """All passkeys of whoever is signed in."""
        page = self._switchboard.ask(ListPasskeys(caller=caller, limit=100))
        return cast(Page[Passkey], page).items

    def add_passkey(self, caller: Caller, new: NewPasskey, door: str) -> None:
        """Add a passkey; raises what membership refuses."""
        self._switchboard.ask(AddPasskey(caller=caller, new=new, door=door))

    def remove_passkey(self, caller: Caller, passkey: str) -> None:
        """Remove a passkey; raises what membership refuses."""
        if not ID.fullmatch(passkey):
            raise NotFound("You have no such passkey.")
        self._switchboard.ask(RemovePasskey(caller=caller, passkey=passkey))

    def _found(self, call: FindIdentityProvider) -> IdentityProvider:
        return cast(IdentityProvider, self._switchboard.ask(call))
