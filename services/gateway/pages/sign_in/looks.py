"""How pages are made: templates, their headers, and the pages for what went wrong."""

from flask import Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from secure import ContentSecurityPolicy

from services.gateway.door.security_headers import with_policy
from services.gateway.problems import KINDS

HERE = "services.gateway.pages.sign_in"


class Looks:
    """Renders the pages of one family.

    Args:
        https: whether the gateway is reached over HTTPS.
        family: the package whose templates they are; frame, style and apology are the same for all.
    """

    def __init__(self, https: bool, family: str = HERE) -> None:
        self._templates = Environment(
            loader=ChoiceLoader([PackageLoader(name) for name in dict.fromkeys((family, HERE))]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        policy = (
            ContentSecurityPolicy()
            .default_src("'none'")
            .style_src("'self'")
            .form_action("'self'")
            .frame_ancestors("'none'")
            .base_uri("'none'")
        )
        # Our own forms need to say from where they come; nobody else is to learn an address of ours.
        headers = {
            **with_policy(policy, https),
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
        self._headers = headers

    def page(self, name: str, status: int = 200, **told: object) -> Response:
        """One page."""
        body = self._templates.get_template(f"{name}.html").render(**told)
        return Response(body, status, self._headers, content_type="text/html; charset=utf-8")

    def sorry(self, code: str, sentence: str = "", contact: str | None = None) -> Response:
        """The page for what went wrong."""
        kind = KINDS[code]
        return self.page(
            "sorry", kind.status, title=kind.title, sentence=sentence or kind.advice, contact=contact
        )

    def style(self) -> Response:
        """The style sheet of all pages."""
        source = self._templates.loader.get_source(self._templates, "style.css")[0]  # type: ignore[union-attr]
        headers = {**self._headers, "Cache-Control": "public, max-age=3600"}
        return Response(source, 200, headers, content_type="text/css; charset=utf-8")
