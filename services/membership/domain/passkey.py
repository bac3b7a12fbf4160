"""A passkey: a key on a member's own device, by which they sign in without a secret that could be told to anybody."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from services.membership.domain.ceremony import (
    ALGORITHMS,
    Asserted,
    Registered,
    RelyingParty,
    text_of,
)
from services.membership.domain.credential import digest_of
from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid, NotAllowed, NotFound

LASTS = timedelta(minutes=5)
"""For how long a challenge is good."""
MOST = 10
"""Passkeys that a member may have."""
Refusing = Literal["passkey_refused", "passkey_counter_went_back"]
"""What the audit log says when a passkey's answer was refused; in the second case somebody may have a copy of it."""
REFUSED: Refusing = "passkey_refused"


class Passkey(State):
    """A passkey as it stands.

    Args:
        credential: its id, chosen by the authenticator, as base64url.
        public_key: what its signatures are verified with, as COSE has it (RFC 9052).
        counter: how often the authenticator says it was used; 0 for ever where it does not count.
        backed_up: whether it was in more places than one when it was last used.
    """

    member: str
    credential: str
    public_key: bytes
    counter: int
    backed_up: bool
    label: str
    created_at: datetime
    used_at: datetime | None = None

    def shown(self) -> calls.Passkey:
        """The passkey for its member."""
        return calls.Passkey(
            passkey=self.id,
            label=self.label,
            created_at=self.created_at,
            used_at=self.used_at,
            backed_up=self.backed_up,
        )


class PasskeyChallenge(State):
    """A challenge as it stands; its id is its SHA-256, and it is kept nowhere itself.

    Args:
        member: who may answer it by a new passkey; None when it is to sign in by.
        signed_in_at: of the sign-in that asked for it, which nobody else answers it from.
    """

    member: str | None = None
    signed_in_at: datetime | None = None
    expires_at: datetime
    used: bool = False


class Refused(Exception):
    """A passkey's answer that signs nobody in; `act` is what the audit log says of it."""

    def __init__(self, act: Refusing, why: str) -> None:
        super().__init__(why)
        self.act = act


def no_such_passkey() -> NotFound:
    """The refusal for a passkey that isn't there or is somebody else's."""
    return NotFound("You have no such passkey.", where="passkey")


def already_known() -> Conflict:
    """The refusal of a credential that is somebody's, be it the member's own."""
    return Conflict("This passkey is registered already.", "passkey-known", "attestation")


def unfit() -> Invalid:
    """The one refusal for an authenticator's answer that is not sound, whatever is wrong with it."""
    return Invalid(
        "This is no sound answer to the challenge that you were given at this address. Begin again.",
        "passkey-unfit",
        "attestation",
    )


def not_accepted() -> NotAllowed:
    """The one refusal at sign-in: for an unknown passkey, a removed one, a wrong answer, and one of somebody who left."""
    return NotAllowed(
        "This passkey was not accepted. Try again, or sign in another way.", "passkey-not-accepted"
    )


def no_longer_good() -> NotAllowed:
    """The one refusal for a challenge that was answered, has expired, never was, or was another browser's."""
    return NotAllowed(
        "It was answered before, or is older than five minutes. Begin again.", "challenge-no-longer-good"
    )


def check_is_person(caller: Caller) -> str:
    """Refuse a system, also one that acts for the member; returns the member's id.

    Raises:
        NotAllowed: `member-needed`, `persons-only`.
    """
    member = check_is_member(caller)
    if caller.client is not None:
        raise NotAllowed("Passkeys are for people themselves; no system has or sees one.", "persons-only")
    return member


def check_may_have(member: Member, roles: Collection[Role], contacts: Collection[str]) -> None:
    """Refuse who needs no second way in: passkeys are for those who can do others harm.

    Here is said who facilitators and operators are. Whoever facilitates a community, and whoever their organisation
    has named as its contact in an agreement in force. The operator of the node works by commands on its machine,
    which no sign-in opens; at a browser they are a member like others. Losing the role takes no passkey away.

    Args:
        roles: the member's, in all their communities.
        contacts: whom their organisation has named.

    Raises:
        NotAllowed: `passkeys-for-facilitators`.
    """
    if Role.FACILITATOR not in roles and member.id not in contacts:
        raise NotAllowed(
            "Passkeys are for those who facilitate a community, and for whom their organisation has named as its "
            "contact in an agreement. Sign in the way you do now.",
            "passkeys-for-facilitators",
        )


