"""An export: a member takes a copy of all that is theirs, gathered by every service and fetched once."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.membership import ExportState
from shared.contracts.membership import ExportAsked, ExportEnded, ExportReady
from shared.errors import Conflict, NotFound

GATHERING = ("membership", *ExportAsked.heard_by)
"""The services that lay down their parts."""
KEPT = timedelta(days=7)
"""For how long it can be fetched once it is ready."""
GATHERED_WITHIN = timedelta(days=3)
"""For how long services that are away are waited for, over a weekend; afterwards it has expired, and is asked for again."""
AGAIN = timedelta(hours=1)
"""For how long another link can be made after all has gone out: that it went out is no proof that it arrived."""
LONGEST = timedelta(days=30)
"""After which parts end that were never completed, because a service was away for as long."""


class Export(State):
    """An export as it stands.

    Args:
        parts: how many each service has laid down, by service.
        ends_at: until when it can be fetched; None until it is ready, and once it was fetched and is gone.
        kept_until: until when it is kept for another link, once it was fetched; one without it that was fetched is
            gone: nodes before this took its parts away at once.
        digest: of the link's secret; None until one was made.
        opened: whether the link was used.
    """

    member: str
    asked_at: datetime
    state: ExportState = "gathering"
    parts: dict[str, int] = Field(default_factory=dict)
    ready_at: datetime | None = None
    ends_at: datetime | None = None
    kept_until: datetime | None = None
    digest: str | None = None
    opened: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether services may hold anything of it."""
        return self.state in ("gathering", "ready") or (
            self.state == "fetched" and self.kept_until is not None
        )

    def state_at(self, at: datetime) -> ExportState:
        """How it stands at a moment: what was not gathered, or that nobody fetched, in time has expired."""
        if self.state == "gathering":
            return "expired" if at >= self.asked_at + GATHERED_WITHIN else "gathering"
        is_over = self.ends_at is not None and at >= self.ends_at
        return "expired" if self.state == "ready" and is_over else self.state

    def can_be_fetched_at(self, at: datetime) -> bool:
        """Whether it is there as a whole."""
        until = self._fetchable_until
        return self.state in ("ready", "fetched") and until is not None and at < until

    def is_open_at(self, at: datetime) -> bool:
        """Whether it is being gathered, or can be fetched."""
        return self.state_at(at) in ("gathering", "ready")

    def shown(self, at: datetime) -> calls.Export:
        """The export for its member."""
        return calls.Export(
            export=self.id,
            state=self.state_at(at),
            asked_at=self.asked_at,
            ready_at=self.ready_at,
            ends_at=self._fetchable_until,
        )

    @property
    def _fetchable_until(self) -> datetime | None:
        return self.kept_until if self.state == "fetched" else self.ends_at


def no_such_export() -> NotFound:
    """The refusal for an export, a part or a link that isn't there or is somebody else's."""
    return NotFound("There is no such export.", where="export")


def used() -> NotFound:
    """The refusal for a link that was used, or is too old."""
    return NotFound(
        "This link was used, or is older than seven days. Sign in and make another, or ask for another export.",
        "link-used",
    )


def ask(id: str, member: str, at: datetime) -> tuple[Export, ExportAsked]:
    """Ask for one; returns it with the fact that has it gathered."""
    return Export(id=id, member=member, asked_at=at), ExportAsked(
        export=id, member=member, until=at + LONGEST
    )


def receive(export: Export, service: str, parts: int, at: datetime) -> tuple[Export, list[ExportReady]]:
    """Take a service's word that its parts are there; with the last one it is ready, which its member is told."""
    if service in export.parts or export.state != "gathering":
        return export, []
    have = {**export.parts, service: parts}
    if set(have) < set(GATHERING):
        return _next(export, parts=have), []
    ready = _next(export, parts=have, state="ready", ready_at=at, ends_at=at + KEPT)
    return ready, [ExportReady(export=export.id, member=export.member, at=at)]


def link(export: Export | None, digest: str, at: datetime) -> Export:
    """Give it a link; the one before ends.

    Raises:
        NotFound: there is nothing to fetch.
        Conflict: `export-not-ready`.
    """
    if export is not None and export.state_at(at) == "gathering":
        raise Conflict("It is still being gathered; you will be told when it is ready.", "export-not-ready")
    if export is None or not export.can_be_fetched_at(at):
        raise no_such_export()
    return _next(export, digest=digest, opened=False)


def open(export: Export | None, at: datetime) -> Export:
    """Use the link up.

    Raises:
        NotFound: there is no such link; `link-used` when it was used, or is too old.
    """
    if export is None:
        raise no_such_export()
    if export.opened or not export.can_be_fetched_at(at):
        raise used()
    return _next(export, opened=True)


def finish(export: Export, at: datetime) -> Export:
    """All of it went out. It is kept for a little longer, for its member to make another link if it did not arrive."""
    if export.state != "ready" or not export.opened or export.ends_at is None:
        return export
    until = min(export.ends_at, at + AGAIN)
    return _next(export, state="fetched", ends_at=until, kept_until=until)


def end(export: Export) -> tuple[Export, ExportEnded]:
    """Every service takes away what it has of it: it was fetched, or was not gathered or fetched in time."""
    told = ExportEnded(export=export.id)
    if export.state == "fetched":
        return _next(export, ends_at=None, kept_until=None), told
    return _next(export, state="expired"), told


def _next(export: Export, **changes: Any) -> Export:
    return export.model_copy(update={**changes, "revision": export.revision + 1})
