"""The page at /crossings: parse → ask → a page."""

import re
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from services.gateway.auth.allowance import Allowance
from services.gateway.pages.crossings.asking import MOST_NAMES, Asking
from services.gateway.pages.crossings.words import KINDS, REASONS
from services.gateway.pages.sign_in.looks import Looks
from services.gateway.pages.sign_in.reading import read_once
from services.gateway.pages.sign_in.signed_in import SignedIn, lead_to
from services.gateway.problems import Problem
from shared.errors import NotFound, Refusal

PATH = "/crossings"
ITEM = re.compile(r"(?:.*/)?([0-9a-f]{24})/?")
ID = re.compile(r"[0-9a-f]{24}")
LONGEST = 300


class CrossingPages:
    """The page.

    Args:
        asking: makes the calls.
        signed_in: says who is signed in at a browser.
        looks: renders it.
        pace: how many of these requests are taken in a minute from one address.
    """

    def __init__(self, asking: Asking, signed_in: SignedIn, looks: Looks, pace: Allowance) -> None:
        self._asking = asking
        self._signed_in = signed_in
        self._looks = looks
        self._pace = pace

    def keep_pace(self) -> Response | None:
        """Turn away who asks too often."""
        if self._pace.per_minute and (left := self._pace.take(request.remote_addr)).remaining < 0:
            return self._looks.too_often(left.reset)
        return None

    def show(self) -> Response:
        """The question, and when it was asked its answer."""
        caller = self._signed_in.who(request)
        if caller is None:
            return lead_to(f"/sign-in?{urlencode({'next': request.full_path.rstrip('?')})}")
        given = read_once(request.args)
        item, organisation = (given.get(name, "").strip()[:LONGEST] for name in ("item", "organisation"))
        names = self._asking.organisations(caller)
        if not item and not organisation:
            return self._page(names, item, organisation)
        found, called = ITEM.fullmatch(item), _called(organisation, names)
        if found is None:
            fault = "Give the address of a thread or post, or its id: 24 digits from 0 to f."
            return self._page(names, item, organisation, 422, item_fault=fault)
        if len(called) != 1:
            fault = (
                f"Several organisations here have this name. Give the id of one: {', '.join(called)}."
                if called
                else "There is no organisation of this name here. Choose one from the list."
            )
            return self._page(names, item, organisation, 422, organisation_fault=fault)
        (whom,) = called
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

    def refuse(self, error: Problem | Refusal) -> Response:
        """What the door or a service refuses, as a page."""
        return self._looks.refused(error)

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


def _called(text: str, names: dict[str, str]) -> list[str]:
    """The ids of the organisations with that name, or the one with that id."""
    if text in names or (len(names) >= MOST_NAMES and ID.fullmatch(text)):
        return [text]
    wanted = text.casefold()
    return sorted(id for id, name in names.items() if name.casefold() == wanted)


def crossing_routes(pages: CrossingPages) -> Blueprint:
    """The address of the page."""
    routes = Blueprint("crossings_page", __name__)
    routes.before_request(pages.keep_pace)
    routes.get(PATH)(pages.show)
    routes.register_error_handler(Problem, pages.refuse)
    routes.register_error_handler(Refusal, pages.refuse)
    return routes
