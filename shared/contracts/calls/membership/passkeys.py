"""What membership may be asked about passkeys (WebAuthn): a second way in, kept by a member's own device."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.calls.membership.sign_ins import Door, OpenedSignIn
from shared.contracts.vocabulary import Id, Moment, on_one_line

BASE64URL = r"^[A-Za-z0-9_-]+$"
Challenge = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
ClientData = Annotated[str, StringConstraints(min_length=1, max_length=2_048, pattern=BASE64URL)]


class Passkey(Answer):
    """A passkey of a member. Its key is told to nobody."""

    passkey: Id
    label: str
    created_at: Moment
    used_at: Moment | None = Field(description="When it last signed its member in.")
    backed_up: bool = Field(description="Whether it is kept in more places than one device.")


class PasskeyOptions(Answer):
    """What a browser needs to make a passkey: the options of `navigator.credentials.create` (WebAuthn, 5.4).

    Binary values are base64url. What is not said here is always the same: a discoverable credential, the user
    verified, no attestation.
    """

    challenge: Challenge
    expires_at: Moment
    relying_party: str = Field(description="The id of the relying party: the node's host name.")
    user: str = Field(description="The user handle.")
    user_name: str
    user_display_name: str
    algorithms: tuple[int, ...] = Field(
        description="COSE algorithms, the preferred first: EdDSA, ES256, RS256."
    )
    exclude: tuple[str, ...] = Field(description="The credentials that the member has already.")


class BeginPasskey(MembershipCall):
    """By a facilitator for themselves, at a browser where they have just signed in; the challenge is for it alone."""

    answer = PasskeyOptions
    door: Door


class NewPasskey(Body):
    """What an authenticator answered, as base64url, and what its owner calls it."""

    label: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
        AfterValidator(on_one_line),
    ] = Field(description="What it is kept on, so that its owner knows it again.")
    client_data: ClientData = Field(description="`response.clientDataJSON`.")
    attestation: str = Field(
        min_length=1, max_length=5_000, pattern=BASE64URL, description="`response.attestationObject`."
    )


class AddPasskey(MembershipCall):
    """By whoever began it, at the same browser, within five minutes."""

    answer = Passkey
    audited = True
    door: Door
    new: NewPasskey


class ListPasskeys(MembershipListing):
    """One's own."""

    answer = Page[Passkey]


class RemovePasskey(MembershipCall):
    """One's own, at a browser where one has just signed in."""

    answer = Done
    audited = True
    passkey: Id


class PasskeySignInOptions(Answer):
    """What a browser needs to ask for a passkey: the options of `navigator.credentials.get`, the same for everybody."""

    challenge: Challenge
    expires_at: Moment
    relying_party: str


class BeginPasskeySignIn(MembershipCall):
    """Somebody would like to sign in by a passkey. Nobody is named, so the answer tells of nobody."""

    answer = PasskeySignInOptions
    door: Door


class PasskeyAssertion(Body):
    """What an authenticator answered, as base64url."""

    credential: str = Field(min_length=1, max_length=1_364, pattern=BASE64URL)
    client_data: ClientData
    authenticator_data: str = Field(min_length=1, max_length=1_000, pattern=BASE64URL)
    signature: str = Field(min_length=1, max_length=700, pattern=BASE64URL)
    user_handle: str = Field(min_length=1, max_length=88, pattern=BASE64URL)


class OpenSignInByPasskey(MembershipCall):
    """Somebody has a passkey's answer to the challenge that their browser was given: sign them in. It counts once."""

    answer = OpenedSignIn
    audited = True
    challenge: Challenge
    assertion: PasskeyAssertion
    door: Door
