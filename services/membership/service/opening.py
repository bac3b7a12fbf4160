"""How a member is signed in, whichever way they came."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from services.membership.domain import sign_in as sign_ins
from services.membership.domain.member import Member
from services.membership.service.handlers import Handlers
from services.membership.service.secrets import FOR_SIGN_INS, make_secret
from shared.contracts.calls.call import Call
from shared.contracts.calls.membership import OpenedSignIn, Way
from shared.errors import Refusal
from shared.wiring import metrics
from shared.wiring.store import Work, new_id


class Opening(Handlers):
    """Signs members in."""

    @contextmanager
    def counted(self, way: Way) -> Iterator[None]:
        """Count what comes of a sign-in; one that is decided again because others were quicker counts once."""
        label = way.removeprefix("identity ")
        try:
            yield
        except Refusal:
            metrics.SIGN_INS.labels(label, "refused").inc()
            raise
        metrics.SIGN_INS.labels(label, "done").inc()

    def sign_in(
        self, work: Work, call: Call, member: Member, way: Way, provider: str | None, at: datetime
    ) -> OpenedSignIn:
        """Sign a member in, together with what else `work` holds; not when they leave at the same moment."""
        secret = make_secret(FOR_SIGN_INS)
        opened = sign_ins.open(new_id(), secret.digest, member.id, way, provider, at)
        self.sign_ins.add(work, opened)
        self.members.hold(work, member)
        answer = OpenedSignIn(
            sign_in=opened.id,
            member=member.id,
            organisation=member.organisation,
            guest_of=member.guest_of,
            ends_at=member.until(opened.ends_at),
        )
        self.commit(work, call, answer)
        return answer.model_copy(update={"secret": secret.text})
