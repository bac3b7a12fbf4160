"""What a party's contact is told of an agreement."""

from services.notifications.domain.deed import Deed
from shared.contracts.membership import AgreementMoved
from shared.contracts.vocabulary import AgreementState, NotificationKind

_SAID = {
    AgreementState.IN_FORCE: "Your agreement with {other} is in force until {end}",
    AgreementState.ENDING: "Your agreement with {other} ends on {end}: sign a further version, or let it end",
    AgreementState.EXPIRED: "Your agreement with {other} has ended: nothing new crosses, reading goes on for 30 days",
    AgreementState.SUSPENDED: "Your agreement with {other} is suspended: nothing crosses or is read any more",
    AgreementState.REVOKED: "Your agreement with {other} was revoked: nothing crosses any more",
}


def moved_deed(fact: AgreementMoved, community: str) -> Deed | None:
    """What the contact is told of how an agreement stands now; None when there is nothing to say.

    Args:
        community: one that the contact is in, because that is what an inbox shows.
    """
    said = _SAID.get(fact.state)
    if said is None:
        return None
    end = f"{fact.expires_at.day} {fact.expires_at:%B %Y}"
    room = 200 - len(said.format(other="", end=end))
    name = fact.other_name if len(fact.other_name) <= room else f"{fact.other_name[: room - 1]}…"
    thing = f"agreement.{fact.agreement}.{fact.revision}"
    return Deed(
        id=f"{thing}.{fact.organisation}",
        thing=thing,
        kind=NotificationKind.AGREEMENT_MOVED,
        community=community,
        title=said.format(other=name, end=end),
        link=f"/v1/agreements/{fact.agreement}",
        by=None,
        by_name=None,
        at=fact.at,
        subject=fact.contact,
    )
