"""What commands list can be copied from: no id is cut, and what is piped on has no frame."""

import io

import pytest
from rich.console import Console

from deploy.tables import show, table

ID = "d18bd84986a1bf1ebc90aa31"
COLUMNS = ("number", "at", "act", "by", "through", "concerns")
ROW = ("1", "2026-11-26 16:00:00", "ChangeClientKeys", ID, ID, f"member {ID}, organisation {ID[::-1]}")


@pytest.mark.parametrize("width", [20, 80, 300])
def test_no_id_is_cut_however_narrow_the_terminal_is(width: int) -> None:
    terminal = Console(width=width, file=io.StringIO(), highlight=False, soft_wrap=True)
    terminal.print(table(COLUMNS, [ROW]))
    said = terminal.file.getvalue()  # type: ignore[attr-defined] # a StringIO, which we gave
    assert said.count(ID) == 3 and ID[::-1] in said and "…" not in said


def test_what_somebody_wrote_cannot_format_the_table() -> None:
    terminal = Console(width=80, file=io.StringIO(), soft_wrap=True)
    terminal.print(table(("name",), [("Board [red]north[/]",)]))
    assert "[red]north[/]" in terminal.file.getvalue()  # type: ignore[attr-defined] # as above


def test_what_is_piped_on_are_lines_with_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, [ROW, ("2", "", "An\tact\nof two lines", *ROW[3:])])
    first, second = capsys.readouterr().out.splitlines()
    assert tuple(first.split("\t")) == ROW
    assert second.split("\t")[:3] == ["2", "", "An act of two lines"]
