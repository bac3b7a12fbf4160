"""In which order a webhook is told: within a thread as it was done, though facts come in any order.

Discussion numbers what it tells of a thread, without gaps. A process that dies gives back what it had in hand,
and others have heard later things meanwhile; so does a relay that was late. Whoever is about to tell a webhook
something for the first time looks whether all before it was heard, and leaves it for a little while otherwise. What
does not come is given up for the whole thread, so that it is waited for once.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from services.notifications.domain.delivery import Delivery, awaited, has_waited
from services.notifications.repositories.numbers import Number, Numbers

log = structlog.get_logger()

MOST_REMEMBERED = 10_000


class Order:
    """Lets through what may be told now.

    Args:
        numbers: what was heard.
    """

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self._whole: dict[str, int] = {}
        """By thread: the number up to which nothing that could be looked for is missing."""

    def let(self, deliveries: Sequence[Delivery], at: datetime) -> list[Delivery]:
        """Those before which nothing of their thread is on its way.

        Args:
            deliveries: at most one of a thread.
            at: this moment.
        """
        wanted = {delivery.id: self._wanted(delivery) for delivery in deliveries}
        heard = self.numbers.heard_of({number for numbers in wanted.values() for number in numbers})
        let = []
        for delivery in deliveries:
            missing = sorted(wanted[delivery.id] - heard)
            told = {
                "webhook": delivery.webhook,
                "thread": delivery.thread,
                "numbers": [n for _, n in missing],
            }
            if missing and not has_waited(delivery, at):
                log.debug("webhook.waits", **told)
                continue
            if missing:
                log.warning("webhook.gives_up", **told)
                self.numbers.give_up(missing, at)
            if wanted[delivery.id]:
                self._remember(delivery.thread, max(wanted[delivery.id])[1])
            let.append(delivery)
        return let

    def _wanted(self, delivery: Delivery) -> set[Number]:
        whole = self._whole.get(delivery.thread, 0)
        return {(delivery.thread, place) for place in awaited(delivery) if place > whole}

    def _remember(self, thread: str, place: int) -> None:
        if len(self._whole) >= MOST_REMEMBERED:
            self._whole.clear()
        self._whole[thread] = max(place, self._whole.get(thread, 0))
