"""Acts: what the audit log tells of a call that was carried out, taken from the call itself.

Who did it (the member, the client that acted for them, or the operator), what they did, and the ids of
what it concerned. No words that anybody wrote, and no secrets: nothing but ids is taken over.
"""

import re
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
        organisations: of whoever acted and of what was acted upon, as far as the call names them.
        concerns: the ids in the call and its answer, by the names of their fields.
    """

    id: str
    act: str
    at: datetime
    member: str | None
    client: str | None
    operator: bool
    organisations: tuple[str, ...]
    concerns: dict[str, str]


def act_of(call: Call, answer: BaseModel | None, *, id: str, at: datetime) -> Act:
    """What the audit log tells of `call`, which was answered with `answer`."""
    concerns = {**_ids(answer), **_ids(call)}
    named = (concerns.get(one) for one in ORGANISATIONS)
    organisations = {call.caller.organisation, *named, *_parties(answer)} - {None}
    return Act(
        id=id,
        act=call.method(),
        at=at,
        member=call.caller.member,
        client=call.caller.client,
        operator=call.caller.operator,
        organisations=tuple(sorted(str(one) for one in organisations)),
        concerns=concerns,
    )


def _parties(answer: BaseModel | None) -> tuple[str, ...]:
    """Both sides of what is between two organisations, so that each finds it in its part of the log."""
    return getattr(answer, "parties", ())


def _ids(model: BaseModel | None) -> dict[str, str]:
    return {name: value for name, value in (model or ()) if isinstance(value, str) and ID.fullmatch(value)}
