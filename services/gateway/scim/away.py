"""What SCIM's library has no exception for: nobody can say just now."""

from scim2_models import SCIMException


class Away(SCIMException):
    """Membership did not answer in time; the same request may be sent again.

    Args:
        retry_after: whole seconds to wait, as text.
    """

    status = 503
    _default_detail = "Not just now; wait as long as Retry-After says and send the same request again."

    def __init__(self, retry_after: str = "2") -> None:
        super().__init__()
        self.retry_after = retry_after
