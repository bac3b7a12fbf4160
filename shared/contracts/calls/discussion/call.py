"""What every call to discussion has in common."""

from typing import ClassVar

from shared.contracts.calls.call import Call, Listing


class DiscussionCall(Call):
    to: ClassVar[str] = "discussion"


class DiscussionListing(Listing):
    to: ClassVar[str] = "discussion"
