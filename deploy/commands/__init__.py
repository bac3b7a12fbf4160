"""The `commonplace` command. Each file beside this one brings its subcommands: a function `register(app)`."""

import sys
from importlib import import_module
from pkgutil import iter_modules

import structlog
import typer
from rich.console import Console
from rich.markup import escape

from deploy.node.problems import NodeProblem

app = typer.Typer(
    name="commonplace",
    help="Run and look after a Commonplace node.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the subcommand that was named; a problem that a person can solve is one sentence, and exit 1.

    What is logged on the way goes to standard error: standard output is the answer, which programs read.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for module in sorted(module.name for module in iter_modules(__path__)):
        import_module(f"{__name__}.{module}").register(app)
    try:
        app()
    except NodeProblem as problem:
        errors = Console(stderr=True, soft_wrap=True)
        errors.print(f"[bold red]✗[/] {escape(str(problem))}", highlight=False)
        sys.exit(1)
