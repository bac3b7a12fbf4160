"""`commonplace import`: brings an archive in, with its own times and authors, and without telling anybody."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from deploy.archive.bringing_in import bring_threads
from deploy.archive.organisations import NamedOrganisation, Spread, read_organisations, read_spread
from deploy.archive.report import Report
from deploy.archive.settling import bring_people, register_organisations, settle_communities
from deploy.archive.source import Source, name_of
from deploy.archive.survey import Survey, survey
from deploy.archive.threads import Topics
from deploy.node.asking import SECONDS_FOR_A_CALL, Asking
from deploy.node.problems import NodeProblem
from deploy.node.reaching import switchboard
from shared.contracts.calls.discussion import Imported
from shared.contracts.vocabulary import Visibility
from shared.errors import Refusal

errors = Console(stderr=True, highlight=False, soft_wrap=True)

A_FILE: Any = {"exists": True, "dir_okay": False, "readable": True}


def register(app: typer.Typer) -> None:
    """Add the subcommand to `commonplace`."""
    app.command(name="import")(import_archive)


def import_archive(
    archive: Annotated[
        Path | None, typer.Argument(help="Threads, one JSON object a line; may end in .gz.", **A_FILE)
    ] = None,
    *,
    organisations: Annotated[
        Path, typer.Option(help="The organisations, a JSON list of names or of names with facts.", **A_FILE)
    ],
    experiences: Annotated[
        Path | None,
        typer.Option(help="Experience reports, one JSON object a line; may end in .gz.", **A_FILE),
    ] = None,
    spread: Annotated[
        Path | None,
        typer.Option(help="Who belongs where: a JSON object from person to organisation.", **A_FILE),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="The archive's name, the same every time; its file's when left out.")
    ] = None,
    topics: Annotated[
        Topics, typer.Option(help="How topics are written; `escaped` as Zulip does.")
    ] = Topics.PLAIN,
    community: Annotated[
        str | None, typer.Option(help="The id of a community that takes everything; else they are made.")
    ] = None,
    visibility: Annotated[
        Visibility, typer.Option(help="Of the communities that are made.")
    ] = Visibility.OPEN,
    facilitator: Annotated[
        str | None, typer.Option(help="Who facilitates those, by name in the archive; else who wrote first.")
    ] = None,
    experiences_community: Annotated[
        str, typer.Option(help="The title of the community that takes the experience reports.")
    ] = "Experiences",
    skip_malformed: Annotated[
        bool, typer.Option("--skip-malformed", help="Pass over lines that can't be read.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many threads, and so many reports.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report for programs, on standard output.")] = False,
) -> None:
    """Bring in an archive: threads and experience reports of another place.

    Original times and authors are kept, and nobody is notified. It may be repeated, and goes on where it was
    interrupted: nothing comes in twice. docs/import.md describes the files.
    """
    first = archive or experiences
    if first is None:
        raise typer.BadParameter("name an archive, or --experiences, or both")
    if community is not None and not (len(community) == 24 and set(community) <= set("0123456789abcdef")):
        raise typer.BadParameter("--community takes a community's id, 24 hexadecimal digits")
    chosen = Source(
        name=source or name_of(first),
        threads=archive,
        reports=experiences,
        reports_community=experiences_community,
        topics=topics,
        community=community,
        visibility=visibility,
        facilitator=facilitator,
        limit=limit,
    )
    report = Report()
    problem = None
    try:
        here = read_organisations(organisations)
        entries = read_spread(spread, here) if spread else {}
        _bring_in(chosen, here, Spread(here, entries, chosen.name), skip_malformed, report)
    except NodeProblem as refused:
        problem = str(refused)
    except Refusal as refused:
        problem = f"The node refuses this archive: {refused.sentence}"
    finally:
        report.end()
    if as_json:
        print(json.dumps(report.as_json(problem), ensure_ascii=False))
    if problem is not None:
        errors.print(f"[bold red]✗[/] {escape(problem)}")
        sys.exit(1)
    if not as_json:
        errors.print(f"[green]✓[/] {escape(report.as_sentence())}")


def _bring_in(
    source: Source,
    organisations: list[NamedOrganisation],
    spread: Spread,
    skip_malformed: bool,
    report: Report,
) -> None:
    with _bars() as bars:
        reading = bars.add_task("Reading", total=None, unit="threads")
        found = survey(source, spread, skip_malformed=skip_malformed, each=lambda: bars.advance(reading))
        bars.update(reading, total=found.threads + found.passed_over)
        _note(found, report)
        with switchboard("import", SECONDS_FOR_A_CALL) as line:
            asking = Asking(line)
            register_organisations(asking, organisations)
            report.organisations = len(organisations)
            communities = settle_communities(asking, source, found)
            report.communities = len(set(communities.values()))
            settling = bars.add_task("People", total=report.people, unit="people")
            bring_people(asking, found.people, communities, lambda came: bars.advance(settling, came))
            bars.update(settling, completed=report.people)
            sending = bars.add_task("Posts", total=found.posts, unit="posts")

            def came(posts: int, new: Imported) -> None:
                report.came(posts, new)
                bars.advance(sending, posts)

            report.begin()
            bring_threads(asking, source, communities, found.scattered, came)


def _note(found: Survey, report: Report) -> None:
    report.people = found.people.count()
    report.threads, report.posts = found.threads, found.posts
    report.passed_over = found.passed_over
    report.malformed = [str(line) for line in found.malformed]


class Speed(ProgressColumn):
    """How many of a task's units are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the speed, nothing while it is not known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} {task.fields['unit']}/s", style="dim")


@contextmanager
def _bars() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        Speed(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bars:
        yield bars
