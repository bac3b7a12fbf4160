"""What the notifications service may be asked about exports."""

from pydantic import Field

from shared.contracts.calls.export_part import ExportPart
from shared.contracts.calls.notifications.call import NotificationsCall
from shared.contracts.vocabulary import Id


class GetNoticesPart(NotificationsCall):
    """One of the parts of one's own export."""

    answer = ExportPart
    export: Id
    number: int = Field(ge=0)
