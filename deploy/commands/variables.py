"""`commonplace variables`: every variable by which an operator changes something."""

import typer

from deploy.documents.variables import variables_page


def register(app: typer.Typer) -> None:
    """Add the subcommand to `commonplace`."""
    app.command(name="variables")(variables)


def variables() -> None:
    """Print the page that lists the COMMONPLACE_ variables, in Markdown."""
    print(variables_page(), end="")
