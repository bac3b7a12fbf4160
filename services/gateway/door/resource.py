"""A resource's routes: each parses, makes one call and answers; what is the same for all of them is here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from flask import Response, current_app, g, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from services.gateway.door import reading
from services.gateway.door.answering import answer
from services.gateway.door.bodies import Bodies, sender
from services.gateway.door.operation import Method, Operation
from services.gateway.problems import Fault, Problem
from shared.contracts.calls.call import Call, Caller, Once

PREFIX = "/v1"
R = TypeVar("R", bound=Callable[..., Call])


@dataclass(frozen=True)
class Asked:
    """What a route knows of a request besides its address, query and body.

    Args:
        caller: who asks.
        once: the promise to do it once, when one was given.
        revision: what is to be changed, of operations that need If-Match.
        door: the gateway's public address.
    """

    caller: Caller
    once: Once | None = None
    revision: int = 0
    door: str = ""


class Resource(APIBlueprint):
    """The routes of one resource.

    A route is a function from `asked: Asked` and, as far as it needs them, `path`, `query` and `body`
    (models, read before it is called) to the one call that is made.

    Args:
        name: the resource, which is also its tag in the document.
        about: one sentence on what it is.
        names_callers: see `Operation`.
    """

    def __init__(self, name: str, about: str, *, names_callers: bool = True) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, abp_tags=[Tag(name=name, description=about)])
        self.operations: list[Operation] = []
        self.names_callers = names_callers

    def reads(self, rule: str, call: type[Call], *, scope: str, id: str = "") -> Callable[[R], R]:
        """A route that changes nothing."""
        return self._route("GET", rule, call, scope=scope, id=id)

    def creates(
        self,
        rule: str,
        call: type[Call],
        *,
        scope: str,
        at: str | None = None,
        example: dict[str, Any] | None = None,
        later: bool = False,
    ) -> Callable[[R], R]:
        """A route that makes something new, found at `at` afterwards, or begins to (`later`)."""
        return self._route(
            "POST", rule, call, scope=scope, creates=True, later=later, location=at, example=example
        )

    def changes(
        self,
        method: Method,
        rule: str,
        call: type[Call],
        *,
        scope: str,
        id: str = "",
        example: dict[str, Any] | None = None,
    ) -> Callable[[R], R]:
        """A route that changes or ends what is there."""
        return self._route(method, rule, call, scope=scope, id=id, example=example)

    def _route(
        self, method: Method, rule: str, call: type[Call], *, id: str = "", **rest: Any
    ) -> Callable[[R], R]:
        def register(make_call: R) -> R:
            parts = {
                name: hint
                for name, hint in get_type_hints(make_call).items()
                if name in ("path", "query", "body")
            }
            operation = Operation(
                id or call.method(),
                call,
                method,
                f"{PREFIX}{rule}",
                names_callers=self.names_callers,
                **rest,
                **parts,
            )
            self.operations.append(operation)
            document = getattr(self, method.lower())(
                rule,
                operation_id=operation.id,
                description=_description(make_call),
                summary=_summary(make_call),
            )
            document(_view(operation, make_call))
            return make_call

        return register


def _view(operation: Operation, make_call: Callable[..., Call]) -> Callable[..., Response]:
    @wraps(make_call)
    def view(**parts: str) -> Response:
        read: dict[str, Any] = {}
        if operation.path:
            read["path"] = reading.read_path(operation.path, parts)
        if operation.query:
            read["query"] = reading.read_query(operation.query, request)
        else:
            reading.refuse_query(request)
        reading.refuse_long_condition(request)
        revision = reading.read_revision(request) if operation.needs_revision else 0
        bodies: Bodies = current_app.bodies  # type: ignore[attr-defined]
        body = b""
        if operation.body:
            body = bodies.whole(request, sender(g.caller))
        elif not bodies.is_empty(request, sender(g.caller)):
            raise Problem("invalid", errors=[Fault("body", "is not known here")])
        once = reading.read_once(operation, g.caller, request, body)
        if operation.body:
            read["body"] = reading.read_body(operation.body, request, body)
        door = current_app.settings.issuer  # type: ignore[attr-defined]
        call = make_call(Asked(g.caller, once, revision, door), **read)
        return answer(operation, current_app.switchboard.call(call), request)  # type: ignore[attr-defined]

    view.operation = operation  # type: ignore[attr-defined]
    # flask-openapi documents the parts but would read them in its own, laxer way.
    view.__delay_validate_request__ = True  # type: ignore[attr-defined]
    return view


def _summary(route: Callable[..., Call]) -> str:
    return (route.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def _description(route: Callable[..., Call]) -> str:
    lines = (route.__doc__ or "").strip().partition("\n")[2].strip().splitlines()
    return " ".join(line.strip() for line in lines)
