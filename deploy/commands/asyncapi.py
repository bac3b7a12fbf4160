"""`commonplace asyncapi` and `commonplace contracts`: what the services tell each other, for machines and people."""

import json

import typer

from deploy.documents.asyncapi import asyncapi_document
from deploy.documents.contracts import contracts_page


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    app.command(name="asyncapi")(asyncapi)
    app.command(name="contracts")(contracts)


def asyncapi() -> None:
    """Print the AsyncAPI 3 document of all facts (docs/asyncapi.json)."""
    print(json.dumps(asyncapi_document(), indent=2, ensure_ascii=False))


def contracts() -> None:
    """Print the page about all facts (docs/contracts.md)."""
    print(contracts_page(), end="")
