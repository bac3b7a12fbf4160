"""What every call to the notifications service is."""

from typing import ClassVar

from shared.contracts.calls.call import Call, Listing


class NotificationsCall(Call):
    to: ClassVar[str] = "notifications"


class NotificationsListing(Listing):
    to: ClassVar[str] = "notifications"
