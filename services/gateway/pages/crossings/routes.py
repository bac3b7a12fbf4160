"""The page at /crossings: parse → ask → a page."""

import re
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from services.gateway.auth.allowance import Allowance
from services.gateway.auth.browser import secret_of
from services.gateway.auth.callers import Callers
from services.gateway.pages.crossings.asking import Asking
from services.gateway.pages.crossings.words import KINDS, REASONS
from services.gateway.pages.sign_in.looks import Looks
from services.gateway.pages.sign_in.reading import read_once
from services.gateway.problems import Problem, of_refusal
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from shared.errors import NotFound, Refusal

PATH = "/crossings"
ITEM = re.compile(r"(?:.*/)?([0-9a-f]{24})/?")
LONGEST = 300


class CrossingPages:
    """The page.

    Args:
        switchboard: makes the calls.
        callers: says who is signed in at a browser.
        pace: how many of these requests are taken in a minute from one address.
        https: whether the gateway is reached over HTTPS.
    """

    def __init__(self, switchboard: Switchboard, callers: Callers, pace: Allowance, https: bool) -> None:
        self._asking = Asking(switchboard)
        self._callers = callers
        self._pace = pace
        self._looks = Looks(https, "services.gateway.pages.crossings")

    def keep_pace(self) -> Response | None:
        """Turn away who asks too often."""
        if self._pace.per_minute and (left := self._pace.take(request.remote_addr)).remaining < 0:
            answer = self._looks.sorry("too-many-requests", f"Wait {left.reset} seconds, then try again.")
            answer.headers["Retry-After"] = str(left.reset)
            return answer
        return None

    def show(self) -> Response:
        """The question, and when it was asked its answer."""
        caller = self._caller()
        if caller is None:
            asked = request.full_path.rstrip("?")
            return Response(
                status=303,
                headers={"Location": f"/sign-in?{urlencode({'next': asked})}", "Cache-Control": "no-store"},
            )
        given = read_once(request.args)
        item, organisation = (given.get(name, "").strip()[:LONGEST] for name in ("item", "organisation"))
        names = self._asking.organisations(caller)
        if not item and not organisation:
            return self._page(names, item, organisation)
        found, whom = ITEM.fullmatch(item), _named(organisation, names)
        if found is None:
            fault = "Give the address of a thread or post, or its id: 24 digits from 0 to f."
            return self._page(names, item, organisation, 422, item_fault=fault)
        if whom is None:
            fault = "There is no organisation of this name here. Choose one from the list."
            return self._page(names, item, organisation, 422, organisation_fault=fault)
        try:
            crossing = self._asking.crossing(caller, found[1], whom)
        except NotFound:
            fault = (
                "There is no such thread or post that you may read and that your organisation's people "
                "wrote, or that crosses to your organisation."
            )
            return self._page(names, item, organisation, 404, item_fault=fault)
        return self._page(
            names,
            item,
            names.get(whom, organisation),
            crossing=crossing,
            receiver=names.get(whom, organisation),
            source=names.get(crossing.source or "", "an organisation of which nothing is known any more"),
        )

    def turn_away(self, problem: Problem) -> Response:
        """What the door itself refuses, as a page."""
        answer = self._looks.sorry(problem.code, problem.detail)
        answer.headers.update(problem.headers)
        return answer

    def refuse(self, refusal: Refusal) -> Response:
        """What a service refuses, as a page."""
        problem = of_refusal(refusal)
        answer = self._looks.sorry(problem.code, refusal.sentence)
        answer.headers.update(problem.headers)
        return answer

    def _caller(self) -> Caller | None:
        secret = secret_of(request)
        if secret is None:
            return None
        try:
            return self._callers.by_sign_in(secret, address=request.remote_addr)
        except Problem as problem:
            if problem.code == "unauthenticated":
                return None
            raise

    def _page(
        self, names: dict[str, str], item: str, organisation: str, status: int = 200, **more: object
    ) -> Response:
        told: dict[str, object] = {
            "organisations": sorted(names.values()),
            "item": item,
            "organisation": organisation,
            "item_fault": "",
            "organisation_fault": "",
            "crossing": None,
            "kinds": KINDS,
            "reasons": REASONS,
        }
        return self._looks.page("crossings", status, **(told | more))


def _named(text: str, names: dict[str, str]) -> str | None:
    """The id of the organisation with that name, or with that id; None when there is none."""
    if text in names or (len(names) >= 2_000 and re.fullmatch(r"[0-9a-f]{24}", text)):
        return text
    wanted = text.casefold()
    return next((id for id, name in names.items() if name.casefold() == wanted), None)


def crossing_routes(pages: CrossingPages) -> Blueprint:
    """The address of the page."""
    routes = Blueprint("crossings_page", __name__)
    routes.before_request(pages.keep_pace)
    routes.get(PATH)(pages.show)
    routes.register_error_handler(Problem, pages.turn_away)
    routes.register_error_handler(Refusal, pages.refuse)
    return routes
