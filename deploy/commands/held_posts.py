"""`commonplace held-posts list | show | release | decline`: where a community has nobody else who may decide."""

import json
from typing import Annotated

import typer
from rich.console import Console

from deploy import tables
from deploy.node.operating import operate
from deploy.node.pages import listed
from shared.contracts.calls.call import Page
from shared.contracts.calls.discussion import (
    DecideHeldPost,
    GetHeldPost,
    HeldPost,
    ListHeldPosts,
    WholeHeldPost,
)

console = Console(highlight=False, soft_wrap=True, markup=False)
commands = typer.Typer(
    help="Decide about held posts where nobody in the community may.", no_args_is_help=True
)

Held = Annotated[str, typer.Argument(help="The id of the held post.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="list")(list_waiting)
    commands.command()(show)
    commands.command()(release)
    commands.command()(decline)
    app.add_typer(commands, name="held-posts")


def list_waiting(
    community: Annotated[
        str, typer.Argument(help="The id of the community; `commonplace communities list`.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List what waits in a community, longest wait first; nothing of what is to be said."""
    waiting = listed(ListHeldPosts, Page[HeldPost], limit, community=community)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in waiting], indent=2))
        return
    tables.show(("id", "held at", "of", "found"), map(_row, waiting))


def _row(held: HeldPost) -> tuple[str, ...]:
    found = ", ".join(f"{each.count} × {each.what.value}" for each in held.found)
    return held.held_post, f"{held.held_at:%Y-%m-%d %H:%M}", str(held.of), found


def show(held_post: Held) -> None:
    """Show a held post with what is to be said."""
    print(operate(GetHeldPost, WholeHeldPost, held_post=held_post).model_dump_json(indent=2))


def release(held_post: Held) -> None:
    """Say it now, in its author's name."""
    _decide(held_post, {"release": True})


def decline(held_post: Held, reason: Annotated[str, typer.Option(help="Why; its author reads it.")]) -> None:
    """Decline it; what was to be said is deleted."""
    _decide(held_post, {"release": False, "reason": reason})


def _decide(held_post: str, decision: dict[str, object]) -> None:
    seen = operate(GetHeldPost, WholeHeldPost, held_post=held_post).revision
    decided = operate(DecideHeldPost, HeldPost, held_post=held_post, decision=decision, revision=seen)
    console.print(f"Held post {held_post} is {decided.state}.")
