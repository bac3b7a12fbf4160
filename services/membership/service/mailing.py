"""How a mail with a secret link is sent: once, by one process, and by another when that has died."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import TypeVar

from services.membership.channels import mail
from services.membership.domain.state import Mailed
from services.membership.service.handlers import Handlers
from services.membership.service.secrets import make_secret
from services.membership.settings import MembershipSettings
from shared.wiring.store import Work, now

A_TRY = timedelta(seconds=30)
"""For how long one process has the sending of a mail to itself."""


class BeingSent(Exception):
    """Another process is sending this mail, or has died while it did; the next try finds out."""


M = TypeVar("M", bound=Mailed)


class Mailing(Handlers):
    """Sends mails. The secret is made when the mail is, so it is in no row and in no message."""

    settings = MembershipSettings()

    def send(
        self,
        thing: M,
        put: Callable[[Work, M], None],
        prefix: str,
        written: Callable[[str], EmailMessage],
        at: datetime,
    ) -> None:
        """Send one, and remember first that it is tried and then that it was taken.

        Args:
            thing: what is sent.
            put: keeps its next revision.
            prefix: with what its secret begins.
            written: the mail, given the secret.

        Raises:
            BeingSent: somebody else is at it.
            MailFailed: it was not taken.
        """
        if thing.trying_until is not None and at < thing.trying_until:
            raise BeingSent(thing.id)
        secret = make_secret(prefix)
        digests = (*thing.digests, secret.digest)
        trying = self._remember(thing, put, digests=digests, trying_until=at + A_TRY)
        mail.send(self.settings.mail, written(secret.text))
        self._remember(trying, put, sent_at=now(), trying_until=None)

    def _remember(self, thing: M, put: Callable[[Work, M], None], **changes: object) -> M:
        changed = thing.model_copy(update={**changes, "revision": thing.revision + 1})
        work = Work()
        put(work, changed)
        self.store.commit(work)
        return changed
