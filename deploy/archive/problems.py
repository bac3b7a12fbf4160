"""How an archive, or a file beside it, is refused."""

from typing import NamedTuple

from deploy.node.problems import NodeProblem


class ArchiveProblem(NodeProblem):
    """One clear sentence for a person: what is wrong with the archive, and where."""


class Malformed(NamedTuple):
    """A line that can't be read.

    Args:
        file: the file's name.
        line: its number, from 1.
        what: what is wrong with it, without quoting it.
    """

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what}"
