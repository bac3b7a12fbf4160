"""What a member is told when a copy of their data is ready to be fetched."""

from services.notifications.domain.deed import Deed
from shared.contracts.membership import ExportReady
from shared.contracts.vocabulary import NotificationKind


def ready_deed(fact: ExportReady, community: str) -> Deed:
    """The deed, for its member alone.

    Args:
        community: one that they are in, because that is what an inbox shows.
    """
    thing = f"export.{fact.export}"
    return Deed(
        id=thing,
        thing=thing,
        kind=NotificationKind.EXPORT_READY,
        community=community,
        title="The copy of your data is ready",
        link="/v1/me/export",
        by=None,
        by_name=None,
        at=fact.at,
        subject=fact.member,
    )
