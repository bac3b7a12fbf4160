"""How pages are made: templates, their headers, and the pages for what went wrong."""

from flask import Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from secure import ContentSecurityPolicy

from services.gateway.door.security_headers import with_policy
from services.gateway.problems import KINDS, Problem, of_refusal
from shared.errors import Refusal

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
        self._headers = _headers(_policy(), https)
        self._with_script = _headers(_policy().script_src("'self'").connect_src("'self'"), https)

    def page(self, name: str, status: int = 200, **told: object) -> Response:
        """One page, on which no script runs."""
        body = self._templates.get_template(f"{name}.html").render(**told)
        return Response(body, status, self._headers, content_type="text/html; charset=utf-8")

    def with_script(self, name: str, status: int = 200, **told: object) -> Response:
        """One of the pages that ask for a passkey, which no browser does without a script."""
        page = self.page(name, status, **told)
        page.headers.update(self._with_script)
        return page

    def sorry(self, code: str, sentence: str = "", contact: str | None = None) -> Response:
        """The page for what went wrong."""
        kind = KINDS[code]
        told = {"title": kind.title, "sentence": sentence or kind.advice, "contact": contact}
        return self.page("sorry", kind.status, again=code == "sign-in-needed", **told)

    def refused(self, error: Problem | Refusal) -> Response:
        """The page for what the door or a service refuses."""
        problem = of_refusal(error) if isinstance(error, Refusal) else error
        answer = self.sorry(problem.code, error.sentence if isinstance(error, Refusal) else problem.detail)
        answer.headers.update(problem.headers)
        return answer

    def too_often(self, seconds: int) -> Response:
        """The page for who has to wait."""
        answer = self.sorry("too-many-requests", f"Wait {seconds} seconds, then try again.")
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def source(self, name: str, kind: str) -> Response:
        """What all pages load: the style sheet, the script."""
        source = self._templates.loader.get_source(self._templates, name)[0]  # type: ignore[union-attr]
        headers = {**self._headers, "Cache-Control": "public, max-age=3600"}
        return Response(source, 200, headers, content_type=f"{kind}; charset=utf-8")


def _policy() -> ContentSecurityPolicy:
    return (
        ContentSecurityPolicy()
        .default_src("'none'")
        .style_src("'self'")
        .form_action("'self'")
        .frame_ancestors("'none'")
        .base_uri("'none'")
    )


def _headers(policy: ContentSecurityPolicy, https: bool) -> dict[str, str]:
    """Our own forms need to say from where they come; nobody else is to learn an address of ours."""
    return {**with_policy(policy, https), "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
