"""`commonplace openapi`: what the gateway may be asked, for machines."""

import json
from typing import Annotated

import typer

from deploy.documents.openapi import openapi_document


def register(app: typer.Typer) -> None:
    """Add the subcommand to `commonplace`."""
    app.command(name="openapi")(openapi)


def openapi(
    public_url: Annotated[
        str, typer.Option(help="Where the gateway will be reached.")
    ] = "http://127.0.0.1:8800",
) -> None:
    """Print the OpenAPI 3.1 document of the gateway; a running one serves it at /v1/openapi.json."""
    print(json.dumps(openapi_document(public_url), indent=2, ensure_ascii=False))
