"""How somebody is taken out of everything, whoever ends it: themselves, their organisation, its directory, a date."""

from services.membership.domain import membership as memberships
from services.membership.domain.member import Member
from services.membership.service.handlers import Handlers
from shared.wiring import metrics
from shared.wiring.store import Work, now


class Leaving(Handlers):
    """What the handlers share that end somebody's taking part."""

    def leave_everything(self, work: Work, member: Member) -> None:
        """Take a member out of every community, take back what they asked for, and let their tokens and passkeys end.

        Args:
            member: as they were; their own row is changed by whoever calls this.
        """
        at = now()
        for place in self.memberships.all_of(member.id):
            ended, fact = memberships.end(place, at)
            self.memberships.put(work, place, ended, member, leaves_everything=True)
            work.tell(fact)
            work.afterwards(metrics.LEAVES.labels("with the organisation").inc)
        self.join_requests.withdraw_all_of(work, member.id, at)
        self.tokens.end_all_of(work, member.id)
        self.sign_ins.end_all_of(work, member.id)
        self.passkeys.end_all_of(work, member.id)
        self.move_codes.end_of(work, member.id)
        self.members.lose_sponsor(work, member.id, at)
