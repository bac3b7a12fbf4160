"""From deeds to the deliveries of webhooks, as `telling` leads from deeds to inboxes.

Safe to do twice and late: a delivery's id follows from webhook and deed.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from services.notifications.domain.crossing import why_not
from services.notifications.domain.deed import Deed
from services.notifications.domain.delivery import Delivery, deliver
from services.notifications.domain.webhook import Webhook
from services.notifications.repositories import Place, Repositories
from services.notifications.service.telling import DEEDS_AT_ONCE, LATEST, SAME_MOMENT
from shared.contracts.grant import Grant
from shared.wiring.store import now

something_due = threading.Event()
"""Set when this process has made deliveries, so that its courier need not look first."""


class Poster:
    """Makes deliveries.

    Args:
        repositories: of the notifications service.
    """

    def __init__(self, repositories: Repositories) -> None:
        self.repositories = repositories

    def post(self, deeds: Sequence[Deed]) -> None:
        """Make the deliveries that these deeds lead to."""
        if not any(deed.thread for deed in deeds):
            return
        if webhooks := self.repositories.webhooks.that_listen():
            self._post(deeds, webhooks)

    def look_back_for_places(self, places: Sequence[Place], told_at: datetime) -> None:
        """Make those that are due to a member of the organisation of whom was heard only now.

        Args:
            places: theirs.
            told_at: when that was told; it may be heard much later.
        """
        present = [place for place in places if place.is_in]
        homes = {place.standing.organisation for place in present}
        webhooks = [one for one in self.repositories.webhooks.that_listen() if one.organisation in homes]
        if not webhooks:
            return
        for community in {place.community for place in present}:
            since = min(place.standing.since for place in present if place.community == community)
            deeds = self.repositories.deeds.in_community(community, max(since, told_at - LATEST))
            while some := list(islice(deeds, DEEDS_AT_ONCE)):
                self._post(some, webhooks)

    def look_back_for_grants(self, grants: Sequence[Grant], told_at: datetime) -> None:
        """Make those that an agreement lets cross, of what was heard between its signing and the news of it.

        Args:
            grants: of the agreement.
            told_at: when they were told; nothing done before is told of anew.
        """
        receivers = {grant.receiver for grant in grants}
        webhooks = [one for one in self.repositories.webhooks.that_listen() if one.organisation in receivers]
        if not webhooks:
            return
        for community in {community for grant in grants for community in grant.communities}:
            deeds = self.repositories.deeds.in_community(community, told_at - SAME_MOMENT)
            while some := list(islice(deeds, DEEDS_AT_ONCE)):
                self._post(some, webhooks)

    def _post(self, deeds: Sequence[Deed], webhooks: Sequence[Webhook]) -> None:
        wanted = [(webhook, deed) for webhook in webhooks for deed in deeds if webhook.wants(deed)]
        places = self.repositories.places
        standings = {
            organisation: places.of_organisation(
                organisation,
                {deed.community for webhook, deed in wanted if webhook.organisation == organisation},
            )
            for organisation in {webhook.organisation for webhook, _ in wanted}
        }
        moment = now()
        reaches = {each: self.repositories.grants.reach(each, moment) for each in standings}
        made: list[Delivery] = [
            deliver(webhook, deed, moment)
            for webhook, deed in wanted
            if why_not(
                deed,
                standings[webhook.organisation].get(deed.community, ()),
                reaches[webhook.organisation],
            )
            is None
        ]
        if made and self.repositories.deliveries.add(made):
            something_due.set()
