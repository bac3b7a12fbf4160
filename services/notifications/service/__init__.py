"""The notifications service as nameko runs it: its handlers, by what they are about."""

from services.notifications.service.erasing import ErasingHandlers
from services.notifications.service.gathering import GatheringHandlers
from services.notifications.service.hearing_discussion import HearingDiscussion
from services.notifications.service.hearing_membership import HearingMembership
from services.notifications.service.inbox import InboxHandlers
from services.notifications.service.levels import LevelHandlers
from services.notifications.service.webhooks import WebhookHandlers

__all__ = ["NotificationsService"]


class NotificationsService(
    InboxHandlers,
    LevelHandlers,
    WebhookHandlers,
    HearingDiscussion,
    HearingMembership,
    ErasingHandlers,
    GatheringHandlers,
):
    """Who should know, and why."""

    name = "notifications"
