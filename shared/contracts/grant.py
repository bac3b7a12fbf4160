"""A grant: what an agreement lets one organisation's systems see of another's, and how it is read.

Membership alone makes grants of agreements. What a grant says is part of the language, so that whoever
keeps a copy reads it in the same way: each crossing is let by one grant or by none, and a time is
compared with the moment. Nothing else is decided where content is kept.
"""

from pydantic import BaseModel, ConfigDict

from shared.contracts.vocabulary import ContentKind, Id, MemberField, Moment, NotificationKind

WITHHELD_TITLE = "Withheld"
"""What another organisation's system reads for a title that must not leave its own, whatever was agreed."""


class Grant(BaseModel):
    """What of `source` may reach the systems of `receiver`, by one version of one agreement.

    Args:
        communities: in which.
        kinds, fields, notifications: what of content, of its authors, and of which news; kinds of
            notifications as words, because their list grows.
        retention_days: how long the receiver may keep what it has read.
        crosses_until: nothing written from this moment on crosses.
        read_until: nothing is read from this moment on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    agreement: Id
    version: int
    source: Id
    receiver: Id
    communities: tuple[Id, ...]
    kinds: tuple[ContentKind, ...]
    fields: tuple[MemberField, ...]
    notifications: tuple[str, ...]
    retention_days: int
    crosses_until: Moment
    read_until: Moment

    def is_read_at(self, at: Moment) -> bool:
        """Whether anything is read by it at that moment."""
        return at < self.read_until

    def holds(self, kind: ContentKind) -> bool:
        """Whether it lets this kind cross; whoever may read a thread may read its title."""
        is_title = kind is ContentKind.TITLES and ContentKind.THREADS in self.kinds
        return kind in self.kinds or is_title

    def lets(self, source: str, community: str, kind: ContentKind, written_at: Moment, at: Moment) -> bool:
        """Whether it lets this cross at the moment `at`: whose it is, where, what, and when it was written last."""
        return (
            source == self.source
            and community in self.communities
            and self.holds(kind)
            and written_at < self.crosses_until
            and self.is_read_at(at)
        )

    def tells(self, source: str, community: str, kind: NotificationKind, done_at: Moment, at: Moment) -> bool:
        """Whether it lets the news of this kind of deed cross, with the title of what it was done in."""
        return kind in self.notifications and self.lets(source, community, ContentKind.TITLES, done_at, at)
