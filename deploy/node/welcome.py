"""The page of text that ends `make up`: where the node is, who can sign in, the main job in one command."""

import json
import shlex
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict


class DemoPerson(BaseModel):
    """Somebody of the demo communities, and the token that acts for them."""

    model_config = ConfigDict(extra="ignore")

    name: str
    organisation: str
    role: str | None
    """In the community; None for who has left it."""
    token: str
    email: str | None = None


class DemoCommunity(BaseModel):
    """A community that the three people share."""

    model_config = ConfigDict(extra="ignore")

    id: str
    name: str
    archived: bool = False


class Demo(BaseModel):
    """What `commonplace demo` prints: people of different organisations, and their community.

    A demo that was used may have changed: `gone` are those who cannot sign in any more, `refused` is what the
    node would not make again.
    """

    model_config = ConfigDict(extra="ignore")

    community: DemoCommunity
    people: Sequence[DemoPerson]
    gone: Sequence[str] = ()
    refused: Sequence[str] = ()


def welcome(url: str, stream_url: str, demo: Demo, operators: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        url: where the gateway answers.
        stream_url: where live events are.
        demo: who is there; the first in the community asks, the second finds the question in the inbox.
        operators: addresses for those who run the node, by what is there; may be empty.
    """
    lines = [
        "",
        f"Commonplace is up: {url}",
        "",
        f"  the API, to read and try   {url}/v1/docs",
        f"  live events                {stream_url}/v1/stream",
        f"  to sign in with a browser  {url}/sign-in",
        *(f"  {what:<26} {address}" for what, address in operators.items()),
        "",
        *_people(demo),
        *_main_job(url, demo),
        "",
        "`make status` says how it is, `make logs` what it says, `make down` stops it,",
        "`make reset` forgets everything, once you have said yes.",
        "",
    ]
    return "\n".join(lines)


def _people(demo: Demo) -> list[str]:
    """Who can sign in, and who of the demo no longer can."""
    lines = []
    if demo.people:
        lines += [
            f"Three people share the community “{demo.community.name}”. A token signs in as its owner,"
            if not demo.gone
            else f"The community “{demo.community.name}” was made with three people. A token signs in as its owner,",
            "and to the address a link to sign in with a browser is mailed:",
            "",
        ]
    for person in demo.people:
        lines.append(f"  {person.name}, {person.role or 'who left the community'}, {person.organisation}")
        lines += [f"    {known}" for known in (person.email, person.token) if known]
    if demo.gone:
        lines += ["", f"No longer there to sign in: {', '.join(demo.gone)}."]
    if demo.refused:
        lines += ["", "The demo was changed; what the node would not make again was passed over:"]
        lines += [f"  {one}" for one in demo.refused]
    return lines


def _main_job(url: str, demo: Demo) -> list[str]:
    """The main job as commands, or why there are none."""
    sharing = [person for person in demo.people if person.role]
    if demo.community.archived or len(sharing) < 2:
        why = "it is archived" if demo.community.archived else "fewer than two of them are left in it"
        return [
            "",
            f"Nobody can ask another in “{demo.community.name}”: {why}. `make reset` makes everything anew.",
        ]
    asking, told = sharing[:2]
    question = {"kind": "question", "title": "Who has tried group sessions at home?", "text": "What worked?"}
    return [
        "",
        f"{asking.name} asks. {told.name}, in another organisation, finds it in the inbox a moment later, with the reason:",
        "",
        *_curl("POST", f"{url}/v1/communities/{demo.community.id}/threads", asking.token, question),
        "  sleep 1  # the question is on its way",
        *_curl("GET", f"{url}/v1/inbox", told.token),
    ]


def _curl(method: str, url: str, token: str, body: Mapping[str, str] | None = None) -> list[str]:
    words = [f"  curl -s {url}", f"-H 'Authorization: Bearer {token}'"]
    if body is not None:
        words += [
            f"-X {method} -H 'Content-Type: application/json' -H \"Idempotency-Key: $RANDOM-$RANDOM\"",
            f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
        ]
    return " \\\n    ".join(words).splitlines()
