"""`commonplace demo`: demo communities on a node, and how to sign in to them."""

import json
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from deploy.demo import cast
from deploy.demo.agreeing import agree
from deploy.demo.credentials import Kept, credentials
from deploy.demo.making import make
from deploy.demo.passing_over import PassingOver
from deploy.demo.standing import Standing, standing
from deploy.node.asking import Asking
from deploy.node.folder import node_folder
from deploy.node.reaching import switchboard
from deploy.node.settings import NodeSettings
from deploy.node.up import running_settings
from deploy.node.welcome import Demo, welcome

PATIENCE = 60.0
SECONDS_FOR_A_CALL = 20.0


def register(app: typer.Typer) -> None:
    """Add the subcommand to `commonplace`."""
    app.command(name="demo")(demo)


def demo(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Make demo communities of four organisations, and say how to sign in as three people.

    Nothing is made twice. The tokens are kept in the node's folder, readable for its owner only.
    """
    settings = running_settings(node_folder())
    said = make_demo(settings)
    if as_json:
        print(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        url = f"http://127.0.0.1:{settings.port}"
        print(welcome(url, f"http://127.0.0.1:{settings.stream_port}", Demo.model_validate(said), {}))


def make_demo(settings: NodeSettings) -> dict[str, Any]:
    """Make what isn't there yet of the demo communities; returns what `told` says of them.

    What people have changed stays so: where the node refuses to make a thing again, the rest is made.

    Raises NodeProblem when the node can't be reached.
    """
    folder = node_folder()
    passing = PassingOver()
    with switchboard("demo", SECONDS_FOR_A_CALL) as line:
        asking = Asking(line, PATIENCE)
        make(asking, datetime.now(UTC), passing)
        with passing.step("The agreement"):
            agree(asking, datetime.now(UTC))
        kept = credentials(asking, folder.secrets, passing)
        found = standing(asking)
    return told(kept, found, passing.refused, f"http://127.0.0.1:{settings.port}")


def told(kept: Kept, found: Standing, refused: Sequence[str], url: str) -> dict[str, Any]:
    """What a program is told: communities, people with tokens, the client, and the main job as commands.

    Args:
        kept: the credentials; who has no token is named as `gone`.
        found: how the open community is; without two people in it there are no commands.
        refused: what the node refused to make again.
        url: where the gateway answers.
    """
    falls, closed = cast.FALLS, cast.EVALUATION
    people = [
        {
            "id": person.id,
            "name": person.new.name,
            "handle": person.new.handle,
            "organisation": person.organisation.new.name,
            "role": role.value if (role := found.roles.get(person.id)) else None,
            "email": person.new.email,
            "token": token,
        }
        for person in cast.SIGNING_IN
        if (token := kept.tokens.get(person.id))
    ]
    return {
        "community": {"id": falls.id, "name": falls.new.title, "archived": found.archived},
        "closed_community": {"id": closed.id, "name": closed.new.title},
        "people": people,
        "gone": [person.new.name for person in cast.SIGNING_IN if person.id not in kept.tokens],
        "refused": list(refused),
        "client": None
        if kept.client is None
        else {**kept.client.model_dump(), "organisation": cast.CLIENT_OF.new.name},
        "commands": _commands(found, [one["token"] for one in people if one["role"]], url),
    }


def _commands(found: Standing, tokens: Sequence[str | None], url: str) -> dict[str, str]:
    """The main job: somebody asks, another finds it in the inbox; empty where nobody can."""
    if found.archived or len(tokens) < 2:
        return {}
    asking, answering = tokens[:2]
    question = {
        "kind": "question",
        "title": "Who has tried hip protectors?",
        "text": "Did people keep wearing them?",
    }
    return {
        "ask": f"curl -s {url}/v1/communities/{cast.FALLS.id}/threads -H 'Authorization: Bearer {asking}' "
        "-H 'Content-Type: application/json' -H \"Idempotency-Key: $RANDOM-$RANDOM\" "
        f"-d {shlex.quote(json.dumps(question))}",
        "inbox": f"curl -s {url}/v1/inbox -H 'Authorization: Bearer {answering}'",
    }
