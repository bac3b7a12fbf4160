"""Being forgotten: a member asks for it, may think better of it, and whoever has its number reads the receipts."""

import hashlib

from flask import Blueprint, Response, current_app, request

from services.gateway.auth.allowance import Allowance
from services.gateway.door.resource import Asked, Resource
from services.gateway.problems import Problem
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.calls.membership import (
    AskForErasure,
    CancelErasure,
    GetErasure,
    NewErasure,
    ReadErasureReceipts,
)

erasures = Resource("erasures", "Being forgotten, with a receipt from every place that held a copy.")


@erasures.creates(
    "/me/erasure",
    AskForErasure,
    scope="members:write",
    at="/v1/me/erasure",
    example={"handle": "ann.physio", "remove_texts": False},
)
def ask_for_erasure(asked: Asked, body: NewErasure) -> AskForErasure:
    """Ask to be forgotten.

    From the browser, within five minutes of signing in there: a token is not enough. It begins after the days that the
    operator has set (`due_at`); until then it can be taken back. `number` is shown in this answer only: with it
    the receipts are read at `/erasure-receipts/{number}` when one can sign in no more.
    """
    return AskForErasure(caller=asked.caller, once=asked.once, new=body)


@erasures.reads("/me/erasure", GetErasure, scope="members:read")
def get_erasure(asked: Asked) -> GetErasure:
    """Read how one's erasure stands that has been asked for."""
    check_is_member(asked.caller)
    return GetErasure(caller=asked.caller)


@erasures.changes("DELETE", "/me/erasure", CancelErasure, scope="members:write")
def cancel_erasure(asked: Asked) -> CancelErasure:
    """Think better of it, while it waits."""
    return CancelErasure(caller=asked.caller, once=asked.once)


def receipt_routes(pace: Allowance) -> Blueprint:
    """Where receipts are read by whoever holds an erasure's number: nobody who is forgotten can sign in.

    Args:
        pace: how many numbers one address may try in a minute.
    """
    routes = Blueprint("erasure-receipts", __name__)

    @routes.get("/erasure-receipts/<number>")
    def read_receipts(number: str) -> Response:
        """An erasure and its receipts."""
        left = pace.take(request.remote_addr)
        if pace.per_minute and left.remaining < 0:
            raise Problem("too-many-requests", headers={"Retry-After": str(left.reset)})
        call = ReadErasureReceipts(caller=Caller(), digest=hashlib.sha256(number.encode()).hexdigest())
        reply = current_app.switchboard.call(call)  # type: ignore[attr-defined]
        return Response(
            reply.body,
            content_type="application/json",
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    return routes
