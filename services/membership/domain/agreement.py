"""An agreement between two organisations: proposed by one, countersigned by the other, ended by time or by either.

    proposed ─► in force ─► ending ─► expired ─► suspended
        │           │          │         │           │
        └───────────┴──────────┴─────────┴───────────┴──► revoked

Time moves it from left to right: `ending` thirty days before its end, `expired` at it, `suspended` thirty
days after. A further version that both have signed begins it anew; until then the old one holds.
Revoked is for good.
"""

from datetime import datetime, timedelta

from services.membership.domain.agreement_version import Signature, Version, parties_of
from services.membership.domain.state import State
from shared.contracts.calls.membership import Terms
from shared.contracts.vocabulary import AgreementState
from shared.errors import Conflict, Invalid, NotFound

TOLD_BEFORE = timedelta(days=30)
"""How long before its end both parties are told."""
GRACE = timedelta(days=30)
"""For how long what crossed before the end may still be read."""
LONGEST = timedelta(days=5 * 366)


class Agreement(State):
    """An agreement as it stands.

    Args:
        parties: the two organisations' ids.
        versions: oldest first; their numbers grow by one.
        in_force: the number of the version that both have signed last, None when none is.
        proposed: the number of the version that waits for the other's signature, None when none does.
        state: as last told; `state_at` says how it is now.
        proposed_at: when it was first proposed.
    """

    parties: tuple[str, str]
    versions: tuple[Version, ...]
    in_force: int | None = None
    proposed: int | None = None
    state: AgreementState = AgreementState.PROPOSED
    proposed_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None

    @property
    def version_in_force(self) -> Version | None:
        """The version that both have signed last, None when there is none or it was revoked."""
        return self._version(self.in_force)

    @property
    def version_proposed(self) -> Version | None:
        """The version that waits for a signature, None when none does."""
        return self._version(self.proposed)

    def _version(self, number: int | None) -> Version | None:
        return None if number is None else self.versions[number - 1]


def no_such_agreement() -> NotFound:
    """The one refusal for an agreement that is not there and for one between others."""
    return NotFound("There is no such agreement.", where="agreement")


def no_such_contact() -> Invalid:
    """The refusal for a contact who isn't there, has left, or is somebody else's member."""
    return Invalid("Name an active member of your organisation.", where="contact")


def agreement_exists() -> Conflict:
    """The refusal of an id, or a version of it, that has been proposed already."""
    return Conflict(
        "This agreement is there already, or its next version has another number; read it again.",
        "agreement-exists",
        "agreement",
    )


def check_known(agreement: Agreement | None, organisation: str | None) -> Agreement:
    """Refuse an agreement that is not there or is between others; `organisation` None is the operator."""
    if agreement is None or (organisation is not None and organisation not in agreement.parties):
        raise no_such_agreement()
    return agreement


def is_contact(agreement: Agreement, member: str | None, organisation: str | None) -> bool:
    """Whether an organisation names this member as the one to be told, in what was signed last or is proposed."""
    present = [one for one in (agreement.version_in_force, agreement.version_proposed) if one]
    return member is not None and any(
        (signature.contact, signature.organisation) == (member, organisation)
        for version in present or agreement.versions[-1:]
        for signature in version.signatures
    )


def state_at(agreement: Agreement, at: datetime) -> AgreementState:
    """How an agreement stands at a moment, also when no sweep has come by yet."""
    version = agreement.version_in_force
    if agreement.revoked_at is not None:
        return AgreementState.REVOKED
    if version is None:
        return AgreementState.PROPOSED
    if at < version.expires_at - TOLD_BEFORE:
        return AgreementState.IN_FORCE
    if at < version.expires_at:
        return AgreementState.ENDING
    if at < version.expires_at + GRACE:
        return AgreementState.EXPIRED
    return AgreementState.SUSPENDED


def due_at(agreement: Agreement) -> datetime | None:
    """When time moves it on from the state that was last told, None when time does not."""
    version = agreement.version_in_force
    if version is None:
        return None
    return {
        AgreementState.IN_FORCE: version.expires_at - TOLD_BEFORE,
        AgreementState.ENDING: version.expires_at,
        AgreementState.EXPIRED: version.expires_at + GRACE,
    }.get(agreement.state)


