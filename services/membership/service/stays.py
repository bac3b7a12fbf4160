"""What time makes due about outsiders' stays, and the letters about them."""

from datetime import datetime
from email.message import EmailMessage

from services.membership.domain import outsider as outsiders
from services.membership.domain import outsider_letter
from services.membership.domain.home import Sponsorship
from services.membership.domain.member import Member
from services.membership.repositories import Acts
from services.membership.service.mailing import Mailing
from services.membership.service.outsiders import OutsiderHandlers
from services.membership.service.secrets import FOR_OUTSIDERS
from shared.contracts.envelope import Envelope
from shared.contracts.membership import OutsiderLetterWritten
from shared.wiring.acts import Act
from shared.wiring.due import every
from shared.wiring.store import Stale, Work, new_id, now
from shared.wiring.subscribe import subscribe

AT_ONCE = 200
SECONDS = 10.0
"""Between two looks; how late an end is told, while credentials end to the second."""


class StayHandlers(OutsiderHandlers, Mailing):
    """Asks sponsors before the end, and ends what nobody has confirmed."""

    @every(SECONDS)
    def see_to_stays(self) -> None:
        at = now()
        for outsider in self.members.outsiders_due(at, AT_ONCE):
            work = Work()
            if outsider.sponsorship is not None:
                self._see_to(work, outsider, outsider.sponsorship, at)
            try:
                self.store.commit(work)
            except Stale:
                continue  # somebody has confirmed or ended it meanwhile; the next look finds out

    def _see_to(self, work: Work, outsider: Member, stay: Sponsorship, at: datetime) -> None:
        sponsor = self.members.get(stay.sponsor) if stay.sponsor else None
        match outsiders.what_is_due(outsider, sponsor, at):
            case "end":
                self.end_stay(work, outsider)
                self._record(work, "outsider_ended", outsider, stay, at)
            case "sponsor gone":
                left = outsiders.lose_sponsor(outsider, stay, at)
                self.members.put(work, outsider, left)
                self._record(work, "outsider_lost_sponsor", outsider, stay, at)
                for person in self._successors(outsider, stay):
                    self._ask(work, person, left, at)
            case "ask":
                self.members.put(work, outsider, outsiders.go_on(outsider, stay, at))
                if sponsor is not None:
                    self._ask(work, sponsor, outsider, at)
            case "nothing":
                self.members.put(work, outsider, outsiders.go_on(outsider, stay, at))

    def _ask(self, work: Work, person: Member, outsider: Member, at: datetime) -> None:
        if self.settings.mail and person.email is not None and outsider.sponsorship is not None:
            letter, fact = outsider_letter.ask(new_id(), person, outsider, outsider.sponsorship, at)
            self.outsider_letters.add(work, letter)
            work.tell(fact)

    def _successors(self, outsider: Member, stay: Sponsorship) -> list[Member]:
        facilitators = self.memberships.facilitators(self.memberships.roles(outsider.id))
        return outsiders.successors(self.members.by_id(facilitators).values(), stay)

    def _record(self, work: Work, act: str, outsider: Member, stay: Sponsorship, at: datetime) -> None:
        """Let the audit log tell of what nobody has asked for."""
        concerns = {"member": outsider.id, "organisation": stay.organisation}
        Acts.record(work, Act(new_id(), act, at, outsider.id, None, False, (stay.organisation,), concerns))

    @subscribe(OutsiderLetterWritten, batch=1)
    def hear_outsider_letter_written(self, heard: list[Envelope[OutsiderLetterWritten]], work: Work) -> None:
        """Send the mail; `work` is only the memory of it, for what was sent must be remembered at once."""
        del work
        for envelope in heard:
            at = now()
            letter = self.outsider_letters.get(envelope.data.letter)
            if letter is None or not outsider_letter.is_to_be_sent(letter, at):
                continue
            about = self.members.get(letter.outsider) if letter.outsider else None
            asked = self.members.get(letter.to)
            to = letter.invited.email if letter.invited else asked and asked.email
            if to and self._still_answers(asked, letter):
                self._send_letter(letter, about, to, at)

    def _send_letter(
        self, letter: outsider_letter.OutsiderLetter, about: Member | None, to: str, at: datetime
    ) -> None:
        def written(secret: str) -> EmailMessage:
            return outsider_letter.mail_of(letter, about, to, self.settings.mail_from, secret)

        self.send(letter, self.outsider_letters.put, FOR_OUTSIDERS, written, at)