def check_has_room(has: int) -> None:
    """Refuse one passkey too many.

    Raises:
        Conflict: `too-many-passkeys`.
    """
    if has >= MOST:
        raise Conflict(f"You have {MOST} passkeys; remove one that you no longer use.", "too-many-passkeys")


def ask(challenge: str, at: datetime, caller: Caller | None = None) -> PasskeyChallenge:
    """Remember a challenge; by `caller` for a new passkey, by nobody known to sign in."""
    return PasskeyChallenge(
        id=digest_of(challenge),
        member=caller.member if caller else None,
        signed_in_at=caller.signed_in_at if caller else None,
        expires_at=at + LASTS,
    )


def options(
    challenge: str, asked: PasskeyChallenge, party: RelyingParty, member: Member, has: Collection[Passkey]
) -> calls.PasskeyOptions:
    """What a browser needs to make a passkey for a member."""
    return calls.PasskeyOptions(
        challenge=challenge,
        expires_at=asked.expires_at,
        relying_party=party.id,
        user=handle_of(member.id),
        user_name=member.handle,
        user_display_name=member.name,
        algorithms=tuple(int(one) for one in ALGORITHMS),
        exclude=tuple(one.credential for one in has),
    )


def handle_of(member: str) -> str:
    """By which user handle an authenticator knows a member, as base64url: their id, which tells nothing of them."""
    return text_of(bytes.fromhex(member))


def answer(challenge: PasskeyChallenge | None, caller: Caller | None, at: datetime) -> PasskeyChallenge:
    """Use a challenge up.

    Args:
        caller: who answers it by a new passkey; None when it is answered to sign in.

    Raises:
        NotAllowed: `challenge-no-longer-good`.
    """
    if challenge is None or challenge.used or at >= challenge.expires_at:
        raise no_longer_good()
    whose = (caller.member, caller.signed_in_at) if caller else (None, None)
    if (challenge.member, challenge.signed_in_at) != whose:
        raise no_longer_good()
    return challenge.model_copy(update={"used": True, "revision": challenge.revision + 1})


def add(id: str, member: str, label: str, registered: Registered, at: datetime) -> Passkey:
    """Make a passkey of a sound registration."""
    return Passkey(id=id, member=member, label=label, created_at=at, **registered._asdict())


def check_known(passkey: Passkey | None) -> Passkey:
    """Refuse an answer by what is no passkey here; returns it otherwise.

    Raises:
        Refused: there is none.
    """
    if passkey is None:
        raise Refused(REFUSED, "it is not known")
    return passkey


def check_here(member: Member | None, at: datetime) -> Member:
    """Refuse an answer by somebody who has left; returns them otherwise.

    Raises:
        Refused: they are not here.
    """
    if member is None or not member.is_here(at):
        raise Refused(REFUSED, "its member is not here")
    return member


def use(passkey: Passkey, user_handle: str, asserted: Asserted, at: datetime) -> Passkey:
    """Use a passkey whose answer is sound.

    A counter that does not grow says that two devices hold the key. Which of them asks now nobody can tell, so this
    answer is refused and written down, and the passkey stays: if it went, whoever has an old copy could lock its
    owner out. An owner who is refused, because the copy is ahead, comes in another way and removes it.

    Raises:
        Refused: it was made for somebody else, or its counter did not grow.
    """
    if user_handle != handle_of(passkey.member):
        raise Refused(REFUSED, "another member's user handle")
    if (asserted.counter or passkey.counter) and asserted.counter <= passkey.counter:
        raise Refused("passkey_counter_went_back", "its counter did not grow")
    return passkey.model_copy(
        update={
            "counter": asserted.counter,
            "backed_up": asserted.backed_up,
            "used_at": at,
            "revision": passkey.revision + 1,
        }
    )