def check_terms(terms: Terms, organisation: str, at: datetime) -> None:
    """Refuse terms that the proposer is no party of, or that are over before they begin.

    Raises:
        Invalid: `not-a-party` or `terms-invalid`.
    """
    if organisation not in parties_of(terms):
        raise Invalid("Your organisation is no party of these terms.", "not-a-party", "terms.between")
    expires_at = datetime.fromisoformat(terms.expires_at)
    if expires_at <= at:
        raise Invalid("The end of these terms has passed.", "terms-invalid", "terms.expires_at")
    if expires_at > at + LONGEST:
        raise Invalid(
            "An agreement lasts five years at most; choose an earlier end.",
            "terms-invalid",
            "terms.expires_at",
        )


def propose(was: Agreement | None, terms: Terms, signature: Signature) -> Agreement:
    """Propose an agreement, or a further version of one; a version that waited is withdrawn by that.

    The signature has been checked (`signing.check_signed`), and so have the terms.

    Raises:
        Conflict: `agreement-exists`, `agreement-revoked`, or `other-parties`.
    """
    version = Version(terms=terms, signatures=(signature,))
    if was is None:
        if terms.version != 1:
            raise Conflict("The first version has the number 1.", "agreement-exists", "terms.version")
        return Agreement(
            id=terms.agreement,
            parties=parties_of(terms),
            versions=(version,),
            proposed=1,
            proposed_at=signature.signed_at,
        )
    if signature.organisation not in was.parties or terms.version != len(was.versions) + 1:
        raise agreement_exists()
    _check_not_revoked(was)
    if set(parties_of(terms)) != set(was.parties):
        raise Conflict(
            "A further version is between the same parties; propose another agreement.",
            "other-parties",
            "terms.between",
        )
    return was.model_copy(
        update={
            "versions": (*was.versions, version),
            "proposed": version.number,
            "revision": was.revision + 1,
        }
    )


def check_countersigns(agreement: Agreement, organisation: str, number: int, at: datetime) -> Version:
    """Refuse a countersignature where none is wanted; returns the version that waits for it otherwise.

    Raises:
        Conflict: `agreement-revoked`, `nothing-to-countersign`, `own-proposal`, or `terms-over`.
    """
    _check_not_revoked(agreement)
    waiting = agreement.version_proposed
    if waiting is None or waiting.number != number:
        raise Conflict(
            "That version does not wait for a signature; read the agreement again.",
            "nothing-to-countersign",
            "version",
        )
    if waiting.proposed_by == organisation:
        raise Conflict(
            "Your organisation proposed this version; the other party countersigns it.",
            "own-proposal",
            "version",
        )
    if waiting.expires_at <= at:
        raise Conflict("The end of these terms has passed; propose others.", "terms-over", "version")
    return waiting


def countersign(agreement: Agreement, waiting: Version, signature: Signature) -> Agreement:
    """Bring the version that waits into force; what was in force before is superseded by it."""
    signed = waiting.model_copy(update={"signatures": (*waiting.signatures, signature)})
    versions = tuple(signed if version is waiting else version for version in agreement.versions)
    begun = agreement.model_copy(
        update={
            "versions": versions,
            "in_force": signed.number,
            "proposed": None,
            "revision": agreement.revision + 1,
        }
    )
    return begun.model_copy(update={"state": state_at(begun, signature.signed_at)})


def is_already_countersigned(agreement: Agreement, organisation: str, number: int) -> bool:
    """Whether a party asks for what it has done already, as it may after a lost answer."""
    version = agreement.version_in_force
    signed = version is not None and any(one.organisation == organisation for one in version.signatures[1:])
    return agreement.in_force == number and signed and agreement.revoked_at is None


def revoke(agreement: Agreement, by: str, at: datetime) -> Agreement:
    """End an agreement at once; one that was revoked stays as it is."""
    if agreement.revoked_at is not None:
        return agreement
    return agreement.model_copy(
        update={
            "state": AgreementState.REVOKED,
            "proposed": None,
            "revoked_by": by,
            "revoked_at": at,
            "revision": agreement.revision + 1,
        }
    )


def rests_on(agreement: Agreement, kid: str) -> bool:
    """Whether a key has signed the version in force or the one that waits."""
    standing = (agreement.version_in_force, agreement.version_proposed)
    return any(signature.key == kid for version in standing if version for signature in version.signatures)


def move_on(agreement: Agreement, at: datetime) -> Agreement:
    """Let time do to an agreement what it does; as it was when nothing is due."""
    state = state_at(agreement, at)
    if state is agreement.state:
        return agreement
    return agreement.model_copy(update={"state": state, "revision": agreement.revision + 1})


def _check_not_revoked(agreement: Agreement) -> None:
    if agreement.revoked_at is not None:
        raise Conflict(
            "This agreement was revoked, for good; propose another.", "agreement-revoked", "agreement"
        )
