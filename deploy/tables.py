"""How a command shows a list: a table for people at a terminal, lines with tabs for whatever it is piped into.

Nothing is ever cut: an id that lacks its end is of no use to the next command. At a terminal long texts are
folded within their column, words stay whole, and a table that is wider than the terminal goes on below.
"""

import sys
from collections.abc import Iterable, Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

LONGEST_WORD = 40
"""Characters that are kept on one line: ids, times, handles, and not whole addresses."""


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of plain text under these headings; where no terminal is, without headings and frame."""
    if sys.stdout.isatty():
        Console(highlight=False, soft_wrap=True).print(table(columns, rows))
        return
    for row in rows:
        typer.echo("\t".join(" ".join(cell.split()) for cell in row))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose words are whole, however narrow the terminal is."""
    listed = [list(row) for row in rows]
    made = Table()
    for number, name in enumerate(columns):
        words = [word for row in [columns, *listed] for word in row[number].split()]
        made.add_column(name, overflow="fold", min_width=min(LONGEST_WORD, max(map(len, words), default=1)))
    for row in listed:
        made.add_row(*map(escape, row))
    return made
