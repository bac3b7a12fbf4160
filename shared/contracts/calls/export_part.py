"""A part of what a member takes away with them, as each service hands out its own."""

from shared.contracts.calls.call import Answer


class ExportPart(Answer):
    """`items` are JSON objects with commas between, which belong into the file `file`; none when there is nothing to tell."""

    file: str
    items: str
