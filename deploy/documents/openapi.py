"""The OpenAPI document of the gateway, without a gateway that runs."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.gateway.app import create_app
from services.gateway.settings import GatewaySettings
from services.gateway.switchboard import Switchboard


class _Nobody(Switchboard):
    """Makes no connection and no call: a document needs none."""

    def __init__(self) -> None:
        pass


def openapi_document(public_url: str) -> dict[str, Any]:
    """Return what a gateway under `public_url` serves at /v1/openapi.json."""
    with TemporaryDirectory() as keys:
        app = create_app(GatewaySettings(public_url=public_url, keys=Path(keys)), _Nobody())
    with app.app_context():
        document: dict[str, Any] = app.api_doc
    return document
