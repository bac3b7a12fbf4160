"""The lines of a file, compressed or not, each read as a model or reported by its number."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from pydantic import BaseModel, ValidationError

from deploy.archive.problems import ArchiveProblem, Malformed

M = TypeVar("M", bound=BaseModel)

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one line; a longer one is no thread that people wrote."""


def read_lines(path: Path, model: type[M]) -> Iterator[M | Malformed]:
    """Read a file of one JSON object a line, one line at a time; empty lines are passed over.

    Raises:
        ArchiveProblem: when the file can't be read at all, or ends in the middle of its compression.
    """
    number = 0
    try:
        with _opened(path) as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise ArchiveProblem(f"{path.name}, line {number}: is longer than 64 MiB.")
                if not line.isspace():
                    yield _read(path.name, number, line, model)
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveProblem(f"{path.name} can't be read after line {number}: {error}.") from None


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _read(file: str, number: int, line: bytes, model: type[M]) -> M | Malformed:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = first["msg"].removeprefix("Value error, ")
        return Malformed(file, number, f"{where}: {what}" if where else what)
