"""Counting what crosses to organisations' systems, and what is kept back."""

from services.notifications.domain.crossing import LETTING, Reach
from services.notifications.domain.deed import Deed
from shared.contracts.vocabulary import CrossingReason
from shared.wiring import metrics


def count_crossing(deed: Deed, reach: Reach) -> None:
    """Count that the news of a deed crossed, or was kept back; one's own crosses nothing."""
    reason = reach.why(deed)
    if reason is not CrossingReason.OWN:
        decision = "let" if reason in LETTING else "withheld"
        metrics.CROSSINGS.labels("out", "notifications", decision, reason.value).inc()
