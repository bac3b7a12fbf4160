"""Acts: what the audit log tells of a call that was carried out, taken from the call itself.

Who did it (the member, the client that acted for them, or the operator), what they did, and the ids of
what it concerned. No words that anybody wrote, and no secrets: nothing but ids is taken over.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from shared.contracts.calls.call import Call

ID = re.compile(r"[0-9a-f]{24}")
ORGANISATIONS = ("organisation", "guest_of")
"""The fields that name an organisation whose concern an act is."""


class Act(NamedTuple):
    """Something security-relevant that was done.

    Args:
        id: its own.
        act: the call's name, such as `revoke_client`.
        at: when it was committed.
        member: who did it, or for whom a client did.
        client: the client that acted; None when a member or the operator did it themselves.
        operator: whether it was the operator's command.
        organisations: of whoever acted and of what was acted upon: those that find it in their part of the log.
        concerns: the ids in the call and its answer, by the names of their fields.
        upon: of these those that were acted upon by another, which may not be told that they were.
        parties: of these those on the other side of what is between two organisations, which know of each other.
    """

    id: str
    act: str
    at: datetime
    member: str | None
    client: str | None
    operator: bool
    organisations: tuple[str, ...]
    concerns: dict[str, str]
    upon: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()


def act_of(
    call: Call, answer: BaseModel | None, *, id: str, at: datetime, upon: Iterable[str | None] = ()
) -> Act:
    """What the audit log tells of `call`, which was answered with `answer`.

    Args:
        upon: the organisations of whom it was done to, whatever of them the answer withholds.
    """
    concerns = {**_ids(answer), **_ids(call)}
    own = {call.caller.organisation, getattr(call, "organisation", None)}
    others = {one for one in upon if one is not None} - own
    parties = set(_parties(answer)) - own
    named = (concerns.get(one) for one in ORGANISATIONS)
    organisations = {call.caller.organisation, *named, *_parties(answer), *others} - {None}
    return Act(
        id=id,
        act=call.method(),
        at=at,
        member=call.caller.member,
        client=call.caller.client,
        operator=call.caller.operator,
        organisations=tuple(sorted(str(one) for one in organisations)),
        concerns=concerns,
        upon=tuple(sorted(others)),
        parties=tuple(sorted(parties)),
    )


def _parties(answer: BaseModel | None) -> tuple[str, ...]:
    """Both sides of what is between two organisations, so that each finds it in its part of the log."""
    return getattr(answer, "parties", ())


def _ids(model: BaseModel | None) -> dict[str, str]:
    return {name: value for name, value in (model or ()) if isinstance(value, str) and ID.fullmatch(value)}
