"""What every call to membership has in common."""

from typing import ClassVar

from shared.contracts.calls.call import Call, Listing


class MembershipCall(Call):
    to: ClassVar[str] = "membership"


class MembershipListing(Listing):
    to: ClassVar[str] = "membership"
