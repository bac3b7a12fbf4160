"""What the discussion service may be asked about exports."""

from pydantic import Field

from shared.contracts.calls.discussion.call import DiscussionCall
from shared.contracts.calls.export_part import ExportPart
from shared.contracts.vocabulary import Id


class GetWordsPart(DiscussionCall):
    """One of the parts of one's own export."""

    answer = ExportPart
    export: Id
    number: int = Field(ge=0)
