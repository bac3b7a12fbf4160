"""What membership may be asked about exports: a member takes a copy of all that is theirs."""

from typing import Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Done
from shared.contracts.calls.export_part import ExportPart
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.vocabulary import Id, Moment

ExportState = Literal["gathering", "ready", "fetched", "expired"]


class Export(Answer):
    """An export: `gathering` until every service has laid down its part, then `ready` until `ends_at`."""

    export: Id
    state: ExportState
    asked_at: Moment
    ready_at: Moment | None
    ends_at: Moment | None


class ExportLink(Answer):
    """A link to an export, good once; `secret` is shown in this answer only."""

    export: Id
    ends_at: Moment
    secret: str | None = None


class OpenedExport(Answer):
    """What the link leads to: whose it is, and how many parts each service has."""

    export: Id
    member: Id
    parts: dict[str, int]


class AskForExport(MembershipCall):
    """By a member who has signed in within five minutes; the one that is there already when there is one."""

    answer = Export
    audited = True


class GetExport(MembershipCall):
    """One's own, the latest."""

    answer = Export


class MakeExportLink(MembershipCall):
    """By a member who has signed in within five minutes. It ends the link before."""

    answer = ExportLink
    audited = True


class OpenExport(MembershipCall):
    """Use a link up. `digest` is the SHA-256 of its secret."""

    answer = OpenedExport
    audited = True
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class FinishExport(MembershipCall):
    """It was fetched whole: nobody needs it any more."""

    answer = Done
    audited = True
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class GetMembershipPart(MembershipCall):
    """One of the parts of one's own export."""

    answer = ExportPart
    export: Id
    number: int = Field(ge=0)
